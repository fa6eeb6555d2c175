"""Run the set kernel over months: load the small tables, run `rate.sql`, keep the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from wacost.money import SECONDS, SHOWN_PLACES, UNIT, divide_sql
from wacost.rating.compiled import compiled
from wacost.rating.elsewhere import unknown_calls
from wacost.rating.plans import BilledAccount, Plans, Term
from wacost.rating.routes import NO_RATE_NO, RATED_NO, STATUSES, UNANSWERED_NO, Routes
from wacost.store import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.cards.model import RateCard, Rounding
    from wacost.rating.elsewhere import External, Observed

__all__ = ["BilledAccount", "RatedMonth", "Term", "rate_month"]

# Two threads that rate a month at once would each see none of the other's charges and keep theirs
# beside them. Other processes wait for the store itself.
_TURN: Final = Lock()
_SQL_FILES: Final = ("rate.sql", "rate_parts.sql")


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
    elsewhere: Sequence[External | Observed] = (),
    untouched: Sequence[str] = (),
) -> RatedMonth:
    """Rate every call of one local month, in one transaction; rating again gives the same rows.

    Args:
        con: an open store.
        accounts: everybody who is billed on this side; their calls come from `ratable_calls`.
        month: like "2026-10", local to each account.
        side: "cost" (the supplier's card) or "sale".
        elsewhere: minutes that portfolios used through others, and tiers that were observed.
        untouched: accounts that cannot be rated now: their charges stay as they are.

    Returns:
        Counts. The charges are in `charge_rows`, the cards in `cards`.
    """
    if side == "sale" and not accounts:  # a sell_card that was taken out again leaves nothing
        asked = {"side": side, "months": [month], "untouched": untouched}
        con.execute(_steps()["clear"], asked)
        return RatedMonth(month, side, {}, ())
    plans = Plans(accounts, [month], unclaimed=side == "cost", elsewhere=elsewhere)
    kernel = SetKernel(con, plans)
    with _TURN, transaction(con):
        kernel.price("ratable_calls")
        kernel.keep(side, untouched)
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
        self._parted = any(plans.is_parted(card) for card in plans.cards)

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
        cards = self.plans.cards
        routes = Routes([compiled(one) for one in cards], [*map(self.plans.is_parted, cards)])
        routes.add({row[-2:] for row in day_rows}, combinations)
        self._load("rate_route", _ROUTE, routes.rows)
        self._load("rate_set", _SET, routes.sets)
        self._load("rate_band", _BAND, routes.bands)
        window = {"window_from": self.plans.window_from, "window_to": self.plans.window_to}
        self._run("route", window, **texts, parted_columns=_PARTED_COLUMNS if self._parted else "")
        self._run("flag")
        numbers = {
            "rated": str(RATED_NO),
            "unanswered": str(UNANSWERED_NO),
            "groups": str(routes.groups + 1),
            "ordered": "true" if ordered else "false",
            "no_rate": str(NO_RATE_NO),
            "priced": "rate_priced_plain" if self._parted else "rate_priced",
            "plain_only": " AND NOT c.parted" if self._parted else "",
            "no_parts": _NO_PARTS if self._parted else "",
        }
        self._run("price", None, **numbers)
        if self._parted:
            self._price_parts(routes, numbers)

    def _price_parts(self, routes: Routes, numbers: Mapping[str, str]) -> None:
        """Price the calls of cards with slots, fees, other tier models or limits."""
        self._load("rate_slot", _SLOT, routes.slots)
        self._load("rate_slot_band", _SLOT_BAND, routes.slot_bands)
        external, floors = self.plans.used_elsewhere(routes.group_no)
        self._load("rate_external", _EXTERNAL, external)
        self._load("rate_floor", _FLOOR, floors)
        self._run("cut")
        self._run("take")
        doubtful = self._run("doubtful", None, **numbers).fetchall()
        if doubtful:
            unknown = unknown_calls(doubtful, external, floors)
            self._load("rate_unknown", {"call_id": "VARCHAR"}, ((one,) for one in unknown))
            self._run("refuse", None, **numbers)
            self._run("forget")
        for step in ("place", "parts", "gather"):
            self._run(step, None, **numbers)

    def statuses(self) -> dict[str, int]:
        """Count the calls by status."""
        counts = self.con.execute(
            "SELECT status, count(*) FROM rate_routed JOIN rate_status USING (status_no)"
            " GROUP BY ALL ORDER BY ALL"
        )
        return dict(counts.fetchall())

    def keep(self, side: str, untouched: Sequence[str] = ()) -> None:
        """Write `rate_priced` to `charge_rows` in place of what stood there, and the cards.

        A call whose month is another one now (another zone, or a late event of another day) is
        taken out of that. The charges of `untouched` stay, but for calls of another account now.
        """
        asked = {"side": side, "months": list(self.plans.months)}
        self._run("moved", asked)
        self._run("clear", {**asked, "untouched": untouched})
        if untouched:
            self._run("taken", {"side": side, "untouched": untouched})
        texts = {
            "amount": self.amount_sql(),
            "unanswered": str(UNANSWERED_NO),
            "pulses": _PARTED_PULSES if self._parted else "",
            "fee": _PARTED_FEE if self._parted else _PLAIN_FEE,
            "parts": "p.parts" if self._parted else "NULL",
            "accrual": "p.accrual" if self._parted else "NULL",
        }
        self._run("keep", {"side": side}, **texts)
        for card in self.plans.cards:
            self._keep_card(card)

    def amount_sql(self) -> str:
        """Return the SQL of `Charge.amount`, of `rate_priced` as p and `rate_card` as k."""
        return _amount_sql(_roundings(self.plans.cards))

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
        yield 0, None, None, None, 1, 1, False, False, False, False, False, 0, False, "", 0, 0
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
                self.plans.is_parted(card),
                card.tiers.model,
                card.limits.min_nanos * SECONDS,
                2**96 if card.limits.max_nanos is None else card.limits.max_nanos * SECONDS,
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
    "parted": "BOOLEAN",
    "model": "VARCHAR",
    "min_units": "HUGEINT",
    "max_units": "HUGEINT",
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
_SLOT: Final = {
    "set_no": "INTEGER",
    "slot_no": "INTEGER",
    "from_second": "BIGINT",
    "to_second": "BIGINT",
    "first_s": "BIGINT",
    "next_s": "BIGINT",
    "known_from_s": "BIGINT",
}
_SLOT_BAND: Final = {
    "set_no": "INTEGER",
    "slot_no": "INTEGER",
    "from_minutes": "BIGINT",
    "from_s": "BIGINT",
    "to_s": "BIGINT",
    "rate_nanos": "BIGINT",
    "fee_nanos": "BIGINT",
    "unknown": "BOOLEAN",
}
_GROUP: Final = {"portfolio_no": "BIGINT", "group_no": "BIGINT", "month_no": "INTEGER"}
_EXTERNAL: Final = {**_GROUP, "seconds": "BIGINT"}
_FLOOR: Final = {**_GROUP, "at_s": "BIGINT", "floor_s": "BIGINT"}

# What `rate.sql` carries for `rate_parts.sql`, in a run that has a card for it.
_PARTED_COLUMNS: Final = """,
    parted, raw_s,
    CASE WHEN raw_s = 0 THEN zero_free ELSE failed AND failed_free END AS goes_free"""
_NO_PARTS: Final = """
        AND NOT (c.parted AND c.status_no = r.status_no AND r.set_no IS NOT NULL)"""
_PARTED_PULSES: Final = """
        WHEN p.pulses IS NOT NULL THEN p.pulses"""
_PLAIN_FEE: Final = "CASE WHEN p.rate_nanos IS NOT NULL THEN 0 END"
_PARTED_FEE: Final = f"coalesce(p.fee_nanos, {_PLAIN_FEE})"


def _roundings(cards: Sequence[RateCard]) -> list[Rounding]:
    """Return the different roundings of the cards; their places are `rounding_no`."""
    return list(dict.fromkeys(card.rounding for card in cards))


def _steps() -> dict[str, str]:
    """Cut the SQL files into their named steps."""
    parts: list[str] = []
    for file in _SQL_FILES:
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        parts += text.split("-- step: ")[1:]
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
