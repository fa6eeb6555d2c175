"""However the supplier settles what we do not know, the month costs what its range allows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from wacost.cards import RateCard
from wacost.money import UNIT
from wacost.rating import BilledAccount, rate_month
from wacost.rating.elsewhere import External, Observed
from wacost.rating.ranges import CostRange, cost_ranges
from wacost.store import scratch_store

MONTH = "2026-10"
NOON = datetime(2026, 10, 12, 12)
COLUMNS = {
    "disposition": "answered",
    "direction": "outbound",
    "contact": "5511987654321",
    "country": "BR",
    "conflict": False,
    "terminate_status": "COMPLETED",
    "phone_number_id": "acme",
}


def answered(call_id, end, seconds, **more):
    times = {"started_at": end - timedelta(seconds=seconds), "ended_at": end, "duration_s": seconds}
    return {"call_id": call_id, **COLUMNS, **times, "first_event_at": times["started_at"], **more}


def silent(call_id, disposition, end, seconds=None, **more):
    """A call without a start."""
    told = {"ended_at": None if disposition == "open" else end, "duration_s": seconds}
    return {"call_id": call_id, **COLUMNS, **told, "first_event_at": end, **more} | {
        "disposition": disposition
    }


@contextmanager
def rated(calls, accounts, elsewhere=()):
    with scratch_store() as con:
        for account in accounts:
            claim = ["phone_number_id", account.name, account.name]
            con.execute("INSERT INTO claims VALUES (?, ?, ?)", claim)
        for call in calls:
            names = ", ".join(f"? AS {name}" for name in call)
            con.execute(
                f"INSERT INTO call_rows BY NAME SELECT {names},"
                f" {'started_at' in call}::BOOLEAN AS answered",
                list(call.values()),
            )
        rate_month(con, accounts, MONTH, elsewhere=elsewhere)
        yield con


def range_of(calls, accounts, elsewhere=()) -> CostRange:
    with rated(calls, accounts, elsewhere) as con:
        found = cost_ranges(con, accounts, MONTH, elsewhere=elsewhere)
    return next(one for one in found if one.account == "acme")


def row(rate, **more):
    told = {"direction": "outbound", "destination": "55", "effective_from": "2025-08-01"}
    return {**told, "rate_per_minute": rate, **more}


def made(*rows, **facts):
    return RateCard.from_rows(list(rows), currency="USD", scope="country", **facts)


def acme(card):
    return [BilledAccount("acme", "UTC", card, "group")]


def told(found: CostRange):
    return (
        _text(found.least),
        _text(found.most),
        [(one.cause, one.calls, _text(one.least), _text(one.most)) for one in found.doubts],
    )


def _text(amount):
    """Write an amount with its cents, and with all its places where it has more."""
    if amount is None:
        return None
    cents = amount.quantize(Decimal("0.01"))
    return str(cents if cents == amount else amount)


FLAT = made(row("0.6"))
LIMITED = made(row("0.6"), limits={"max_charge": "5"})
OPEN_TOP = made(
    row("0.6"), row("0.3", tier_from_minutes="2"), row("unknown", tier_from_minutes="3")
)
BETWEEN = made(
    row("0.6"), row("unknown", tier_from_minutes="1"), row("0.2", tier_from_minutes="100")
)
LADDER = made(row("0.6"), row("0.3", tier_from_minutes="2"))
MINUTES = [answered(f"m{n}", NOON + timedelta(minutes=n), 60) for n in range(4)]


@pytest.mark.parametrize(
    ("card", "calls", "expected"),
    [
        (FLAT, MINUTES, ("2.40", "2.40", [])),
        (FLAT, [silent("x", "missed", NOON)], ("0.00", "0.00", [])),
        (
            FLAT,
            [*MINUTES, silent("x", "incomplete", NOON, 61)],
            ("2.40", "3.06", [("incomplete", 1, "0.00", "0.66")]),
        ),
        (
            FLAT,
            [silent("x", "incomplete", NOON, accepted_at=NOON - timedelta(seconds=30))],
            ("0.00", "0.30", [("incomplete", 1, "0.00", "0.30")]),
        ),
        (
            FLAT,
            [silent("x", "incomplete", NOON)],
            ("0.00", None, [("incomplete", 1, "0.00", None)]),
        ),
        (
            FLAT,
            [*MINUTES, silent("x", "open", NOON), silent("y", "open", NOON)],
            ("2.40", None, [("open", 2, "0.00", None)]),
        ),
        (
            LIMITED,
            [*MINUTES, silent("x", "open", NOON), silent("y", "open", NOON)],
            ("2.40", "12.40", [("open", 2, "0.00", "10.00")]),
        ),
        (
            FLAT,
            [answered("x", NOON, 60) | {"duration_s": 120}],
            ("0.60", "1.20", [("held", 1, "0.60", "1.20")]),
        ),
        (
            FLAT,
            [answered("x", NOON, 60, conflict=True)],
            ("0.00", None, [("held", 1, "0.00", None)]),
        ),
        (
            FLAT,
            [answered("x", NOON, 60, contact=None, country=None)],
            ("0.00", None, [("no_country", 1, "0.00", None)]),
        ),
        (
            FLAT,
            [answered("x", NOON, 60, contact="442012345678", country="GB")],
            ("0.00", None, [("no_rate", 1, "0.00", None)]),
        ),
        (
            FLAT,  # it has no row for inbound calls
            [answered("x", NOON, 60, direction=None)],
            ("0.00", None, [("no_rate", 1, "0.00", None)]),
        ),
        (
            made(row("0.6"), row("0.2", direction="inbound")),
            [answered("x", NOON, 60, direction=None)],
            ("0.00", "0.60", [("no_rate", 1, "0.00", "0.60")]),
        ),
        (OPEN_TOP, MINUTES, ("1.50", "1.80", [("tier_unknown", 1, "0.00", "0.30")])),
        (BETWEEN, MINUTES[:2], ("0.80", "1.20", [("tier_unknown", 1, "0.20", "0.60")])),
        (
            made(row("unknown"), row("0.2", tier_from_minutes="100")),
            MINUTES[:2],
            ("0.40", None, [("tier_unknown", 2, "0.40", None)]),
        ),
        (made(row("unknown")), MINUTES[:1], ("0.00", None, [("tier_unknown", 1, "0.00", None)])),
        # Whether the call of a minute came first decides the band of the third
        (
            LADDER,
            [*MINUTES[:2], silent("x", "incomplete", NOON, 60)],
            (
                "0.90",
                "1.80",
                [("incomplete", 1, "0.00", "0.60"), ("tier_moved", 1, "0.30", "0.60")],
            ),
        ),
    ],
)
def test_what_is_not_known_leaves_a_range_and_nothing_else_does(card, calls, expected):
    found = told(range_of(calls, acme(card)))
    assert found == expected


def test_minutes_used_elsewhere_may_come_before_or_after():
    used = [External("group", MONTH, 60, country="BR")]
    found = range_of(MINUTES, acme(LADDER), used)
    assert told(found) == ("1.50", "1.80", [("used_elsewhere", 1, "0.30", "0.60")])
    whole = made(row("0.6"), row("0.3", tier_from_minutes="2"), tiers="volume")
    assert told(range_of(MINUTES[:2], acme(whole), used)) == ("0.60", "0.60", [])


def test_rates_that_rise_with_volume_are_bounded_too():
    rising = made(row("0.3"), row("0.6", tier_from_minutes="2"))
    found = range_of(MINUTES, acme(rising), [External("group", MONTH, 60, country="BR")])
    assert (found.least, found.most) == (Decimal("1.20"), Decimal("2.40"))
    fees = made(row("0.3", fee="0.1"), row("0.3", fee="0.2", tier_from_minutes="2"))
    found = range_of(MINUTES, acme(fees), [External("group", MONTH, 60, country="BR")])
    assert (found.least, found.most) == (Decimal("1.60"), Decimal("2.00"))


def test_a_call_held_for_its_length_may_go_free_where_it_failed():
    card = made(row("0.6"), policies={"failed_with_duration": "free"})
    call = answered("x", NOON, 60) | {"duration_s": 120, "terminate_status": "FAILED"}
    assert told(range_of([call], acme(card))) == ("0.00", "1.20", [("held", 1, "0.00", "1.20")])


@pytest.mark.parametrize("scope", ["card", "country", "market"])
@pytest.mark.parametrize("who", [{}, {"contact": None, "country": None}])
def test_a_call_in_doubt_moves_the_tier_of_whatever_group_it_may_count_to(scope, who):
    rows = [row("0.6"), row("0.3", tier_from_minutes="2")]
    markets = [{"market": "M", "country_or_prefix": "BR", "effective_from": "2025-08-01"}]
    card = RateCard.from_rows(rows, currency="USD", scope=scope, markets=markets)
    doubtful = silent("x", "incomplete", NOON - timedelta(hours=1), 60, **who)
    causes = [one[0] for one in told(range_of([*MINUTES[:2], doubtful], acme(card)))[2]]
    assert causes == ["incomplete", "tier_moved"]
    elsewhere = {"contact": "442012345678", "country": "GB"}
    other = doubtful | elsewhere
    causes = [one[0] for one in told(range_of([*MINUTES[:2], other], acme(card)))[2]]
    assert causes == ["incomplete", "tier_moved"][: 1 + (scope == "card")]


def test_a_tier_that_was_observed_may_have_been_reached_long_before():
    seen = int(datetime(2026, 10, 12, 12, 1, 30).timestamp() - datetime(1970, 1, 1).timestamp())
    told_of = [Observed("group", MONTH, 120, seen, country="BR")]
    found = range_of(MINUTES, acme(LADDER), told_of)
    assert told(found) == ("1.20", "1.80", [("used_elsewhere", 2, "0.60", "1.20")])


def test_a_call_that_ended_without_a_start_lasted_no_longer_than_to_its_terminate_event():
    accepted = {"accepted_at": NOON - timedelta(seconds=90)}
    calls = [silent("x", "incomplete", NOON, **accepted) | {"ended_at": None}]
    with rated(calls, acme(FLAT)) as con:
        for kind, at in (("ACCEPTED", accepted["accepted_at"]), ("terminate", NOON)):
            con.execute(
                "INSERT INTO events BY NAME SELECT 'x' AS call_id, ? AS kind, ? AS event_at",
                [kind, at],
            )
        (found,) = cost_ranges(con, acme(FLAT), MONTH)
    assert told(found) == ("0.00", "0.90", [("incomplete", 1, "0.00", "0.90")])


def test_a_lost_end_puts_only_those_tiers_in_doubt_that_a_day_of_talk_reaches():
    near = made(row("0.6"), row("0.3", tier_from_minutes="1440"))
    far = made(row("0.6"), row("0.3", tier_from_minutes="1445"))
    calls = [*MINUTES, silent("x", "open", NOON)]
    assert [one[0] for one in told(range_of(calls, acme(near)))[2]] == ["open", "tier_moved"]
    assert [one[0] for one in told(range_of(calls, acme(far)))[2]] == ["open"]


def test_a_free_call_without_an_end_is_no_doubt():
    free = made(row("0"))
    assert told(range_of([silent("x", "open", NOON)], acme(free))) == ("0.00", "0.00", [])


def test_where_the_card_rounds_each_call_so_does_the_range():
    card = made(row("0.011"), rounding=("call", 2, "up"))
    calls = [answered("a", NOON, 6), silent("x", "incomplete", NOON, 6)]
    assert told(range_of(calls, acme(card))) == (
        "0.01",
        "0.02",
        [("incomplete", 1, "0.00", "0.01")],
    )


def test_each_account_and_currency_has_its_own_range_and_a_store_that_is_only_read_tells_it():
    other = replace(acme(LADDER)[0], name="other", portfolio="other")
    calls = [*MINUTES, silent("x", "open", NOON, phone_number_id="other")]
    with rated(calls, [*acme(LADDER), other]) as con:
        before = con.execute("SELECT * FROM charge_rows ORDER BY ALL").fetchall()
        found = cost_ranges(con, [*acme(LADDER), other], MONTH)
        assert con.execute("SELECT * FROM charge_rows ORDER BY ALL").fetchall() == before
    assert [(one.account, one.currency, one.most) for one in found] == [
        ("acme", "USD", Decimal("1.80")),
        ("other", "USD", None),
    ]
    assert found[1].as_dict()["doubts"] == [
        {"cause": "open", "calls": 1, "least": "0", "most": None}
    ]


# ----------------------------------------------------------------------- the law

BOUNDS = (1, 2, 5, 9)
RATES = ("0.6", "0.3", "0.1", "0", "1.2")
band = st.sampled_from([*RATES, "unknown"])
ladders = st.dictionaries(st.sampled_from(BOUNDS), band, max_size=3)
slot = st.tuples(st.sampled_from([*RATES, "unknown"]), ladders, st.sampled_from(("0", "0", "0.5")))
cards = st.fixed_dictionaries(
    {
        "slots": st.lists(slot, min_size=1, max_size=2),
        "tiers": st.sampled_from(("whole_call", "whole_call", "graduated", "volume")),
        "accrual": st.sampled_from(("billed", "actual")),
        "scope": st.sampled_from(("country", "card")),
        "increments": st.sampled_from([(6, 6), (1, 1), (60, 60), (30, 6)]),
        "limits": st.sampled_from([{}, {}, {"min_charge": "0.1"}, {"max_charge": "0.7"}]),
        "rounding": st.sampled_from([("line", 2, "half_up"), ("call", 2, "half_up")]),
    }
)
PEOPLE = (("5511987654321", "BR"), ("919812345678", "IN"))
KINDS = ("answered",) * 6 + ("incomplete", "accepted", "open", "held", "no_country")
drawn_calls = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 6000),  # minutes of the month at which it ends
        st.integers(0, 200),
        st.sampled_from(PEOPLE),
    ),
    max_size=10,
)


def rows_of(slots, resolve):
    """Return the rows of a card: each slot's bands, an unknown rate as `resolve` says."""
    rows = []
    for number, (first, more, fee) in enumerate(slots):
        bands = [(0, first), *sorted(more.items())]
        for place, (minutes, rate) in enumerate(bands):
            told = resolve(bands, place) if rate == "unknown" else rate
            place_of = {"tier_from_minutes": str(minutes), "from_second": str(60 * number)}
            cost = row(told, fee=fee if told != "unknown" else "0", **place_of)
            rows += [cost | {"destination": country} for country in ("BR", "IN")]
    return rows


def may_be_free(slots):
    """Tell whether all is free but for rates that are not known: whether it is, is not either."""
    rates = {rate for first, more, _ in slots for rate in (first, *more.values())}
    return "unknown" in rates and rates <= {"0", "unknown"}


def truth_of(chance):
    """Return what an unknown rate is in truth: between its neighbours that are known."""

    def resolve(bands, place):
        below = [Decimal(rate) for _, rate in bands[:place] if rate != "unknown"]
        above = [Decimal(rate) for _, rate in bands[place + 1 :] if rate != "unknown"]
        low = above[0] if above else Decimal(0)
        high = below[-1] if below else low + 3
        low, high = min(low, high), max(low, high)
        return str(low + (high - low) * chance.randrange(5) / 4)

    return resolve


def seen_and_true(drawn, chance):
    """Return calls as we see them, and as the supplier does."""
    seen, true = [], []
    for number, (kind, minute, seconds, (contact, country)) in enumerate(drawn):
        end = datetime(2026, 10, 2) + timedelta(minutes=minute * 7)
        who = {"contact": contact, "country": country}
        name = f"c{number}"
        call = answered(name, end, seconds, **who)
        longer = answered(name, end + timedelta(seconds=seconds), seconds * 2, **who)
        nothing = silent(name, "missed", end, **who)
        if kind == "answered":
            seen.append(call)
            true.append(call)
        elif kind == "incomplete":
            seen.append(silent(name, "incomplete", end, seconds, **who))
            true.append(chance.choice([call, nothing]))
        elif kind == "accepted":
            at = {"accepted_at": end - timedelta(seconds=seconds)}
            seen.append(silent(name, "incomplete", end, **who, **at))
            shorter = answered(name, end, chance.randint(0, seconds), **who)
            true.append(chance.choice([shorter, nothing]))
        elif kind == "open":
            begin = end - timedelta(seconds=seconds)
            seen.append(silent(name, "open", begin, **who))
            true.append(chance.choice([call, longer, nothing]))
        elif kind == "held":
            seen.append(call | {"duration_s": seconds + 60})
            true.append(chance.choice([call, answered(name, end, seconds + 60, **who)]))
        else:
            seen.append(call | {"contact": None, "country": None})
            true.append(call)
    return seen, true


def hidden(chance, minutes: int, latest: datetime | None):
    """Return calls of another account that use so many minutes, those to Brazil."""
    found = []
    while minutes:
        some = chance.randint(1, minutes)
        minutes -= some
        end = datetime(2026, 10, 2) + timedelta(minutes=chance.randrange(42_000))
        end = min(end, latest) if latest else end
        found.append(answered(f"h{len(found)}", end, some * 60, phone_number_id="other"))
    return found


def total_of(con, account: str, at_call: bool) -> Fraction:
    column = "amount" if at_call else "amount_units"
    rows = con.execute(
        f"SELECT {column}, status FROM charge_rows WHERE account = ?", [account]
    ).fetchall()
    assert not [status for _, status in rows if status == "no_rate"]
    scale = 1 if at_call else UNIT
    return sum((Fraction(amount or 0) / scale for amount, _ in rows), Fraction(0))


worlds = given(
    facts=cards,
    drawn=drawn_calls,
    elsewhere=st.sampled_from((None, None, "external", "observed")),
    minutes=st.integers(1, 9),
    chance=st.randoms(use_true_random=False),
)
CALM = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)


@settings(parent=CALM, max_examples=30)
@worlds
def test_however_the_doubts_are_settled_the_month_costs_what_its_range_allows(
    facts, drawn, elsewhere, minutes, chance
):
    hold(facts, drawn, elsewhere, minutes, chance)


@pytest.mark.full
@settings(parent=CALM, max_examples=600)
@worlds
def test_however_the_doubts_are_settled_the_range_holds_at_length(
    facts, drawn, elsewhere, minutes, chance
):
    hold(facts, drawn, elsewhere, minutes, chance)


def hold(facts, drawn, elsewhere, minutes, chance):
    slots, more = facts["slots"], {k: v for k, v in facts.items() if k != "slots"}
    if may_be_free(slots) or not drawn:
        return
    ours = RateCard.from_rows(rows_of(slots, lambda *_: "unknown"), currency="USD", **more)
    theirs = RateCard.from_rows(rows_of(slots, truth_of(chance)), currency="USD", **more)
    seen, true = seen_and_true(drawn, chance)
    country = "" if more["scope"] == "card" else "BR"
    used: Sequence[External | Observed] = []
    if elsewhere == "external":
        used = [External("group", MONTH, minutes * 60, country=country)]
        true += hidden(chance, minutes, None)
    elif elsewhere == "observed":
        at = datetime(2026, 10, 2) + timedelta(minutes=chance.randrange(42_000))
        seconds = int((at - datetime(1970, 1, 1)).total_seconds())
        used = [Observed("group", MONTH, minutes * 60, seconds, country=country)]
        late = hidden(chance, chance.randint(0, 3), None)
        true += hidden(chance, minutes, at) + [c | {"call_id": f"l{c['call_id']}"} for c in late]
    found = range_of(seen, acme(ours), used)
    accounts = [*acme(theirs), BilledAccount("other", "UTC", theirs, "group")]
    with rated(true, accounts) as con:
        total = total_of(con, "acme", more["rounding"][0] == "call")
    event(f"{len(found.doubts)} doubts, most {'known' if found.most is not None else 'not'}")
    assert Fraction(found.least) <= total
    assert found.most is None or total <= Fraction(found.most)
    if found.least == found.most and not found.doubts:
        assert Fraction(found.known) == total
