"""Months small enough to be worked out by hand: what order, bounds and policies make of calls."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from wacost.cards import RateCard
from wacost.rating import BilledAccount, Term, rate_month
from wacost.rating.charge import Call
from wacost.rating.compiled import compiled
from wacost.rating.elsewhere import Observed
from wacost.rating.quote import price
from wacost.store import open_store

NOON = datetime(2026, 10, 10, 12, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def con(tmp_path):
    with open_store(tmp_path / "wacost.duckdb") as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
        yield con


def add(con, call_id, ended_at, seconds, told=None, **facts):
    con.execute(
        """
        INSERT INTO call_rows BY NAME SELECT $id AS call_id, 'outbound' AS direction,
            $country AS country, $waba_id AS waba_id, $status AS terminate_status,
            'answered' AS disposition, true AS answered, $began AS first_event_at,
            $began AS started_at, $ended AS ended_at, $told AS duration_s, false AS conflict
        """,
        {
            "id": call_id,
            "began": ended_at - timedelta(seconds=seconds),
            "ended": ended_at,
            "told": seconds if told is None else told,
            "country": facts.get("country", "GE"),
            "waba_id": facts.get("waba_id"),
            "status": facts.get("status", "COMPLETED"),
        },
    )


def rated(con, card, columns, elsewhere=()):
    accounts = [BilledAccount("acme", "UTC", card, "acme")]
    rate_month(con, accounts, "2026-10", elsewhere=elsewhere)
    return con.execute(f"SELECT {columns} FROM charges ORDER BY call_id").fetchall()


def scalar(con, card, **facts):
    """Return what the scalar kernel makes of the calls that were rated last."""
    found = con.execute(
        "SELECT call_id, epoch(started_at)::BIGINT, epoch(ended_at)::BIGINT, duration_s,"
        " seconds_before FROM call_rows JOIN charges USING (call_id) ORDER BY call_id"
    ).fetchall()
    return [
        price(
            Call(call_id, "outbound", None, "GE", start, start, end, told),
            compiled(card),
            "UTC",
            seconds_before=before,
            **facts,
        ).amount
        for call_id, start, end, told, before in found
    ]


def card(fees=("0.01", "0.02", "0.03"), **facts):
    row = {"direction": "outbound", "destination": "*", "effective_from": "2026-01-01"}
    bands = zip(("0", "2", "4"), ("0.6", "0.3", "0.1"), fees, strict=True)
    rows = [
        row | {"tier_from_minutes": minute, "rate_per_minute": rate, "fee": fee}
        for minute, rate, fee in bands
    ]
    return RateCard.from_rows(rows, currency="USD", increments=(30, 6), **facts)


@pytest.mark.parametrize(
    ("facts", "before", "amounts"),
    [
        # by end and then by name: b, a, c, d, e are billed 36, 60, 66, 30 and 30 seconds; the
        # third of them crosses the bound of 2 minutes
        (
            {"tiers": "whole_call", "fees": ("0", "0", "0")},
            [36, 0, 96, 162, 192],
            ["0.6", "0.36", "0.33", "0.15", "0.15"],
        ),
        (
            {"tiers": "whole_call", "accrual": "actual", "fees": ("0", "0", "0")},
            [31, 0, 91, 152, 162],
            ["0.6", "0.36", "0.33", "0.15", "0.15"],
        ),
        (
            {"tiers": "whole_call"},
            [36, 0, 96, 162, 192],
            ["0.61", "0.37", "0.35", "0.17", "0.17"],
        ),
        # 24 seconds below the bound and 42 above it
        (
            {"tiers": "graduated"},
            [36, 0, 96, 162, 192],
            ["0.61", "0.37", "0.46", "0.17", "0.17"],
        ),
        # 61 seconds, 29 of them below the bound; what rounding adds belongs to the last one
        (
            {"tiers": "graduated", "accrual": "actual"},
            [31, 0, 91, 152, 162],
            ["0.61", "0.37", "0.485", "0.17", "0.17"],
        ),
        (
            {"tiers": "volume"},
            [36, 0, 96, 162, 192],
            ["0.32", "0.2", "0.35", "0.17", "0.17"],
        ),
    ],
)
def test_calls_move_through_the_bands_in_the_order_of_their_ends(con, facts, before, amounts):
    for call_id, hours, seconds in (
        ("a", 1, 60),
        ("b", 0, 31),
        ("c", 2, 61),
        ("d", 2, 10),
        ("e", 3, 0),
    ):
        add(con, call_id, NOON + timedelta(hours=hours), seconds)
    rows = rated(con, card(**facts), "seconds_before, amount")
    assert rows == [
        (seconds, Decimal(amount)) for seconds, amount in zip(before, amounts, strict=True)
    ]
    assert scalar(con, card(**facts), total_seconds=222) == [row[1] for row in rows]


@pytest.mark.parametrize(
    ("facts", "before", "amounts"),
    [
        # 92 seconds are 30 and 66: the bound of 2 minutes is within the second slot of the second
        # call, whose fee is that of the band in which the slot begins
        ({}, [0, 36, 132], ["0.47", "1.61", "0.17"]),
        # the second slot of the second call has the seconds 62 to 123, and 4 that rounding adds
        ({"accrual": "actual"}, [0, 31, 123], ["0.47", "1.635", "0.17"]),
    ],
)
def test_each_slot_moves_through_the_bands_behind_the_one_before_it(con, facts, before, amounts):
    row = {"direction": "outbound", "destination": "*", "effective_from": "2026-01-01"}
    head = ("from_second", "tier_from_minutes", "rate_per_minute", "fee")
    slots = [("0", "0", "0.6", "0.01"), ("0", "2", "0.3", "0.02")]
    slots += [("30", "0", "1.2", "0.04"), ("30", "2", "0.9", "0.05")]
    rows = [row | dict(zip(head, one, strict=True)) for one in slots]
    made = RateCard.from_rows(rows, currency="USD", increments=(30, 6), tiers="graduated", **facts)
    for hours, (call_id, seconds) in enumerate((("a", 31), ("b", 92), ("c", 20))):
        add(con, call_id, NOON + timedelta(hours=hours), seconds)
    assert rated(con, made, "seconds_before, amount") == [
        (seconds, Decimal(amount)) for seconds, amount in zip(before, amounts, strict=True)
    ]
    assert scalar(con, made) == [Decimal(amount) for amount in amounts]


PLAIN_AND_PARTED = pytest.mark.parametrize("fees", [("0",) * 3, ("0.01",) * 3])


@PLAIN_AND_PARTED
def test_a_call_that_ends_at_a_bound_has_not_crossed_it(con, fees):
    made = card(fees=fees)
    told = "seconds_before, tier_from_minutes, amount - fee"
    for number, call_id in enumerate("ab"):
        add(con, call_id, NOON + timedelta(hours=number), 60)
    expected = [(0, 0, Decimal("0.6")), (60, 0, Decimal("0.6"))]
    assert rated(con, made, told) == expected
    for number, call_id in enumerate("cde", start=2):
        add(con, call_id, NOON + timedelta(hours=number), 60)
    expected += [(120, 2, Decimal("0.3")), (180, 2, Decimal("0.3")), (240, 4, Decimal("0.1"))]
    assert rated(con, made, told) == expected


@PLAIN_AND_PARTED
@pytest.mark.parametrize(
    ("scope", "before"),
    [
        # what a, b, c and d find: GE, PY, GE and GE of one portfolio, and e: GE of another
        ("country", [0, 0, 60, 120, 0]),
        ("card", [0, 60, 120, 180, 0]),
    ],
)
def test_accounts_of_a_portfolio_fill_its_groups_together_and_no_others(con, fees, scope, before):
    con.execute("INSERT INTO claims VALUES ('waba_id', '2', 'beta'), ('waba_id', '3', 'gamma')")
    calls = (
        ("a", "GE", "1"),
        ("b", "PY", "2"),
        ("c", "GE", "2"),
        ("d", "GE", "1"),
        ("e", "GE", "3"),
    )
    for hours, (call_id, country, waba_id) in enumerate(calls):
        add(con, call_id, NOON + timedelta(hours=hours), 60, country=country, waba_id=waba_id)
    made = card(fees=fees, scope=scope)
    accounts = [
        BilledAccount(name, "UTC", made, portfolio)
        for name, portfolio in (("acme", "one"), ("beta", "one"), ("gamma", "two"))
    ]
    rate_month(con, accounts, "2026-10")
    found = con.execute("SELECT seconds_before FROM charges ORDER BY call_id").fetchall()
    assert [row[0] for row in found] == before


@PLAIN_AND_PARTED
@pytest.mark.parametrize("accrual", ["billed", "actual"])
@pytest.mark.parametrize("tiers", ["whole_call", "graduated"])
def test_a_call_that_a_policy_lets_go_free_fills_no_band(con, fees, accrual, tiers):
    add(con, "a", NOON, 130, status="FAILED")
    add(con, "b", NOON + timedelta(hours=1), 60)
    policies = {"failed_with_duration": "free"}
    made = card(fees=fees, accrual=accrual, tiers=tiers, policies=policies)
    told = "seconds_before, billed_seconds, tier_from_minutes, amount - fee"
    assert rated(con, made, told) == [(0, 0, 0, 0), (0, 60, 0, Decimal("0.6"))]
    now = int(NOON.replace(tzinfo=UTC).timestamp())
    failed = Call("a", "outbound", None, "GE", now, now, now + 130, 130, terminate_status="FAILED")
    charge = price(failed, compiled(made), "UTC", seconds_before=0)
    assert (charge.amount, charge.fee, charge.tier_from_minutes) == (0, 0, 0)


@pytest.mark.parametrize(
    ("tiers", "accrual", "amount"),
    [
        # 91 and 29 seconds are 120, at the bound; billed they are 96 and 30, 6 of them above it
        ("whole_call", "actual", "0.3"),
        ("whole_call", "billed", "0.15"),
        ("graduated", "actual", "0.3"),
        ("graduated", "billed", "0.27"),
    ],
)
@PLAIN_AND_PARTED
def test_either_spoken_or_billed_seconds_reach_a_bound(con, fees, tiers, accrual, amount):
    add(con, "a", NOON, 91)
    add(con, "b", NOON + timedelta(hours=1), 29)
    made = card(fees=fees, tiers=tiers, accrual=accrual)
    expected = [Decimal("0.96"), Decimal(amount)]
    assert [row[0] for row in rated(con, made, "amount - fee")] == expected
    assert [one - Decimal(fees[0]) for one in scalar(con, made)] == expected


@pytest.mark.parametrize(
    ("policy", "contradicted"),
    [
        ("times", ("rated", 120, ["duration_conflict"])),
        ("field", ("rated", 122, ["duration_conflict"])),
        ("hold", ("held", None, ["duration_conflict"])),
    ],
)
def test_a_length_that_differs_by_one_second_contradicts_nothing(con, policy, contradicted):
    row = {"direction": "outbound", "destination": "*", "effective_from": "2026-01-01"}
    made = RateCard.from_rows(
        [{**row, "rate_per_minute": "0.6"}],
        currency="USD",
        increments=(1, 1),
        policies={"duration_conflict": policy},
    )
    add(con, "a", NOON, 120, told=121)
    add(con, "b", NOON, 120, told=119)
    add(con, "c", NOON, 120, told=122)
    assert rated(con, made, "status, billed_seconds, flags") == [
        ("rated", 121, []),
        ("rated", 119, []),
        contradicted,
    ]


def test_a_held_call_across_a_change_of_card_says_that_its_end_decides(con):
    add(con, "a", datetime(2026, 10, 20, 0, 0, 30), 60, told=70)
    accounts = [
        BilledAccount(
            "acme", "UTC", card(), "acme", terms=(Term(date(2026, 10, 20), card=card(name="new")),)
        )
    ]
    rate_month(con, accounts, "2026-10")
    assert con.execute("SELECT status, flags FROM charges").fetchall() == [
        ("held", ["month_of", "duration_conflict"])
    ]


@PLAIN_AND_PARTED
@pytest.mark.parametrize(
    ("policy", "billed"),
    # 30 seconds at 0.01 a second, and the fee; or neither of them, nor the least per call
    [("first_increment", 30), ("free", 0)],
)
@pytest.mark.parametrize("least", ["0", "0.9"])
def test_a_call_of_no_length_is_billed_its_first_increment_and_fee_or_nothing(
    con, fees, policy, billed, least
):
    made = card(fees=fees, limits={"min_charge": least}, policies={"answered_zero_seconds": policy})
    add(con, "a", NOON, 0)
    due = max(billed * Decimal("0.01") + Decimal(fees[0]), Decimal(least)) if billed else 0
    told = "billed_seconds, pulses, seconds_before, amount, flags"
    row = (billed, min(billed, 1), 0, due, ["answered_zero_seconds"])
    assert rated(con, made, told) == [row]
    assert scalar(con, made) == [due]
    assert made.quote(country="GE", seconds=0, at="2026-10-10T12:00:00Z").amount == due


def seen(minutes, seconds):
    """A tier that was observed so many seconds after noon, for all calls to Georgia."""
    at = int(NOON.replace(tzinfo=UTC).timestamp()) + seconds
    return [Observed("acme", "2026-10", minutes * 60, at, country="GE")]


@pytest.mark.parametrize(
    ("tiers", "seconds", "amounts"),
    [
        # two calls of a minute end at 12:00 and 13:00; four minutes were reached …
        ("whole_call", 3600, ["0.6", "0.1"]),  # … in the second in which the second one ends
        ("whole_call", 3601, ["0.6", "0.6"]),  # … a second later
        ("graduated", 3600, ["0.6", "0.1"]),
        ("volume", 3600, ["0.1", "0.1"]),
        # … after the last call: the month ends at 4 minutes, whose band is that from 2 on
        ("volume", 7200, ["0.3", "0.3"]),
        ("whole_call", 7200, ["0.6", "0.6"]),
    ],
)
def test_a_tier_counts_from_the_second_on_in_which_it_was_observed(con, tiers, seconds, amounts):
    made = card(fees=("0", "0", "0"), tiers=tiers, scope="country")
    for hour, call_id in enumerate("ab"):
        add(con, call_id, NOON + timedelta(hours=hour), 60)
    found = rated(con, made, "amount", seen(4, seconds))
    assert [row[0] for row in found] == [Decimal(amount) for amount in amounts]
    total = 300 if seconds == 3600 else 240
    assert scalar(con, made, total_seconds=total) == [row[0] for row in found]


def test_the_fee_is_that_of_the_band_in_which_a_call_begins(con):
    """120 seconds fill the first band: the next call begins in the second one, and pays its fee."""
    made = card(tiers="graduated")
    for hour, (call_id, seconds) in enumerate((("a", 120), ("b", 60), ("c", 60), ("d", 6))):
        add(con, call_id, NOON + timedelta(hours=hour), seconds)
    found = rated(con, made, "seconds_before, fee, amount")
    assert found == [
        (0, Decimal("0.01"), Decimal("1.21")),
        (120, Decimal("0.02"), Decimal("0.32")),
        (180, Decimal("0.02"), Decimal("0.32")),
        (240, Decimal("0.03"), Decimal("0.08")),
    ]
    assert scalar(con, made) == [row[2] for row in found]


def test_a_call_that_moves_nothing_stays_in_the_band_of_the_second_before_it(con):
    """120 seconds fill the first band; a call of no length is billed in it, if it moves nothing."""
    made = card(tiers="graduated", accrual="actual")
    add(con, "a", NOON, 120)
    add(con, "b", NOON + timedelta(hours=1), 0)
    told = "seconds_before, tier_from_minutes, fee, amount"
    found = rated(con, made, told)
    assert found[1] == (120, 0, Decimal("0.01"), Decimal("0.31"))
    assert scalar(con, made) == [row[3] for row in found]


def unknown_below(minutes, **facts):
    row = {"direction": "outbound", "destination": "*", "effective_from": "2026-01-01"}
    bands = [("0", "unknown"), (minutes, "0.3")]
    rows = [row | {"tier_from_minutes": at, "rate_per_minute": rate} for at, rate in bands]
    return RateCard.from_rows(rows, currency="USD", increments=(30, 6), scope="country", **facts)


def test_a_call_whose_rate_is_not_known_has_no_price_and_fills_no_band(con):
    """Nothing is known of the first minute: 36 seconds end in it, 66 above it, and then 30."""
    made = unknown_below("1")
    for hour, (call_id, seconds) in enumerate((("a", 31), ("b", 61), ("c", 30))):
        add(con, call_id, NOON + timedelta(hours=hour), seconds)
    assert rated(con, made, "status, flags, seconds_before, amount") == [
        ("no_rate", ["tier_unknown"], None, None),
        ("rated", [], 0, Decimal("0.33")),
        ("rated", [], 66, Decimal("0.15")),
    ]
    assert made.quote(country="GE", seconds=31, at="2026-10-10T12:00:00Z").status == "no_rate"


def test_a_tier_that_is_observed_late_makes_the_rate_known_that_prices_a_whole_month(con):
    made = unknown_below("1", tiers="volume")
    add(con, "a", NOON, 31)
    assert rated(con, made, "status, amount") == [("no_rate", None)]
    assert rated(con, made, "status, amount", seen(2, 18_000)) == [("rated", Decimal("0.18"))]
    assert scalar(con, made, total_seconds=120) == [Decimal("0.18")]


@pytest.mark.parametrize("tiers", ["whole_call", "graduated", "volume"])
@pytest.mark.parametrize(("seconds", "amount"), [(0, "0.33"), (1, None)])
def test_a_tier_that_is_observed_as_a_call_ends_makes_its_rate_known(con, tiers, seconds, amount):
    """2 minutes, and 66 seconds above them, are above the 3 below which no rate is known."""
    made = unknown_below("2" if tiers == "graduated" else "3", tiers=tiers)
    add(con, "a", NOON, 61)
    found = rated(con, made, "status, seconds_before, amount", seen(2, seconds))
    assert found == [("rated", 120, Decimal(amount)) if amount else ("no_rate", None, None)]


def test_a_call_refused_for_its_rate_still_says_that_its_end_chose_the_month(con):
    add(con, "a", datetime(2026, 10, 1, 0, 0, 10), 30)
    made = unknown_below("1")
    assert rated(con, made, "status, month, flags") == [
        ("no_rate", "2026-10", ["tier_unknown", "month_of"])
    ]
    end = int(datetime(2026, 10, 1, 0, 0, 10, tzinfo=UTC).timestamp())
    call = Call("a", "outbound", None, "GE", end - 30, end - 30, end, 30)
    charge = price(call, compiled(made), "UTC")
    assert (charge.status, charge.flags) == ("no_rate", ("tier_unknown", "month_of"))
