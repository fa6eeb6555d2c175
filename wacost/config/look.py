"""How printed documents look: a colour that can be read on white, and a logo that does no harm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from wacost.errors import ConfigError

if TYPE_CHECKING:
    from wacost.config.model import Account
    from wacost.config.strict import Place

COLOUR: Final = "#0b5d57"
"""The colour of documents where none is set."""
MOST_BYTES: Final = 512 * 1024
"""The largest logo: it stands in every document."""

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_LEAST_CONTRAST: Final = 4.5
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KINDS: Final = (".svg", ".png")
_CODE: Final = ("script", "foreignobject")
_ELSEWHERE: Final = re.compile(r"@import|url\((?!\s*['\"]?#)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """How the printed documents of an account look.

    Attributes:
        colour: of headings and rules, "#rrggbb".
        logo: the content of the file; b"": none.
        kind: "svg" or "png"; "": none.
    """

    colour: str = COLOUR
    logo: bytes = b""
    kind: str = ""


def colour(value: Any, place: Place) -> str:
    """Read a colour: text in it must be readable on white (WCAG 2.2, contrast 4.5 to 1)."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise place.error(f"{value!r} is no colour", hint='six digits, like "#0b5d57"')
    if (found := contrast(value)) < _LEAST_CONTRAST:
        raise place.error(
            f"{value} is too light to be read on white: its contrast is {found:.1f}",
            hint=f"choose a darker one: at least {_LEAST_CONTRAST} to 1",
        )
    return value.lower()


def contrast(colour: str) -> float:
    """Return the contrast of a colour to white, from 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#ffffff"), 1), round(contrast("#000000"), 1), round(contrast(COLOUR), 1)
    (1.0, 21.0, 7.7)
    """
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in parts
    ]
    red, green, blue = linear
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def logo(value: Any, place: Place) -> str:
    """Read the path of a logo; the file itself is read when documents are written."""
    if not isinstance(value, str) or not value.lower().endswith(_KINDS) or "\x00" in value:
        raise place.error(f"{value!r} is no logo", hint='a file beside wacost.toml: "logo.svg"')
    return value


def read_look(folder: Path, account: Account) -> Look:
    """Read how an account's documents look.

    Args:
        folder: the workspace; a logo's path begins there.
        account: whose.

    Raises:
        ConfigError: the logo is not there, or it is none that can stand in a document.
    """
    told = account.invoice
    if not told.logo:
        return Look(told.colour or COLOUR)
    file = folder / told.logo
    where = f"{folder / 'wacost.toml'}: accounts.{account.name}.invoice.logo"
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as problem:
        raise ConfigError(
            f"{where}: {str(file)!r} cannot be read: {problem.strerror or problem}",
            hint="name a file beside wacost.toml, or take the key out",
        ) from None
    kind = file.suffix.lower().removeprefix(".")
    if wrong := _wrong(content, kind):
        raise ConfigError(
            f"{where}: {str(file)!r} {wrong}", hint="a PNG, or an SVG of plain shapes, up to 512 KB"
        )
    return Look(told.colour or COLOUR, content, kind)


def _wrong(content: bytes, kind: str) -> str:
    """Say why a file is no logo; "": it is one."""
    if len(content) > MOST_BYTES:
        return "is larger than 512 KB"
    if kind == "png":
        return "" if content.startswith(_PNG) else "is no PNG"
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return "declares a document type, which a logo does not need"
    try:
        root = ET.fromstring(content)  # noqa: S314 - without a document type, no entities
    except (ET.ParseError, ValueError) as problem:
        return f"is no SVG: {problem}"
    return _odd(root)


def _odd(root: ET.Element) -> str:
    """Say what in an SVG could run or load anything; "": nothing."""
    if _bare(root.tag) != "svg":
        return "is no SVG"
    for one in root.iter():
        if _bare(one.tag) in _CODE:
            return f"has <{_bare(one.tag)}>, which a logo does not need"
        if _ELSEWHERE.search(one.text or "") or any(map(_ELSEWHERE.search, one.attrib.values())):
            return "loads something from elsewhere"
        links = (value for name, value in one.attrib.items() if _bare(name) == "href")
        if not all(value.startswith(("#", "data:image/")) for value in links):
            return "loads something from elsewhere"
        if any(_bare(name).startswith("on") for name in one.attrib):
            return "has code in an attribute"
    return ""


def _bare(name: object) -> str:
    """Return a name without its namespace, in lower case."""
    return str(name).rpartition("}")[2].lower()
