"""The laws of rating: the engine in SQL, the one in Python and the oracle agree in every column."""

from __future__ import annotations

import json
import random
import tomllib
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import oracle
import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replay import replay

from wacost.analytics.health import findings
from wacost.billing import draft_invoices
from wacost.cards import load_card
from wacost.config import Account
from wacost.rating import BilledAccount, Term, explain, rate_month
from wacost.rating.charge import Call
from wacost.rating.compiled import compiled
from wacost.rating.elsewhere import External, Observed
from wacost.rating.quote import price
from wacost.store import open_store
from wacost.zones import zone_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import duckdb
    from strategies import World

    from wacost.cards import RateCard

    Law = Callable[["Bench", World, random.Random], None]

Rows = dict[str, dict[str, Any]]

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))
TIMES = ("first_event_at", "ringing_at", "accepted_at", "started_at", "ended_at")
QUOTED = (
    "status",
    "direction",
    "country",
    "market",
    "flags",
    "billed_seconds",
    "pulses",
    "tier_from_minutes",
    "rate_per_minute",
    "fee",
    "amount",
    "amount_units",
    "currency",
    "effective_from",
)


class Bench:
    """One store that is emptied between examples, and a fresh folder for each example's cards."""

    def __init__(self, con: duckdb.DuckDBPyConnection, root: Path) -> None:
        self.con = con
        self._root = root
        self._examples = 0

    def cards(self, world: World) -> list[Path]:
        self._examples += 1
        return world.write(self._root / str(self._examples))

    def load(self, world: World, calls: list[dict[str, Any]]) -> None:
        for table in ("call_rows", "claims", "charge_rows", "cards"):
            self.con.execute(f"DELETE FROM {table}")
        for account in world.accounts:
            claim = ["phone_number_id", f"pn-{account.name}", account.name]
            self.con.execute("INSERT INTO claims VALUES (?, ?, ?)", claim)
        if calls:
            columns = [column for column in calls[0] if column != "account"]
            row = f"({', '.join('?' * len(columns))})"
            self.con.execute(
                f"INSERT INTO call_rows ({', '.join(columns)}) VALUES "
                + ", ".join([row] * len(calls)),
                [_stored(column, call[column]) for call in calls for column in columns],
            )

    def rate(
        self, accounts: list[BilledAccount], months: Sequence[str], world: World | None = None
    ) -> Rows:
        elsewhere = [used(one) for one in world.elsewhere] if world else []
        for month in months:
            rate_month(self.con, accounts, month, elsewhere=elsewhere)
        cursor = self.con.execute("SELECT * FROM charges")
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        checksums = {row[0] for row in self.con.execute("SELECT checksum FROM cards").fetchall()}
        assert {row["card_checksum"] for row in rows} <= checksums | {None}
        assert len({row["call_id"] for row in rows}) == len(rows)
        return {row["call_id"]: _plain(row) for row in rows}


@contextmanager
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_store(tmp_path / "wacost.duckdb") as con:
        yield Bench(con, tmp_path / "cards")


def _stored(column: str, value: Any) -> Any:
    if column in TIMES and value is not None:
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    return value


def _plain(value: Any) -> Any:
    """Put a value into the form in which both sides are compared: exact numbers, texts, lists."""
    if isinstance(value, dict):
        return {
            key: _plain(part) for key, part in value.items() if key not in ("card_checksum", "side")
        }
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str):
        return value
    return Fraction(value)


def _judged(charge: oracle.Charge) -> dict[str, Any]:
    """Return the oracle's charge with the amount to 12 places, as the store shows it."""
    amount = charge["amount"]
    shown = None if amount is None else oracle.rounded(amount, 12, "half_up")
    plain = _plain(charge | {"amount": shown})
    assert isinstance(plain, dict)
    return plain


def billed(world: World, folders: list[Path]) -> list[BilledAccount]:
    cards = [load_card(folder) for folder in folders]
    return [
        BilledAccount(
            name=account.name,
            timezone=account.timezone,
            card=cards[account.card],
            portfolio=account.portfolio,
            terms=tuple(
                Term(from_on=day, card=None if card is None else cards[card], timezone=timezone)
                for day, card, timezone in account.terms
            ),
        )
        for account in world.accounts
    ]


def used(one: oracle.Elsewhere) -> External | Observed:
    group = {"market": one.market, "country": one.country}
    if one.at is None:
        return External(one.portfolio, one.month, one.minutes * 60, **group)
    return Observed(one.portfolio, one.month, one.minutes * 60, one.at, **group)


def judge(world: World, folders: list[Path], totals: dict[str, int] | None = None) -> Rows:
    charges = oracle.price(
        world.calls, world.oracle_accounts(folders), elsewhere=world.elsewhere, totals=totals
    )
    return {charge["call_id"]: _judged(charge) for charge in charges}


def try_law(
    tmp_path: Path,
    law: Law,
    examples: int,
    **world: Any,
) -> None:
    with bench(tmp_path) as made:

        @settings(parent=CALM, max_examples=examples)
        @given(world=strategies.worlds(**world), chance=st.randoms(use_true_random=False))
        def hold(world: World, chance: random.Random) -> None:
            law(made, world, chance)

        hold()


# ------------------------------------------------------------------------- laws


def months_of(rows: Rows) -> list[str]:
    """Return the months to rate: rating one takes longer than all its calls."""
    return sorted({row["month"] for row in rows.values()})


def differences(rows: Rows, expected: Rows) -> dict[str, Any]:
    """Return only what differs, (engine, oracle) by call and column: a report that can be read."""
    found = {}
    for call_id in sorted(rows.keys() | expected.keys()):
        row, other = rows.get(call_id), expected.get(call_id)
        if row is None or other is None:
            found[call_id] = {"row": (row, other)}
        elif row != other:
            found[call_id] = {
                key: (row[key], other[key]) for key in other if row[key] != other[key]
            }
    return found


def the_three_agree(made: Bench, world: World, chance: random.Random) -> None:
    folders = made.cards(world)
    totals: dict[str, int] = {}
    expected = judge(world, folders, totals)
    accounts = {account.name: account for account in billed(world, folders)}
    made.load(world, world.calls)
    rows = made.rate(list(accounts.values()), months_of(expected), world)
    assert differences(rows, expected) == {}
    query = "SELECT call_id, accrual.total_s FROM charge_rows WHERE accrual.total_s IS NOT NULL"
    assert all(totals[call_id] == total for call_id, total in made.con.execute(query).fetchall())
    limits = [tomllib.loads(texts["card.toml"])["limits"] for texts in world.cards]
    for row in rows.values():  # a charge's own derivation is enough to recompute its amount
        parts = row["parts"] or []
        exact = sum(p["rate_per_minute"] * p["billed_seconds"] / 60 + p["fee"] for p in parts)
        if row["status"] == "rated" and row["pulses"]:
            told = limits[int(row["card"].removeprefix("card-"))]
            exact = max(exact, Fraction(told.get("min_charge", 0)))
            exact = min(exact, Fraction(told.get("max_charge", exact)))
        assert row["amount_units"] == (None if row["amount"] is None else exact * 60 * 10**9)
    for call in world.calls:
        row = rows[call["call_id"]]
        account = accounts.get(call["account"] or "")
        if account is not None and not account.terms:
            scalar = _scalar(call, account, row, totals[call["call_id"]])
            assert scalar == {column: row[column] for column in scalar}
        if account is not None and _quotable(call, account, row):
            quoted = _quote(call, account, row)
            assert quoted == {column: row[column] for column in QUOTED}


def the_invoice_adds_up(made: Bench, world: World, chance: random.Random) -> None:
    """Every part of every charge is on a line, and lines add up to what the charges are."""
    folders = made.cards(world)
    accounts = billed(world, folders)
    made.load(world, world.calls)
    rows = made.rate(accounts, strategies.MONTHS[1:3], world)
    broken = [one.name for one in findings(made.con) if not one.ok]
    assert not {"derivation", "shown_amount", "unpriced_is_null"} & set(broken)
    for account in accounts:
        for month in strategies.MONTHS[1:3]:
            told = Account(name=account.name, title="", timezone=account.timezone, card="card-0")
            drafts = draft_invoices(made.con, told, month)
            charged = [
                row
                for row in rows.values()
                if (row["account"], row["month"]) == (account.name, month)
            ]
            assert sum(invoice.calls for invoice in drafts) == len(charged)
            for place, invoice in enumerate(drafts):
                shown = {invoice.currency} if place else {invoice.currency, None}
                charges = [row for row in charged if len(drafts) == 1 or row["currency"] in shown]
                priced = [row for row in charges if row["status"] in ("rated", "free")]
                assert invoice.calls == len(charges)
                assert invoice.exact_units == sum(row["amount_units"] or 0 for row in priced)
                assert invoice.billed_seconds == sum(row["billed_seconds"] for row in priced)
                if {card.rounding.at for card in cards_of(account)} == {"call"}:
                    assert invoice.subtotal == sum(row["amount"] for row in priced)


def every_charge_can_be_replayed(made: Bench, world: World, chance: random.Random) -> None:
    """What is explained leads to the amount, step by step, for a reader who knows no wacost."""
    folders = made.cards(world)
    made.load(world, world.calls)
    rows = made.rate(billed(world, folders), strategies.MONTHS[1:3], world)
    zones = {
        account.name: zone_spans(account.timezone, [(day, zone) for day, _, zone in account.terms])
        for account in world.accounts
    }
    for call_id in rows:
        told = explain(made.con, call_id, zones=zones)
        assert replay(json.dumps(told.as_dict())) == [], told.text()


def cards_of(account: BilledAccount) -> list[RateCard]:
    return [card for card in (account.card, *(term.card for term in account.terms)) if card]


def order_changes_nothing(made: Bench, world: World, chance: random.Random) -> None:
    accounts = billed(world, made.cards(world))
    months = strategies.MONTHS[1:3]
    made.load(world, world.calls)
    first = made.rate(accounts, months, world)
    shuffled = list(world.calls)
    chance.shuffle(shuffled)
    made.load(world, shuffled)
    assert made.rate(accounts[::-1], months[::-1], world) == first
    assert made.rate(accounts, months[:1], world) == first  # rating twice gives the same rows


def _quote(call: dict[str, Any], account: BilledAccount, row: dict[str, Any]) -> dict[str, Any]:
    number = oracle.number_of(call["contact"])
    charge = account.card.quote(
        f"+{number}" if number else None,
        country=None if number else call["country"],
        seconds=call["duration_s"],
        direction=call["direction"],
        at=datetime.fromtimestamp(call["started_at"], UTC).isoformat(),
        timezone=account.timezone,
        minutes_before=int((row["seconds_before"] or 0) / 60),
    )
    return {column: _plain(getattr(charge, column)) for column in QUOTED}


def _scalar(
    call: dict[str, Any], account: BilledAccount, row: dict[str, Any], total: int
) -> dict[str, Any]:
    """Price the call, whatever became of it, with the scalar kernel: every column of the row."""
    facts = Call(**{field.name: call[field.name] for field in fields(Call) if field.name in call})
    charge = price(
        facts,
        compiled(account.card),
        account.timezone,
        seconds_before=int(row["seconds_before"] or 0),
        total_seconds=total,
    )
    columns = {column: _plain(getattr(charge, column)) for column in row if column != "parts"}
    parts = [
        {
            column: _plain(getattr(part, column))
            for column in ("from_second", "tier_from_minutes", "billed_seconds")
        }
        | {
            "rate_per_minute": Fraction(part.rate_nanos, 10**9),
            "fee": Fraction(part.fee_nanos, 10**9),
        }
        for part in charge.parts
    ]
    return {**columns, "parts": parts}


def _quotable(call: dict[str, Any], account: BilledAccount, row: dict[str, Any]) -> bool:
    """Tell whether a quote can say all of this call: answered, without contradiction or terms."""
    return (
        not account.terms
        and account.card is not None
        and account.card.tiers.model != "volume"
        and call["answered"]
        and not call["conflict"]
        and call["terminate_status"] == "COMPLETED"
        and call["ended_at"] is not None
        and call["duration_s"] == call["ended_at"] - call["started_at"]
        and call["direction"] is not None
        and (bool(oracle.number_of(call["contact"])) or call["country"] is not None)
        and (row["seconds_before"] or 0) % 60 == 0
        and "tier_unknown" not in (row["flags"] if row["status"] == "no_rate" else [])
    )


LAWS = pytest.mark.parametrize(
    ("law", "share"),
    [
        (the_three_agree, 1),
        (the_invoice_adds_up, 4),
        (order_changes_nothing, 4),
        (every_charge_can_be_replayed, 6),
    ],
)


@LAWS
def test_law(law: Law, share: int, tmp_path: Path) -> None:
    try_law(tmp_path, law, 60 // share, max_calls=100)


def test_the_three_agree_where_the_lowest_bands_are_not_known(tmp_path: Path) -> None:
    try_law(tmp_path, the_three_agree, 25, max_calls=60, unknown_first=True)


@pytest.mark.full
@LAWS
def test_law_at_length(law: Law, share: int, tmp_path: Path) -> None:
    try_law(tmp_path, law, 240 // share, max_calls=160)


@settings(parent=CALM, max_examples=60)
@given(
    card=strategies.cards(),
    calls=strategies.calls(strategies.ZONES, max_size=12),
    minutes_before=st.sampled_from((0, 1, 2, 4, 5, 59, 60, 61, 49_990)),
)
def test_a_quote_is_what_the_oracle_quotes(
    card: strategies.Texts,
    calls: list[dict[str, Any]],
    minutes_before: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = strategies.write_card(card, tmp_path_factory.mktemp("card") / "drawn")
    for call in calls:
        number, country = oracle.number_of(call["contact"]) or None, call["country"]
        if call["direction"] and (number or country):
            asked = {
                "seconds": call["ended_at"] - call["first_event_at"] if call["ended_at"] else 0,
                "direction": call["direction"],
                "timezone": call["account"] or "UTC",
                "minutes_before": minutes_before,
            }
            at = call["first_event_at"]
            judged = oracle.quote(
                folder, number=number, country=None if number else country, at=at, **asked
            )
            charge = load_card(folder).quote(
                number,
                country=None if number else country,
                at=datetime.fromtimestamp(at, UTC).isoformat(),
                **asked,
            )
            expected = _judged(judged)
            assert {column: _plain(getattr(charge, column)) for column in QUOTED} == {
                column: expected[column] for column in QUOTED
            }
