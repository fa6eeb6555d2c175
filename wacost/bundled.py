"""Find the data files that wacost ships: in the wheel beside the code, in a checkout in `data/`."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Return the folder or file `name` below the shipped data.

    A wheel carries the data inside the package; an editable install finds them in the tree.

    >>> bundled("rates").is_dir()
    True
    """
    inside = _PACKAGE / "data" / name
    return inside if inside.exists() else _PACKAGE.parent / "data" / name
