"""A folder of `card.toml`, `rates.csv` and, where it has markets, `markets.csv` → `RateCard`."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.bundled import bundled
from wacost.cards.derive import Derivation, read_derivation
from wacost.cards.report import Report, attempt, refuse
from wacost.cards.rows import MARKET_COLUMNS, RATE_COLUMNS, RawRow, build_card, check_columns
from wacost.cards.settings import check_filled
from wacost.errors import RateCardError
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wacost.cards.model import RateCard

_FIGURES: Final = ("rate_per_minute", "tier_from_minutes", "from_second", "fee")
_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def card_names(rates_dir: Path | None = None) -> list[str]:
    """Return the names of the cards in a folder; by default those that wacost ships.

    >>> "meta-usd" in card_names()
    True
    """
    folder = rates_dir if rates_dir is not None else bundled("rates")
    if not folder.is_dir():
        return []
    names = (path.parent.name for path in folder.glob("*/card.toml"))
    return sorted(name for name in names if not name.startswith("."))


def load_card(
    name_or_path: str | Path, *, rates_dir: Path | None = None, _seen: tuple[Path, ...] = ()
) -> RateCard:
    """Load a rate card by name or from a folder.

    Args:
        name_or_path: a card in `rates_dir`, else a bundled card's name, else the path of a folder
            that holds a `card.toml`.
        rates_dir: a workspace's own cards; they come before bundled ones of the same name.

    Raises:
        RateCardError: no such card, or a mistake in it: file, line, column, the text found.

    >>> load_card("meta-usd").currency
    'USD'
    """
    folder = card_folder(name_or_path, rates_dir)
    card = read_card(folder, _seen=_seen)
    named = folder.name == name_or_path and folder.parent in {rates_dir, bundled("rates")}
    return _named(card, folder.name) if named else card


def card_folder(name_or_path: str | Path, rates_dir: Path | None = None) -> Path:
    """Return the folder of a card; the arguments are those of `load_card`.

    Raises:
        RateCardError: no such card.
    """
    if isinstance(name_or_path, str) and _NAME.fullmatch(name_or_path):
        for place in filter(None, (rates_dir, bundled("rates"))):
            if _is_card(place / name_or_path):
                return place / name_or_path
    path = Path(name_or_path)
    folder = path.parent if path.name == "card.toml" else path
    if _is_card(folder):
        return folder
    known = {*card_names(), *(card_names(rates_dir) if rates_dir else [])}
    if name_or_path in known:
        raise RateCardError(
            f"{name_or_path!r} is no name of a card",
            hint="call its folder by letters, digits and - . _",
        )
    raise RateCardError(
        f"no rate card {str(name_or_path)!r}", hint=nearest(str(name_or_path), known, "card")
    )


def _is_card(folder: Path) -> bool:
    """Tell whether a folder holds a card; one that no file system can have holds none."""
    try:
        return (folder / "card.toml").is_file()
    except OSError:
        return False


def read_card(
    folder: Path,
    *,
    rates_file: Path | None = None,
    report: Report = refuse,
    _seen: tuple[Path, ...] = (),
) -> RateCard:
    """Read and check the card in a folder, and first the card that it is made from, if any.

    Args:
        folder: where its files are.
        rates_file: its rates, where they are not in `rates.csv`.
        report: takes each mistake; by default the first one is raised. What it is told of a
            `card.toml` that cannot be read does not keep the rows from being read.
    """
    settings_file = folder / "card.toml"
    settings = attempt(report, lambda: _settings(settings_file))
    if settings is None:
        settings = {"name": "card", "currency": "USD", "status": "contract"}
        settings["increments"] = {"first": 6, "next": 6}
    check_filled(settings, str(settings_file), report)
    origin = None
    if "derive" in settings:
        told = read_derivation(settings["derive"], str(settings_file))
        origin = _origin(folder, told, _seen), told
    rates_file = rates_file or folder / "rates.csv"
    markets_file = folder / "markets.csv"
    has_rates = origin is None or rates_file.exists()
    has_markets = markets_file.exists()
    return build_card(
        settings,
        _read_rows(rates_file, RATE_COLUMNS, report) if has_rates else [],
        _read_rows(markets_file, MARKET_COLUMNS, report) if has_markets else [],
        file=str(folder),
        settings_file=str(settings_file),
        origin=origin,
        report=report,
    )


def _settings(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise RateCardError(
            f"not valid TOML: {error}", file=str(file), hint="see https://toml.io"
        ) from None


def _origin(folder: Path, told: Derivation, seen: tuple[Path, ...]) -> RateCard:
    """Read the card that another is made from: beside it, else a bundled one, else a path."""
    seen = (*seen, folder.resolve())
    file = str(folder / "card.toml")
    place = folder.parent / told.origin
    if _is_card(place) and place.resolve() in seen:
        raise RateCardError(
            "the card is made from itself", file=file, column="derive.from", text=told.origin
        )
    try:
        return load_card(told.origin, rates_dir=folder.parent, _seen=seen)
    except RateCardError as error:
        if error.file:
            raise
        raise RateCardError(
            "no such card", file=file, column="derive.from", text=told.origin, hint=error.hint
        ) from None


def _named(card: RateCard, name: str) -> RateCard:
    if card.name != name:
        raise RateCardError(
            f"the card in the folder {name} calls itself {card.name}",
            file=f"{card.file}/card.toml",
            column="name",
            text=card.name,
            hint="give the folder and the card one name",
        )
    return card


def read_text(path: Path) -> str:
    """Return the text of a card's file, which is UTF-8."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RateCardError(f"cannot be read: {reason}", file=str(path)) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf8(path, data) from None


def _not_utf8(path: Path, data: bytes) -> RateCardError:
    """Name the line, and in a CSV file the column, of the first byte that is not UTF-8."""
    text = data.decode("utf-8-sig", "replace")
    before, _, _ = text.partition("\ufffd")
    line = before.count("\n") + 1
    column = ""
    if path.suffix == ".csv" and line > 1:
        head, begun = (text.splitlines() or [""])[0], before.splitlines()[-1:] or [""]
        names, cells = ([*csv.reader([one])] or [[]] for one in (head, *begun))
        column = names[0][max(len(cells[0]), 1) - 1] if len(names[0]) >= len(cells[0]) else ""
    return RateCardError(
        "not UTF-8 text", file=str(path), line=line, column=column, hint="save it as UTF-8"
    )


def _read_rows(path: Path, known: Mapping[str, bool], report: Report) -> Iterator[RawRow]:
    file = str(path)
    text = attempt(report, lambda: read_text(path))
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head: list[str] | None = None
    try:
        for cells in reader:
            if not any(cells):  # a blank line, as a spreadsheet may save it too
                continue
            if head is None:
                head = cells
                if other := _other_separator(cells):
                    report(_separated(other, file, reader.line_num))
                    return
                if not check_columns(head, known, file, reader.line_num, report):
                    return
            elif row := _row(head, cells, file, reader.line_num, report):
                yield row
    except csv.Error as error:
        told = f"not valid CSV: {error}"
        report(RateCardError(told, file=file, line=reader.line_num, hint="check its quotes"))
        return
    if head is None:
        report(RateCardError("the file is empty", file=file, hint=f"its head is {','.join(known)}"))


def _other_separator(head: list[str]) -> str:
    """Return what separates the columns of a file that was read as one column, or "".

    >>> _other_separator(["direction;destination"]), _other_separator(["direction", "destination"])
    ('semicolons', '')
    """
    told = (name for sign, name in _SEPARATORS.items() if len(head) == 1 and sign in head[0])
    return next(told, "")


def _separated(name: str, file: str, line: int) -> RateCardError:
    return RateCardError(
        f"its columns are separated by {name}, not by commas",
        file=file,
        line=line,
        hint="save it with commas, and prices with a point; `wacost cards import` reads the files"
        " of suppliers as they are",
    )


def _row(head: list[str], cells: list[str], file: str, line: int, report: Report) -> RawRow | None:
    if len(cells) != len(head):
        column, text = _odd_cell(head, cells)
        more = len(cells) > len(head)
        comma = "is there a comma in a price or a name? Prices take a point: 0.0108"
        report(
            RateCardError(
                f"expected {len(head)} cells, one a column, and there are {len(cells)}",
                file=file,
                line=line,
                column=column,
                text=text,
                hint=comma if more else "leave a cell empty, but keep its comma",
            )
        )
        return None
    return RawRow(dict(zip(head, cells, strict=True)), file, line)


def _odd_cell(head: list[str], cells: list[str]) -> tuple[str, str]:
    """Guess which column of a row with too few or too many cells is wrong, and what it held.

    >>> _odd_cell(["destination", "rate_per_minute", "effective_from"], ["BR", "0", "01", "2026"])
    ('rate_per_minute', '0,01')
    """
    if len(cells) < len(head):
        return head[len(cells)], ",".join(cells)
    for number, name in enumerate(head):
        after = head[number + 1] if number + 1 < len(head) else ""
        torn = cells[number].lstrip("-$").isdigit() and cells[number + 1].isdigit()
        if name in _FIGURES and after not in _FIGURES and torn:
            return name, ",".join(cells[number : number + 2])
    return head[-1], ",".join(cells[len(head) - 1 :])
