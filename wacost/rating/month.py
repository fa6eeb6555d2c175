"""Run the set kernel over months: load the small tables, run `rate.sql`, keep the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.money import SHOWN_PLACES, UNIT, divide_sql
from wacost.rating.compiled import compiled
from wacost.rating.plans import BilledAccount, Plans, Term
from wacost.store import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.cards.model import RateCard, Rounding

__all__ = ["BilledAccount", "RatedMonth", "Term", "rate_month"]

_SQL_FILE: Final = Path(__file__).with_name("rate.sql")
_NEVER: Final = 2**62


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
    kernel = SetKernel(con, Plans(accounts, [month]))
    with transaction(con):
        kernel.price("ratable_calls")
        kernel.keep(side)
    rows = con.execute("SELECT status, count(*) FROM rate_priced GROUP BY ALL ORDER BY ALL")
    statuses = dict(rows.fetchall())
    con.execute("DROP TABLE rate_priced")
    return RatedMonth(month, side, statuses, tuple(kernel.plans.cards))


class SetKernel:
    """`rate.sql` with its small tables, on one connection."""

    def __init__(self, con: DuckDBPyConnection, plans: Plans) -> None:
        self.con = con
        self.plans = plans
        self._steps = _steps()

    def price(self, calls: str) -> None:
        """Price the calls of a relation into the temporary table `rate_priced`.

        Args:
            calls: the name of a table or view with the columns of `ratable_calls`.
        """
        self._load_plans()
        nodes = self._load_prefixes()
        window = {"window_from": self.plans.window_from, "window_to": self.plans.window_to}
        self._run("measure", window, calls=calls, **nodes)
        combinations = self.con.execute(self._steps["combinations"]).fetchall()
        self._load_routes(combinations)
        self._run("route")
        self._run("price")
        for table in ("rate_measured", "rate_routed"):
            self.con.execute(f"DROP TABLE {table}")

    def keep(self, side: str) -> None:
        """Write `rate_priced` to `charge_rows` in place of what stood there, and the cards."""
        self.con.execute(
            "DELETE FROM charge_rows WHERE side = $side AND (list_contains($months, month)"
            " OR call_id IN (SELECT call_id FROM rate_priced))",
            {"side": side, "months": list(self.plans.months)},
        )
        roundings = list(dict.fromkeys(card.rounding for card in self.plans.cards))
        self._run("keep", {"side": side}, amount=_amount_sql(roundings))
        for card in self.plans.cards:
            self._keep_card(card)

    def _run(self, step: str, parameters: Mapping[str, Any] | None = None, **texts: str) -> None:
        sql = self._steps[step]
        for name, text in texts.items():
            sql = sql.replace(f"{{{name}}}", text)
        self.con.execute(sql, dict(parameters or {}))

    def _load_plans(self) -> None:
        plans = self.plans
        self._load("rate_account", _ACCOUNT, plans.account_rows())
        self._load("rate_day", _DAY, plans.day_rows())
        roundings = list(dict.fromkeys(card.rounding for card in plans.cards))
        no_card = (0, None, None, None, 1, 1, False, False, False, False, False, 0)
        rows = [no_card] + [
            (
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
            for number, card in enumerate(plans.cards, start=1)
        ]
        self._load("rate_card", _CARD, rows)

    def _load_prefixes(self) -> dict[str, str]:
        """Load the cards' prefixes; return the SQL that finds the longest one of a number."""
        prefixes = [
            (number, prefix)
            for number, card in enumerate(self.plans.cards, start=1)
            for prefix in compiled(card).prefixes
        ]
        self._load("rate_prefix", {"card_no": "INTEGER", "prefix": "VARCHAR"}, prefixes)
        lengths = sorted({len(prefix) for _, prefix in prefixes}, reverse=True)
        joins = (
            f"LEFT JOIN rate_prefix AS p{n}"
            f" ON p{n}.card_no = j.card_no AND p{n}.prefix = j.contact[:{n}]"
            for n in lengths
        )
        nodes = (*(f"p{n}.prefix" for n in lengths), "''")
        return {"node": f"coalesce({', '.join(nodes)})", "node_joins": "\n".join(joins)}

    def _load_routes(self, combinations: Iterable[tuple[Any, ...]]) -> None:
        """Ask the compiled cards for each combination that occurs, and load their answers."""
        groups: dict[tuple[int, str, str], int] = {}
        sets: dict[tuple[int, int], int] = {}
        routes: list[tuple[Any, ...]] = []
        set_rows: list[tuple[int, int, int]] = []
        band_rows: list[tuple[int, int, int, int, int, bool]] = []
        for card_no, version, direction, node, country in combinations:
            table = compiled(self.plans.cards[card_no - 1])
            route = table.route(version, direction, node, country)
            rates = route.rates
            status = "no_rate" if country or rates else "no_country"
            set_no = group_no = first_bound = None
            if rates and rates.bands:
                status = "free" if rates.free else "rated"
                key = (card_no, rates.number)
                set_no = sets.setdefault(key, len(sets))
                group = (card_no, rates.direction, route.group or "")
                group_no = groups.setdefault(group, len(groups))
                first_bound = rates.bounds[0] if rates.bounds else None
                if set_no == len(set_rows):
                    first, *others = rates.bands
                    set_rows.append((set_no, first.from_minutes, first.rate_nanos))
                    ends = [*rates.bounds[1:], _NEVER]
                    band_rows += [
                        (set_no, b.from_minutes, b.from_s, end, b.rate_nanos, b.unknown)
                        for b, end in zip(others, ends, strict=False)
                    ]
            unknown = bool(rates and rates.unknown)
            found = (rates.number, rates.effective_from) if rates else (None, None)
            routes.append(
                (
                    *(card_no, version, direction or "", node, country or ""),
                    *(status, unknown, route.market, group_no, set_no, first_bound, *found),
                )
            )
        self._load("rate_route", _ROUTE, routes)
        self._load("rate_set", _SET, set_rows)
        self._load("rate_band", _BAND, band_rows)

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
    "plan_no": "INTEGER",
    "portfolio_no": "INTEGER",
    "month_of_start": "BOOLEAN",
}
_DAY: Final = {
    "plan_no": "INTEGER",
    "day": "BIGINT",
    "from_s": "BIGINT",
    "to_s": "BIGINT",
    "period_from_s": "BIGINT",
    "period_to_s": "BIGINT",
    "month": "VARCHAR",
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
    "card_no": "INTEGER",
    "version": "INTEGER",
    "direction_key": "VARCHAR",
    "node": "VARCHAR",
    "country_key": "VARCHAR",
    "status": "VARCHAR",
    "unknown": "BOOLEAN",
    "market": "VARCHAR",
    "group_no": "INTEGER",
    "set_no": "INTEGER",
    "first_bound_s": "BIGINT",
    "rates_no": "INTEGER",
    "effective_from": "DATE",
}
_SET: Final = {
    "set_no": "INTEGER",
    "from_minutes": "BIGINT",
    "rate_nanos": "BIGINT",
}
_BAND: Final = {
    "set_no": "INTEGER",
    "from_minutes": "BIGINT",
    "from_s": "BIGINT",
    "to_s": "BIGINT",
    "rate_nanos": "BIGINT",
    "unknown": "BOOLEAN",
}


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
    return f"CASE k.rounding_no {' '.join(cases)} END"
