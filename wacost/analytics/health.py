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
    "one_currency_per_card": "every charge is in its card's currency",
}
_NOTICE: Final = "notice: "


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `count` rows break it (or, for a notice, are worth knowing of)."""

    name: str
    meaning: str
    count: int
    notice: bool

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; a notice is never wrong."""
        return self.notice or self.count == 0


def findings(con: DuckDBPyConnection) -> list[Finding]:
    """Check every invariant of an open store, and count what is worth knowing."""
    found = [_finding(name, _count(con, sql)) for name, sql in _queries().items()]
    found.append(_finding("shown_amount", _wrongly_shown(con)))
    return sorted(found, key=lambda finding: finding.notice)


def _finding(name: str, count: int) -> Finding:
    if name.startswith(_NOTICE):
        return Finding(name.removeprefix(_NOTICE), name.removeprefix(_NOTICE), count, notice=True)
    return Finding(name, _MEANING[name], count, notice=False)


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
