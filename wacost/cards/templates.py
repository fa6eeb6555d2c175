"""Cards that a user fills in, copied from the templates that wacost ships."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from wacost.bundled import bundled
from wacost.cards.folder import card_name, new_folder
from wacost.errors import RateCardError
from wacost.names import nearest

_NAME_LINE: Final = re.compile(r'^name = "[^"\n]*"', re.MULTILINE)


def template_names() -> list[str]:
    """Return the names of the templates.

    >>> "twilio" in template_names()
    True
    """
    return sorted(path.parent.name for path in bundled("card_templates").glob("*/card.toml"))


def copy_template(name: str, folder: Path) -> list[Path]:
    """Copy a template to a new folder, whose name the card takes.

    Args:
        name: one of `template_names`.
        folder: must not exist yet, or be empty.

    Returns:
        The files that were written; the card loads once no FILL-IN is left in them.

    Raises:
        RateCardError: no such template, or there is something in the folder's place.
    """
    if name not in template_names():
        hint = nearest(name, template_names(), "template")
        raise RateCardError(f"no template {name!r}", hint=hint)
    own = card_name(folder)
    files = sorted((bundled("card_templates") / name).iterdir())
    with new_folder(folder) as place:
        for file in files:
            text = file.read_text(encoding="utf-8")
            if file.name == "card.toml":
                text = _NAME_LINE.sub(f'name = "{own}"', text, count=1)
            (place / file.name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / file.name for file in files]
