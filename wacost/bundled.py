"""Find the files that wacost ships: in the wheel beside the code, in a checkout in the tree."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Return the folder or file `name` below the shipped data.

    A wheel carries the data inside the package; an editable install finds them in the tree.

    >>> bundled("rates").is_dir(), bundled("notebooks").is_dir()
    (True, True)
    """
    tree = _PACKAGE.parent
    places = (_PACKAGE / "data" / name, tree / "data" / name, tree / name)
    return next((place for place in places if place.exists()), places[1])
