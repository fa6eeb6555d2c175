"""Read what a document is made of: the charges of a month, or the frozen calls of final ones.

Both give the same columns, so that one computation makes drafts and makes final documents again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.billing.cardfacts import CardFacts
from wacost.billing.records import CardUsed
from wacost.money import NANO, SECONDS, parse_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.config.model import IncludedMinutes

_FLAGS: Final = (
    "duration_conflict",
    "answered_zero_seconds",
    "failed_with_duration",
    "month_of",
    "tier_unknown",
)
_TIMES: Final = """
    SELECT
        t.*, sha256(t.call_id) AS call_key,
        coalesce(c.started_at, c.ended_at, c.first_event_at) AS called_at, c.ended_at, c.duration_s
    FROM {rows} AS t LEFT JOIN call_rows AS c USING (call_id)
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the calls of a document are read from: `sql` is one of ours, never text from outside.

    Attributes:
        sql: a SELECT with the columns of a charge.
        values: its parameters.
        dated: the same with `called_at`, `ended_at` and `duration_s` of the call.
    """

    sql: str
    values: Mapping[str, Any]
    dated: str

    def run(self, con: DuckDBPyConnection, text: str, **more: Any) -> list[tuple[Any, ...]]:
        """Run a query about `{rows}` or `{dated}`; `more` are further parameters of it."""
        return con.execute(self.put_into(text), {**self.values, **more}).fetchall()

    def put_into(self, text: str) -> str:
        """Write the source into a query of ours."""
        return text.replace("{dated}", f"({self.dated})").replace("{rows}", f"({self.sql})")


def charged(account: str, side: str, month: str, only: Sequence[str], *, unsold: bool) -> Source:
    """Return the charges of a month as the store has them now.

    Args:
        account: whose.
        side: cost or sale.
        month: like "2026-10".
        only: leave out other currencies than these; "" stands for charges without one.
        unsold: tell also calls that no sell card prices.
    """
    values = {
        "account": account,
        "side": side,
        "month": month,
        "only": list(only),
        "unsold": unsold,
    }
    sql = sql_of("charged")
    return Source(sql, values, _TIMES.replace("{rows}", f"({sql})"))


def frozen(numbers: Sequence[str]) -> Source:
    """Return the calls of final documents, the later ones in place of the earlier."""
    sql = sql_of("frozen")
    return Source(sql, {"numbers": list(numbers)}, sql)


def nothing() -> Source:
    """Return no calls at all: what a month comes to that is cancelled."""
    sql = "SELECT * FROM invoice_call_rows WHERE false"
    return Source(sql, {}, sql)


def told_by(number: str) -> Source:
    """Return the calls that one final document tells of, withdrawn ones too."""
    sql = "SELECT * FROM invoice_call_rows WHERE number = $number"
    return Source(sql, {"number": number}, sql)


@dataclass(frozen=True)
class Figures:
    """Everything about the calls of a document, as plain rows.

    Attributes:
        counts: status, calls, units, currency.
        flags: calls per flag.
        card_rows: rows of used_cards.sql.
        whole: rows of lines.sql.
        parted: rows of parts.sql.
        unpriced: call id, status, direction, country, instant.
        included: for each allowance of minutes, rows of included.sql.
    """

    counts: Sequence[tuple[Any, ...]]
    flags: Mapping[str, int]
    card_rows: Sequence[tuple[Any, ...]]
    whole: Sequence[tuple[Any, ...]]
    parted: Sequence[tuple[Any, ...]]
    unpriced: Sequence[tuple[Any, ...]]
    included: Sequence[Sequence[tuple[Any, ...]]] = ()

    @cached_property
    def facts(self) -> dict[str, CardFacts]:
        """What each card says, by checksum."""
        return {row[3]: CardFacts.read(row[8]) for row in self.card_rows}

    @property
    def cards(self) -> tuple[CardUsed, ...]:
        """The cards that priced."""
        return cards_used(self.card_rows)

    @property
    def exact_units(self) -> int:
        """What all calls cost, exactly."""
        return sum(int(row[2]) for row in self.counts)

    @property
    def currencies(self) -> list[str]:
        """The currencies of what is billed."""
        found = {row[9] for row in self.whole} | {row[7] for row in self.parted}
        return sorted(code for code in found if code)


def read_figures(
    con: DuckDBPyConnection, source: Source, allowances: Sequence[IncludedMinutes] = ()
) -> Figures:
    """Read and add up the calls of a source, and list those that allowances may cover."""
    flags = sorted(zip(_FLAGS, source.run(con, sql_of("flags"))[0], strict=True))
    return Figures(
        counts=source.run(con, sql_of("counts")),
        flags={flag: number for flag, number in flags if number},
        card_rows=source.run(con, sql_of("used_cards")),
        whole=source.run(con, sql_of("lines")),
        parted=source.run(con, sql_of("parts")),
        unpriced=source.run(con, sql_of("unpriced")),
        included=list(_included(con, source, allowances)),
    )


def cards_used(rows: Iterable[Sequence[Any]]) -> tuple[CardUsed, ...]:
    """Return the cards of used_cards.sql."""
    return tuple(replace(CardUsed(*row[:8]), rules=CardFacts.read(row[8]).rules) for row in rows)


def _included(
    con: DuckDBPyConnection, source: Source, allowances: Sequence[IncludedMinutes]
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the calls that each allowance may cover; earlier ones may have taken some of them."""
    reach = 0
    for told in allowances:
        reach += parse_nanos(told.minutes) * SECONDS // NANO
        places = {"direction": told.direction, "country": told.country, "market": told.market}
        yield source.run(con, sql_of("included"), seconds=reach, **places)


@cache
def sql_of(name: str) -> str:
    """Return the text of a query that stands beside this module."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
