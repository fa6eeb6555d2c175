"""The folder of a new card: made whole beside its place, then put there at once."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from wacost.errors import RateCardError

CARD_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
"""What a card may be called."""


def card_name(folder: Path) -> str:
    """Return the name that the card of a folder has: that of the folder.

    >>> card_name(Path("rates/my-card"))
    'my-card'

    Raises:
        RateCardError: no card can be called so.
    """
    name = folder.absolute().name
    if not CARD_NAME.fullmatch(name):
        raise RateCardError(
            f"{name!r} is no name of a card",
            file=str(folder),
            hint="a card is called as its folder: small letters, digits and - . _",
        )
    return name


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Make a folder whole or not at all: the block fills another one, which then takes its place.

    Raises:
        RateCardError: there is something in its place.
    """
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        hint = "name a new folder, or move what is there out of the way"
        raise RateCardError("there is something in its place", file=str(folder), hint=hint)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-card-", dir=folder.parent) as made:
        place = Path(made) / folder.name
        place.mkdir()
        yield place
        if folder.is_dir():
            folder.rmdir()
        place.rename(folder)
