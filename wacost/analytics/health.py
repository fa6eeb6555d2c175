"""Every invariant of the store, checked: what `wacost doctor` tells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.money import SHOWN_PLACES, UNIT, divide_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

_MEANING: Final = {
    "conservation": "records = new + duplicate + quarantined + ignored, for every source",
    "one_row_per_call": "one row per call id",
    "every_event_folded": "the calls are exactly those that the events tell of",
    "answered_has_start": "a call is answered exactly if it has a start",
    "one_charge_per_call": "one charge per call and side",
    "every_charge_has_its_call": "every charge has its call",
    "derivation": "every amount follows from its own derivation",
    "shown_amount": "every shown amount is the exact one, rounded as its card says",
    "unpriced_is_null": "what is not priced has no amount",
    "every_card_kept": "every card that priced a charge is kept",
    "numbers_without_gap": "the numbers of final documents have no gap within series and year",
    "billed_once": "a call is on one invoice of a kind, corrections aside",
    "documents_have_calls": "the lines and calls of final documents belong to one",
    "ledger_balanced": "the legs of every entry of a prepaid balance add up to zero",
    "one_currency_per_card": "every charge is in its card's currency",
}
_NOTICE: Final = "notice: "
_NOTICES: Final = "notices: "
OPEN_HOURS: Final = 24
"""How long a call may be open before it is told, in hours."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `count` rows break it (or, for a notice, are worth knowing of).

    Attributes:
        name: what is counted.
        meaning: what must hold.
        count: how many do not.
        notice: it is worth knowing, and nothing is wrong.
        detail: more figures, for people.
    """

    name: str
    meaning: str
    count: int
    notice: bool
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; a notice is never wrong."""
        return self.notice or self.count == 0


def findings(con: DuckDBPyConnection, open_hours: int = OPEN_HOURS) -> list[Finding]:
    """Check every invariant of an open store, and count what is worth knowing.

    Args:
        con: the store.
        open_hours: how long a call may be open before it is told.
    """
    con.execute("SET VARIABLE open_hours = $1::INTEGER", [open_hours])
    found = [one for name, sql in _queries().items() for one in _found(con, name, sql)]
    found.append(Finding("shown_amount", _MEANING["shown_amount"], _wrongly_shown(con), False))  # noqa: FBT003
    return sorted(found, key=lambda finding: finding.notice)


def notice(name: str, count: int, detail: str = "") -> Finding:
    """Return something worth knowing.

    >>> notice("calls not rated yet", 3).ok
    True
    """
    return Finding(name, name, count, notice=True, detail=detail)


def _found(con: DuckDBPyConnection, name: str, sql: str) -> list[Finding]:
    if name.startswith(_NOTICES):
        return [notice(*row) for row in con.execute(sql).fetchall()]
    count = _count(con, sql)
    if name.startswith(_NOTICE):
        return [notice(name.removeprefix(_NOTICE), count)]
    return [Finding(name, _MEANING[name], count, notice=False)]


def _count(con: DuckDBPyConnection, sql: str) -> int:
    count: int = con.execute(sql).fetchall()[0][0]
    return count


def _wrongly_shown(con: DuckDBPyConnection) -> int:
    """Count amounts that are not the exact one rounded where, how far and how the card says."""
    cards = con.execute("SELECT checksum, content FROM cards").fetchall()
    return sum(_count_shown(con, checksum, json.loads(content)) for checksum, content in cards)


def _count_shown(con: DuckDBPyConnection, checksum: str, card: dict[str, dict[str, str]]) -> int:
    rounding = card["rounding"]
    per_call = rounding["at"] == "call"
    places = int(rounding["places"]) if per_call else SHOWN_PLACES
    mode = rounding["mode"] if per_call else "half_up"
    exact = divide_sql(f"amount_units * {10**places}", UNIT, mode)
    shown = f"(amount * {10**places})::HUGEINT"
    sql = f"SELECT count(*) FROM charge_rows WHERE card_checksum = ? AND {shown} <> {exact}"  # noqa: S608
    count: int = con.execute(sql, [checksum]).fetchall()[0][0]
    return count


@cache
def _queries() -> dict[str, str]:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    return dict(_named(text))


def _named(text: str) -> Iterator[tuple[str, str]]:
    for block in text.split("-- name: ")[1:]:
        name, _, sql = block.partition("\n")
        yield name.strip(), sql.rpartition(";")[0]
