"""From asking for permission to an answered call: a month's funnel, and what each step cost."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.rows import Row, rows_of
from wacost.analytics.stage import Asked, fill, sql_of
from wacost.bundled import bundled
from wacost.dialplan import checked_country, country_joins, load_sql_tables
from wacost.errors import InputError, PayloadError
from wacost.money import SECONDS, UNIT, amount_of, divide, minor_digits, parse_nanos, plain, trimmed

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

PRICES: Final = "messages.csv"
"""Prices of messages, in `data/rates` and in the workspace's `rates/`, whose rows come first."""
_SHOWN_PLACES: Final = 4  # of a cost per permission or per call: an average, not an amount billed
Typed = tuple[str, str | None, str, str, "datetime", str]
Price = tuple[str, str, str, int, date, str]
ToldPrice = tuple[str, str, str, "datetime", "datetime", str, int, str]


@dataclass(frozen=True, slots=True)
class Prices:
    """What messages cost.

    Attributes:
        listed: category, country, currency, nanos, first day, source.
        told: account, category, country, from, to (UTC), currency, nanos, source: what messages of
            that time did cost. Where it covers a message it comes first.
    """

    listed: Sequence[Price] = ()
    told: Sequence[ToldPrice] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What permissions cost in one currency.

    Attributes:
        currency: ISO 4217.
        messages: priced messages that asked.
        message_amount: what they cost, exact.
        calls: priced calls under the permissions.
        call_amount: what they cost, exact; the month has to be rated.
        per_permission: messages ÷ permissions that they brought, to 4 places; None: none, or no
            message has a known price.
        per_answered_call: messages and calls ÷ answered calls, likewise.
    """

    currency: str
    messages: int
    message_amount: Decimal
    calls: int
    call_amount: Decimal
    per_permission: Decimal | None
    per_answered_call: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: plain(trimmed(value)) if isinstance(value, Decimal) else value
            for name, value in told.items()
        }


@dataclass(frozen=True)
class Funnel:
    """A month's requests for permission to call, step by step.

    Attributes:
        month: in which they were made, local to the account.
        counts: requested, delivered, read, failed, temporary, permanent, refused, no_reply,
            automatic, granted, called, reached, expired_unused, revoked_unused,
            replaced_unused, open_unused, calls, answered_calls. Every permission (granted) is
            called or one of the four that are unused.
        costs: by currency.
        unpriced_messages: messages that asked, and whose price is not known.
        free_messages: messages that Meta says it does not bill.
        unpriced_calls: answered calls under the permissions without a price.
        price_sources: (where a price was found, how many messages it priced).
    """

    month: str
    counts: Row
    costs: tuple[Cost, ...]
    unpriced_messages: int
    free_messages: int
    unpriced_calls: int
    price_sources: tuple[tuple[str, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "month": self.month,
            **self.counts,
            "costs": [cost.as_dict() for cost in self.costs],
            "unpriced_messages": self.unpriced_messages,
            "free_messages": self.free_messages,
            "unpriced_calls": self.unpriced_calls,
            "price_sources": [
                {"source": source, "messages": count} for source, count in self.price_sources
            ],
        }


def funnel(con: DuckDBPyConnection, asked: Asked, typed: Sequence[Typed], prices: Prices) -> Funnel:
    """Return the funnel of a month.

    Args:
        con: an open store; read-only will do.
        asked: whose requests of which month.
        typed: requests that no webhook tells of: id, account, phone number id, contact, time in
            UTC, form.
        prices: of messages.
    """
    _prepare(con, asked, typed, prices)
    counts = rows_of(con, sql_of("funnel_counts"))[0]
    states = con.execute(_PRICED).fetchall()[0]
    rows = rows_of(con, sql_of("funnel_costs"))
    costs = tuple(_cost(row, counts, unpriced=states[0]) for row in rows)
    unpriced = counts["answered_calls"] - sum(cost.calls for cost in costs)
    sources = tuple(con.execute(_SOURCES).fetchall())
    return Funnel(asked.month, counts, costs, states[0], states[1], unpriced, sources)


def message_prices(rates_dir: Path) -> list[Price]:
    """Return the known prices of messages; the workspace's own stand in for wacost's.

    A row of the workspace replaces all rows of wacost with its category, country and currency.

    Raises:
        PayloadError: a row is wrong, with its line.
    """
    own = _price_rows(rates_dir / PRICES, "messages.csv of the workspace")
    replaced = {row[:3] for row in own}
    shipped = _price_rows(bundled("rates") / PRICES, "messages.csv of wacost")
    return sorted([*own, *(row for row in shipped if row[:3] not in replaced)])


def _price_rows(file: Path, name: str) -> list[Price]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        return [(*_price(file, reader.line_num, row), _source(name, row)) for row in reader]


def _source(name: str, row: dict[str, str]) -> str:
    """Name a file, and where a row of it says that its price is from.

    >>> _source("messages.csv", {"source": "a letter", "status": "contract"})
    'messages.csv (contract: a letter)'
    """
    told = [part for key in ("status", "source") if (part := (row.get(key) or "").strip())]
    return f"{name} ({': '.join(told)})" if told else name


def _price(file: Path, line: int, row: dict[str, str]) -> tuple[str, str, str, int, date]:
    try:
        minor_digits(row["currency"])
        nanos = parse_nanos(row["price"])
        on = date.fromisoformat(row["effective_from"])
        return row["category"], checked_country(row["country"]), row["currency"], nanos, on
    except (InputError, KeyError, ValueError, TypeError) as problem:
        raise PayloadError(
            f"{file}, line {line}: {problem}",
            hint="columns category, country, currency, price, effective_from",
        ) from None


_PRICED: Final = """
    SELECT
        count(*) FILTER (price_nanos IS NULL), count(*) FILTER (billable IS NOT DISTINCT FROM false)
    FROM asked_prices
"""
_SOURCES: Final = """
    SELECT price_source, count(*) FROM asked_prices
    WHERE price_nanos IS NOT NULL AND price_source IS NOT NULL AND billable IS DISTINCT FROM false
    GROUP BY price_source ORDER BY count(*) DESC, price_source
"""


def _prepare(con: DuckDBPyConnection, asked: Asked, typed: Sequence[Typed], prices: Prices) -> None:
    columns = "account VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP"
    fill(con, "month_windows", columns, asked.windows())
    columns = "id VARCHAR, account VARCHAR, phone_number_id VARCHAR, contact VARCHAR"
    fill(con, "typed_requests", f"{columns}, asked_at TIMESTAMP, form VARCHAR", typed)
    columns = "category VARCHAR, country VARCHAR, currency VARCHAR, price_nanos BIGINT"
    listed = f"{columns}, effective_from DATE, source VARCHAR"
    fill(con, "message_prices", listed, prices.listed)
    columns = "account VARCHAR, category VARCHAR, country VARCHAR, from_at TIMESTAMP"
    columns += ", to_at TIMESTAMP, currency VARCHAR, price_nanos BIGINT, source VARCHAR"
    fill(con, "told_prices", columns, prices.told)
    load_sql_tables(con)
    newest = "SET VARIABLE as_of = (SELECT max(greatest(first_event_at, ended_at)) FROM call_rows)"
    con.execute(newest)
    joins, country = country_joins("asked.contact")
    con.execute(sql_of("funnel").format(joins=joins, country=country))


def _cost(row: Row, counts: Row, *, unpriced: int) -> Cost:
    """Return the costs of one currency; nothing is divided where no message has a price."""
    messages, calls = row["message_nanos"] * SECONDS, row["call_units"]
    is_known = row["messages"] > 0 or not unpriced
    brought = counts["temporary"] + counts["permanent"] if is_known else 0
    answered = counts["answered_calls"] if is_known else 0
    return Cost(
        row["currency"],
        row["messages"],
        amount_of(messages),
        row["calls"],
        amount_of(calls),
        _each(messages, brought),
        _each(messages + calls, answered),
    )


def _each(units: int, count: int) -> Decimal | None:
    """Divide an amount among some, to 4 places.

    >>> _each(UNIT, 3), _each(UNIT, 0)
    (Decimal('0.3333'), None)
    """
    if not count:
        return None
    places = divide(units * 10**_SHOWN_PLACES, UNIT * count, "half_up")
    return Decimal(places).scaleb(-_SHOWN_PLACES)
