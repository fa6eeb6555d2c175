"""Run the set kernel over months: load the small tables, run `rate.sql`, keep the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.money import SHOWN_PLACES, UNIT, divide_sql
from wacost.rating.compiled import compiled
from wacost.rating.plans import BilledAccount, Plans, Term
from wacost.rating.routes import RATED_NO, STATUSES, UNANSWERED_NO, Routes
from wacost.store import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.cards.model import RateCard, Rounding

__all__ = ["BilledAccount", "RatedMonth", "Term", "rate_month"]

_SQL_FILE: Final = Path(__file__).with_name("rate.sql")


@dataclass(frozen=True, slots=True)
class RatedMonth:
    """What `rate_month` did.

    Attributes:
        statuses: how many charges have each status.
        cards: the cards that priced, by name.
    """

    month: str
    side: str
    statuses: Mapping[str, int]
    cards: tuple[RateCard, ...]

    @property
    def calls(self) -> int:
        """How many calls were rated."""
        return sum(self.statuses.values())


def rate_month(
    con: DuckDBPyConnection,
    accounts: Sequence[BilledAccount],
    month: str,
    *,
    side: str = "cost",
) -> RatedMonth:
    """Rate every call of one local month, in one transaction; rating again gives the same rows.

    Args:
        con: an open store.
        accounts: everybody who is billed on this side; their calls come from `ratable_calls`.
        month: like "2026-10", local to each account.
        side: "cost" (the supplier's card) or "sale".

    Returns:
        Counts. The charges are in `charge_rows`, the cards in `cards`.
    """
    plans = Plans(accounts, [month], unclaimed=side == "cost")
    kernel = SetKernel(con, plans)
    with transaction(con):
        kernel.price("ratable_calls")
        kernel.keep(side)
        statuses = kernel.statuses()
        kernel.drop()
    return RatedMonth(month, side, statuses, tuple(plans.cards))


class SetKernel:
    """`rate.sql` with its small tables, on one connection."""

    def __init__(self, con: DuckDBPyConnection, plans: Plans) -> None:
        self.con = con
        self.plans = plans
        self._steps = _steps()
        self._cards = list(enumerate(plans.cards, start=1))

    def price(self, calls: str, *, ordered: bool = True) -> None:
        """Price the calls of a relation: the temporary view `rate_priced`, and its tables.

        Args:
            calls: the name of a table or view with the columns of `ratable_calls`.
            ordered: give every rated call its `seconds_before`. Amounts need it only where a
                group crosses a bound: False is enough, and faster, for sums.
        """
        texts = {"calls": calls, **self._load_prefixes()}
        day_rows = list(self.plans.day_rows())
        self._load("rate_day", _DAY, day_rows)
        self._load("rate_account", _ACCOUNT, self.plans.account_rows())
        self._load("rate_account_card", _ACCOUNT_CARD, self.plans.account_card_rows())
        self._load("rate_month", _MONTH, enumerate(self.plans.months))
        self._load("rate_status", _STATUS, enumerate(STATUSES, start=1))
        self._load("rate_card", _CARD, self._card_rows())
        combinations = self._run("combinations", None, **texts).fetchall()
        routes = Routes([compiled(card) for card in self.plans.cards])
        routes.add({row[-2:] for row in day_rows}, combinations)
        self._load("rate_route", _ROUTE, routes.rows)
        self._load("rate_set", _SET, routes.sets)
        self._load("rate_band", _BAND, routes.bands)
        window = {"window_from": self.plans.window_from, "window_to": self.plans.window_to}
        self._run("route", window, **texts)
        self._run("flag")
        numbers = {
            "rated": str(RATED_NO),
            "unanswered": str(UNANSWERED_NO),
            "groups": str(routes.groups + 1),
            "ordered": "true" if ordered else "false",
        }
        self._run("price", None, **numbers)

    def statuses(self) -> dict[str, int]:
        """Count the calls by status."""
        counts = self.con.execute(
            "SELECT status, count(*) FROM rate_routed JOIN rate_status USING (status_no)"
            " GROUP BY ALL ORDER BY ALL"
        )
        return dict(counts.fetchall())

    def keep(self, side: str) -> None:
        """Write `rate_priced` to `charge_rows` in place of what stood there, and the cards.

        A call whose month is another one now (its account moved to another zone, or a late
        event told another day) is taken out of the month it stood in, however far away. Only
        calls that were not charged in these months before can stand in another one.
        """
        parameters = {"side": side, "months": list(self.plans.months)}
        self._run("moved", parameters)
        self._run("clear", parameters)
        roundings = _roundings(self.plans.cards)
        texts = {"amount": _amount_sql(roundings), "unanswered": str(UNANSWERED_NO)}
        self._run("keep", {"side": side}, **texts)
        for card in self.plans.cards:
            self._keep_card(card)

    def drop(self) -> None:
        """Drop what may be large."""
        self.con.execute("DROP VIEW rate_priced")
        self.con.execute("DROP TABLE rate_routed")

    def _run(
        self, step: str, parameters: Mapping[str, Any] | None = None, **texts: str
    ) -> DuckDBPyConnection:
        sql = self._steps[step]
        for name, text in texts.items():
            sql = sql.replace(f"{{{name}}}", text)
        return self.con.execute(sql, dict(parameters or {}))

    def _card_rows(self) -> Iterator[tuple[Any, ...]]:
        yield 0, None, None, None, 1, 1, False, False, False, False, False, 0
        roundings = _roundings(self.plans.cards)
        for number, card in self._cards:
            yield (
                number,
                card.name,
                card.checksum,
                card.currency,
                *card.increments,
                card.policies.answered_zero_seconds == "free",
                card.policies.failed_with_duration == "free",
                card.policies.duration_conflict == "times",
                card.policies.duration_conflict == "hold",
                card.tiers.accrual == "actual",
                roundings.index(card.rounding),
            )

    def _load_prefixes(self) -> dict[str, str]:
        """Load the cards' prefixes; return the SQL that finds the longest one of a number."""
        prefixes = [(no, prefix) for no, card in self._cards for prefix in compiled(card).prefixes]
        self._load("rate_prefix", {"card_no": "INTEGER", "prefix": "VARCHAR"}, prefixes)
        lengths = sorted({len(prefix) for _, prefix in prefixes}, reverse=True)
        joins = (
            f"LEFT JOIN rate_prefix AS p{n}"
            f" ON p{n}.card_no = c.card_no AND p{n}.prefix = c.contact[:{n}]"
            for n in lengths
        )
        nodes = (*(f"p{n}.prefix" for n in lengths), "''")
        return {"node": f"coalesce({', '.join(nodes)})", "node_joins": "\n".join(joins)}

    def _load(
        self, table: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        """Make a temporary table of Python rows, column by column."""
        head = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({head})")
        lists = [list(column) for column in zip(*rows, strict=True)]
        if lists:
            values = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
            self.con.execute(f"INSERT INTO {table} SELECT {values}", lists)

    def _keep_card(self, card: RateCard) -> None:
        self.con.execute(
            "INSERT INTO cards SELECT $checksum, $name, $title, $currency, $status, $source,"
            " $retrieved, $now, $content"
            " WHERE NOT EXISTS (FROM cards WHERE checksum = $checksum)",
            {
                "checksum": card.checksum,
                "name": card.name,
                "title": card.title,
                "currency": card.currency,
                "status": card.status,
                "source": card.source,
                "retrieved": card.retrieved,
                "now": datetime.now(UTC).replace(tzinfo=None),
                "content": card.as_json(),
            },
        )


_ACCOUNT: Final = {
    "account": "VARCHAR",
    "account_no": "INTEGER",
    "plan_no": "INTEGER",
    "portfolio_no": "BIGINT",
    "month_of_start": "BOOLEAN",
}
_ACCOUNT_CARD: Final = {"account": "VARCHAR", "card_no": "INTEGER"}
_MONTH: Final = {"month_no": "INTEGER", "month": "VARCHAR"}
_STATUS: Final = {"status_no": "UTINYINT", "status": "VARCHAR"}
_DAY: Final = {
    "plan_no": "INTEGER",
    "day": "BIGINT",
    "from_s": "BIGINT",
    "to_s": "BIGINT",
    "period_from_s": "BIGINT",
    "period_to_s": "BIGINT",
    "month_no": "INTEGER",
    "card_no": "INTEGER",
    "version": "INTEGER",
}
_CARD: Final = {
    "card_no": "INTEGER",
    "name": "VARCHAR",
    "checksum": "VARCHAR",
    "currency": "VARCHAR",
    "first_increment_s": "BIGINT",
    "next_increment_s": "BIGINT",
    "zero_free": "BOOLEAN",
    "failed_free": "BOOLEAN",
    "conflict_times": "BOOLEAN",
    "conflict_holds": "BOOLEAN",
    "accrues_actual": "BOOLEAN",
    "rounding_no": "INTEGER",
}
_ROUTE: Final = {
    "route_no": "INTEGER",
    "card_no": "INTEGER",
    "version": "INTEGER",
    "direction": "VARCHAR",
    "direction_key": "VARCHAR",
    "country": "VARCHAR",
    "country_key": "VARCHAR",
    "node": "VARCHAR",
    "status_no": "UTINYINT",
    "unknown": "BOOLEAN",
    "market": "VARCHAR",
    "group_no": "BIGINT",
    "set_no": "INTEGER",
    "rates_no": "INTEGER",
    "effective_from": "DATE",
}
_SET: Final = {
    "set_no": "INTEGER",
    "from_minutes": "BIGINT",
    "rate_nanos": "BIGINT",
    "first_bound_s": "BIGINT",
}
_BAND: Final = {
    "set_no": "INTEGER",
    "from_minutes": "BIGINT",
    "from_s": "BIGINT",
    "to_s": "BIGINT",
    "rate_nanos": "BIGINT",
    "unknown": "BOOLEAN",
}


def _roundings(cards: Sequence[RateCard]) -> list[Rounding]:
    """Return the different roundings of the cards; their places are `rounding_no`."""
    return list(dict.fromkeys(card.rounding for card in cards))


def _steps() -> dict[str, str]:
    """Cut `rate.sql` into its named steps."""
    _, *parts = _SQL_FILE.read_text(encoding="utf-8").split("-- step: ")
    named = (part.partition("\n") for part in parts)
    return {name.strip(): sql for name, _, sql in named}


def _amount_sql(roundings: Sequence[Rounding]) -> str:
    """Return the SQL of `Charge.amount`: exact to 12 places, or rounded per call by the card."""
    cases = []
    for number, rounding in enumerate(roundings):
        at_call = rounding.at == "call"
        places, mode = (rounding.places, rounding.mode) if at_call else (SHOWN_PLACES, "half_up")
        whole = divide_sql(f"p.amount_units * {10**places}", UNIT, mode)
        twelfth = f"({whole} * {10 ** (SHOWN_PLACES - places)})::DECIMAL(26, 0)"
        cases.append(f"WHEN {number} THEN {twelfth} * 0.000000000001::DECIMAL(12, 12)")
    return f"CASE k.rounding_no {' '.join(cases)} END" if cases else "NULL"
