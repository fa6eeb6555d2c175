"""The oracle against examples that were computed by hand; the sums stand beside them."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
import strategies
from hypothesis import given
from oracle import (
    Charge,
    OracleAccount,
    country_of,
    increments,
    lines,
    local_date,
    price,
    quote,
    read_dial_plan,
    rounded,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CARD = """
name = "{name}"
title = "A card"
currency = "{currency}"
status = "contract"
source = "made up"
retrieved = 2026-11-22
timezone = "{timezone}"
[increments]
first = {first}
next = {next}
[tiers]
model = "whole_call"
scope = "{scope}"
accrual = "{accrual}"
[rounding]
{rounding}
[policies]
{policies}
"""
HEAD = "direction,destination,rate_per_minute,effective_from,effective_to,tier_from_minutes\n"
FLAT = ["outbound,*,0.6,2025-08-01,,"]  # 1 cent a second: sums can be done in the head
LADDER = [
    "outbound,GE,0.0095,2026-10-01,,0",
    "outbound,GE,0.0076,2026-10-01,,50000",
    "outbound,GE,0.0066,2026-10-01,,250000",
]
PLAN = {"55": "BR", "91": "IN", "971": "AE", "995": "GE", "94": "LK", "351": "PT", "1": "US"}


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def card(tmp_path: Path) -> Callable[..., Path]:
    def make(rates: list[str], markets: list[str] | None = None, **settings: Any) -> Path:
        folder = tmp_path / str(settings.get("name", "mine"))
        folder.mkdir()
        values = {
            "name": "mine",
            "currency": "USD",
            "timezone": "account",
            "first": 6,
            "next": 6,
            "scope": "market",
            "accrual": "billed",
            "rounding": "",
            "policies": "",
        }
        (folder / "card.toml").write_text(CARD.format(**(values | settings)), "utf-8")
        (folder / "rates.csv").write_text(HEAD + "\n".join(rates) + "\n", "utf-8")
        if markets is not None:
            head = "market,country_or_prefix,effective_from,effective_to\n"
            (folder / "markets.csv").write_text(head + "\n".join(markets) + "\n", "utf-8")
        return folder

    return make


def answered(call_id: str, end: str, seconds: int, **other: Any) -> dict[str, Any]:
    call: dict[str, Any] = {
        "call_id": call_id,
        "account": "acme",
        "contact": "995555123456",
        "country": "GE",
        "direction": "outbound",
        "disposition": "answered",
        "answered": True,
        "terminate_status": "COMPLETED",
        "first_event_at": utc(end) - seconds - 5,
        "started_at": utc(end) - seconds,
        "ended_at": utc(end),
        "duration_s": seconds,
        "conflict": False,
    }
    return call | other


def not_answered(disposition: str, at: str, **other: Any) -> dict[str, Any]:
    call = answered("n", at, 0, disposition=disposition, answered=False)
    return call | {"started_at": None, "ended_at": None, "duration_s": None} | other


def acme(folder: Path, timezone: str = "UTC", **other: Any) -> dict[str, OracleAccount]:
    return {"acme": OracleAccount("acme", timezone, folder, **other)}


def one(call: dict[str, Any], folder: Path, timezone: str = "UTC") -> Charge:
    return price([call], acme(folder, timezone))[0]


# ------------------------------------------------------------------ increments


@pytest.mark.parametrize(
    ("seconds", "first", "following", "billed", "pulses"),
    [
        (1, 6, 6, 6, 1),
        (6, 6, 6, 6, 1),
        (7, 6, 6, 12, 2),
        (56, 6, 6, 60, 10),  # 9.33 pulses
        (60, 6, 6, 60, 10),
        (61, 6, 6, 66, 11),
        (78, 6, 6, 78, 13),
        (120, 6, 6, 120, 20),
        (1, 60, 60, 60, 1),
        (61, 60, 60, 120, 2),
        (29, 30, 6, 30, 1),
        (31, 30, 6, 36, 2),  # 30 + 1 x 6
        (61, 60, 1, 61, 2),
        (20, 7, 5, 22, 4),  # 7 + 3 x 5
        (3599, 1, 1, 3599, 3599),
    ],
)
def test_a_started_increment_is_billed_whole(
    seconds: int, first: int, following: int, billed: int, pulses: int
) -> None:
    assert increments(seconds, first, following) == (billed, pulses)


@pytest.mark.parametrize(
    ("number", "rate", "amount"),
    [("971501234567", "0.0127", "0.0381"), ("919812345678", "0.0053", "0.0159")],
)
def test_three_minutes_to_the_emirates_and_to_india(
    card: Callable[..., Path], number: str, rate: str, amount: str
) -> None:
    folder = card([f"outbound,*,{rate},2025-08-01,,"])
    charge = quote(folder, number=number, seconds=180, at=utc("2026-10-05"), dial_plan=PLAN)
    assert charge["amount"] == Fraction(amount)
    assert (charge["status"], charge["pulses"]) == ("rated", 30)
    # 0.0381 = 38 100 000 nanos = 2 286 000 000 units; 0.0159 likewise
    assert charge["amount_units"] == Fraction(amount) * 60 * 10**9


def test_the_contracts_example(card: Callable[..., Path]) -> None:
    folder = card(["outbound,55,0.0108,2025-08-01,,"])
    charge = quote(folder, number="5511987654321", seconds=61, at=utc("2026-11-01T15:00"))
    assert charge["amount"] == Fraction("0.01188")  # 11 pulses x 0.00108
    assert (charge["billed_seconds"], charge["country"]) == (66, "BR")


# ----------------------------------------------------------------------- tiers


def test_twenty_minutes_from_49_990_are_wholly_at_the_lower_rate(card: Callable[..., Path]) -> None:
    charge = quote(
        card(LADDER), country="GE", seconds=1200, at=utc("2026-10-05"), minutes_before=49_990
    )
    assert charge["rate_per_minute"] == Fraction("0.0076")
    assert charge["amount"] == Fraction("0.152")  # 20 x 0.0076
    assert (charge["tier_from_minutes"], charge["seconds_before"]) == (50_000, 2_999_400)


def test_a_call_that_ends_at_50_000_is_in_the_first_tier(card: Callable[..., Path]) -> None:
    folder = card(LADDER)
    at = utc("2026-10-05")
    up_to = quote(folder, country="GE", seconds=600, at=at, minutes_before=49_990)
    over = quote(folder, country="GE", seconds=601, at=at, minutes_before=49_990)
    assert (up_to["tier_from_minutes"], up_to["amount"]) == (0, Fraction("0.095"))
    assert (over["tier_from_minutes"], over["amount"]) == (50_000, Fraction("0.07676"))  # 606 s


SMALL = ["outbound,GE,0.6,2025-08-01,,0", "outbound,GE,0.3,2025-08-01,,1"]  # cheaper after 1 min


def test_calls_accrue_in_order_of_end_then_id_bytes(card: Callable[..., Path]) -> None:
    calls = [
        answered("é", "2026-10-05T10:00", 30),  # c3 a9: after "z"
        answered("z", "2026-10-05T10:00", 30),
        answered("a", "2026-10-05T10:01", 30),
        answered("～", "2026-10-05T10:02", 6),  # ef bd 9e: before f0 9f 98 80, unlike in UTF-16
        answered("😀", "2026-10-05T10:02", 6),
    ]
    charges = {charge["call_id"]: charge for charge in price(calls, acme(card(SMALL)))}
    before = {call_id: charge["seconds_before"] for call_id, charge in charges.items()}
    assert before == {"z": 0, "é": 30, "a": 60, "～": 90, "😀": 96}
    assert charges["é"]["tier_from_minutes"] == 0  # ends at exactly 60 s
    assert charges["a"]["tier_from_minutes"] == 1


def test_billed_and_actual_seconds_accrue_differently(card: Callable[..., Path]) -> None:
    calls = [answered(name, f"2026-10-05T10:0{name}", 31) for name in "123"]
    settings = {"first": 30, "next": 30}
    billed = price(calls, acme(card(SMALL, **settings)))
    actual = price(calls, acme(card(SMALL, name="other", accrual="actual", **settings)))
    assert [charge["seconds_before"] for charge in billed] == [0, 60, 120]
    assert [charge["seconds_before"] for charge in actual] == [0, 31, 62]
    assert [charge["tier_from_minutes"] for charge in billed] == [0, 1, 1]
    assert [charge["tier_from_minutes"] for charge in actual] == [0, 1, 1]


def test_an_unknown_band_is_priced_at_the_next_lower_known_one(card: Callable[..., Path]) -> None:
    ladder = [*SMALL, "outbound,GE,unknown,2025-08-01,,2", "outbound,GE,0.06,2025-08-01,,3"]
    folder = card(ladder)
    tiers = [quote(folder, country="GE", seconds=6, at=0, minutes_before=m) for m in range(4)]
    assert {charge["status"] for charge in tiers} == {"no_rate"}  # in 1970 nothing is in force
    at = utc("2026-10-05")
    tiers = [quote(folder, country="GE", seconds=6, at=at, minutes_before=m) for m in range(4)]
    assert [charge["tier_from_minutes"] for charge in tiers] == [0, 1, 2, 3]
    assert [charge["rate_per_minute"] * 100 for charge in tiers] == [60, 30, 30, 6]
    assert [charge["flags"] for charge in tiers] == [[], [], ["tier_unknown"], []]
    assert tiers[2]["parts"] == [
        {
            "from_second": 0,
            "tier_from_minutes": 2,
            "billed_seconds": 6,
            "rate_per_minute": Fraction("0.3"),
            "fee": 0,
        }
    ]


def test_an_unknown_first_band_has_no_price_and_accrues_nothing(card: Callable[..., Path]) -> None:
    folder = card(["outbound,GE,unknown,2025-08-01,,0", "outbound,GE,0.3,2025-08-01,,1"])
    calls = [
        answered("1", "2026-10-05T10:00", 60),  # 60 s: still in the unknown band
        answered("2", "2026-10-05T10:05", 61),  # 66 s: over it, from 0
        answered("3", "2026-10-05T10:10", 6),
    ]
    charges = price(calls, acme(folder))
    assert [charge["status"] for charge in charges] == ["no_rate", "rated", "rated"]
    assert [charge["seconds_before"] for charge in charges] == [None, 0, 66]
    assert [charge["flags"] for charge in charges] == [["tier_unknown"], [], []]


def test_scope_decides_what_accrues_together(card: Callable[..., Path]) -> None:
    rates = ["outbound,*,0.6,2025-08-01,,0", "outbound,*,0.3,2025-08-01,,1"]
    markets = ["Caucasus,GE,2025-08-01,", "Caucasus,AM,2025-08-01,"]
    calls = [
        answered("1", "2026-10-05T10:01", 6, country="GE"),
        answered("2", "2026-10-05T10:02", 6, country="AM", contact="37491123456"),
        answered("3", "2026-10-05T10:03", 6, country="BR", contact="5511987654321"),
        answered("4", "2026-10-05T10:04", 6, country="IN", contact="919812345678"),
        answered("5", "2026-10-05T10:05", 6, country=None, contact=None),
        answered("6", "2026-10-05T10:06", 6, country=None, contact="999"),
    ]

    def before(scope: str) -> list[int]:
        folder = card(rates, markets, scope=scope, name=scope)
        return [charge["seconds_before"] for charge in price(calls, acme(folder))]

    assert before("market") == [0, 6, 0, 0, 0, 6]  # 1 and 2 share the market, 5 and 6 share "*"
    assert before("country") == [0, 0, 0, 0, 0, 6]
    assert before("card") == [0, 6, 12, 18, 24, 30]


def test_a_portfolio_accrues_together_but_in_each_accounts_own_month(
    card: Callable[..., Path],
) -> None:
    folder = card(SMALL)
    accounts = {
        "east": OracleAccount("east", "Pacific/Kiritimati", folder, "group"),  # UTC+14
        "west": OracleAccount("west", "America/Sao_Paulo", folder, "group"),  # UTC-3
        "alone": OracleAccount("alone", "America/Sao_Paulo", folder),
    }
    calls = [
        answered("1", "2026-10-31T09:59", 60, account="east"),  # 31 Oct 23:59 there
        answered("2", "2026-10-31T10:00", 60, account="east"),  # 1 Nov 00:00 there
        answered("3", "2026-10-31T10:00", 60, account="west"),  # 31 Oct 07:00 there
        answered("4", "2026-10-31T10:00", 60, account="alone"),
    ]
    charges = price(calls, accounts)
    assert [charge["month"] for charge in charges] == ["2026-10", "2026-11", "2026-10", "2026-10"]
    assert [charge["seconds_before"] for charge in charges] == [0, 0, 60, 0]


# -------------------------------------------------------------- months and zones


@pytest.mark.parametrize(
    ("timezone", "last_second"),
    [
        ("UTC", "2026-10-31T23:59:59"),
        ("America/Sao_Paulo", "2026-11-01T02:59:59"),  # UTC-3
        ("Asia/Kolkata", "2026-10-31T18:29:59"),  # UTC+5:30
        ("Europe/Lisbon", "2026-10-31T23:59:59"),  # UTC+0 since 25 October
        ("Pacific/Kiritimati", "2026-10-31T09:59:59"),  # UTC+14
        ("America/St_Johns", "2026-11-01T02:29:59"),  # UTC-2:30 until 1 November, 2:00
        ("Africa/Cairo", "2026-10-31T21:59:59"),  # UTC+2 since the end of 29 October
    ],
)
def test_midnight_belongs_to_the_new_month(
    card: Callable[..., Path], timezone: str, last_second: str
) -> None:
    rates = ["outbound,*,0.6,2025-08-01,,", "outbound,*,0.3,2026-11-01,,"]
    midnight = (datetime.fromisoformat(last_second) + timedelta(seconds=1)).isoformat()
    folder = card(rates)
    october = one(answered("1", last_second, 6), folder, timezone)
    november = one(answered("1", midnight, 6), folder, timezone)
    assert (october["month"], october["rate_per_minute"]) == ("2026-10", Fraction("0.6"))
    assert (november["month"], november["rate_per_minute"]) == ("2026-11", Fraction("0.3"))
    assert october["flags"] == []
    assert november["flags"] == ["month_of"]
    assert november["effective_from"] == "2026-11-01"


def test_the_start_decides_where_the_card_says_so(card: Callable[..., Path]) -> None:
    folder = card(FLAT, policies='month_of = "start"')
    charge = one(answered("1", "2026-11-01T00:00:05", 10), folder)
    assert (charge["month"], charge["flags"]) == ("2026-10", ["month_of"])
    # 00:00:00 is November, so a start at midnight is no boundary case
    charge = one(answered("1", "2026-11-01T00:00:10", 10), folder)
    assert (charge["month"], charge["flags"]) == ("2026-11", [])


def test_summer_time_moves_the_first_of_march_and_the_day_of_a_version(
    card: Callable[..., Path],
) -> None:
    # Lisbon: UTC+1 until 2026-10-25 01:00 UTC, then UTC+0; so 25 October starts at 24 Oct 23:00
    # UTC and 26 October at 26 Oct 00:00 UTC: the 25th has 25 hours.
    rates = ["outbound,*,1,2025-08-01,,", "outbound,*,2,2026-10-25,,", "outbound,*,3,2026-10-26,,"]
    folder = card(rates)
    ends = ["2026-10-24T22:59:59", "2026-10-24T23:00", "2026-10-25T23:59:59", "2026-10-26T00:00"]
    charges = price(
        [answered(end, end, 0, duration_s=0) for end in ends], acme(folder, "Europe/Lisbon")
    )
    assert [charge["rate_per_minute"] for charge in charges] == [1, 2, 2, 3]


def test_a_midnight_that_does_not_exist(card: Callable[..., Path]) -> None:
    # Sao Paulo put its clocks forward at 2018-11-04 00:00 (UTC-3 to UTC-2): the day began at 01:00,
    # 03:00 UTC. Cairo on 2026-04-24 at 00:00 (UTC+2 to UTC+3): 23 April 22:00 UTC.
    assert local_date(utc("2018-11-04T02:59:59"), "America/Sao_Paulo") == date(2018, 11, 3)
    assert local_date(utc("2018-11-04T03:00:00"), "America/Sao_Paulo") == date(2018, 11, 4)
    assert local_date(utc("2026-04-23T21:59:59"), "Africa/Cairo") == date(2026, 4, 23)
    assert local_date(utc("2026-04-23T22:00:00"), "Africa/Cairo") == date(2026, 4, 24)
    # Cairo's 29 October 2026 has 25 hours: 24:00 becomes 23:00 at 21:00 UTC
    assert local_date(utc("2026-10-29T21:59:59"), "Africa/Cairo") == date(2026, 10, 29)
    assert local_date(utc("2026-10-29T22:00:00"), "Africa/Cairo") == date(2026, 10, 30)


def test_a_card_may_have_a_zone_of_its_own(card: Callable[..., Path]) -> None:
    folder = card(FLAT, timezone="Asia/Kolkata")
    charge = one(answered("1", "2026-10-31T18:30", 6), folder, "America/Sao_Paulo")
    assert charge["month"] == "2026-11"


def test_a_term_brings_another_card_and_zone(card: Callable[..., Path]) -> None:
    old, new = card(FLAT), card(FLAT, name="new", currency="INR")
    accounts = acme(
        old,
        "America/Sao_Paulo",
        terms=[(date(2026, 11, 1), new, None), (date(2026, 12, 1), None, "Asia/Kolkata")],
    )
    ends = ["2026-11-01T02:59:59", "2026-11-01T03:00", "2026-12-01T02:59:59", "2026-12-01T03:00"]
    charges = price([answered(end, end, 6) for end in ends], accounts)
    assert [charge["card"] for charge in charges] == ["mine", "new", "new", "new"]
    assert [charge["currency"] for charge in charges] == ["USD", "INR", "INR", "INR"]
    months = ["2026-10", "2026-11", "2026-11", "2026-12"]
    assert [charge["month"] for charge in charges] == months


# ------------------------------------------------------------ which row, which market


def test_the_most_specific_row_in_force_wins(card: Callable[..., Path]) -> None:
    rates = [
        "outbound,*,1,2025-08-01,,",
        "outbound,Iberia,2,2025-08-01,,",
        "outbound,PT,3,2025-08-01,2026-10-10,",
        "outbound,351,4,2026-10-01,2026-10-05,",
        "outbound,3519,5,2026-10-01,2026-10-03,",
        "inbound,*,0,2025-08-01,,",
    ]
    folder = card(rates, ["Iberia,PT,2025-08-01,", "Iberia,ES,2025-08-01,"])

    def rate(day: str, contact: str = "351911234567", country: str | None = "PT") -> Fraction:
        call = answered("1", f"2026-{day}T12:00", 60, contact=contact, country=country)
        return Fraction(one(call, folder)["rate_per_minute"])

    days = ["09-30", "10-01", "10-02", "10-03", "10-04", "10-05", "10-09", "10-10"]
    assert [rate(day) for day in days] == [3, 5, 5, 4, 4, 3, 3, 2]
    assert rate("10-02", "PT.1a2b") == 3  # a user id is no number
    assert rate("10-02", "351211234567") == 4
    assert rate("10-02", "34600123456", "ES") == 2
    assert rate("10-02", "33123456789", "FR") == 1
    assert rate("10-02", "999", None) == 1


def test_a_later_row_supersedes_its_own_band_alone(card: Callable[..., Path]) -> None:
    folder = card([*SMALL, "outbound,GE,0.5,2026-10-15,,0"])
    calls = [answered(day, f"2026-10-{day}T12:00", 66) for day in ("13", "14", "15")]
    charges = price(calls, acme(folder))
    assert [charge["tier_from_minutes"] for charge in charges] == [1, 1, 1]
    assert charges[2]["effective_from"] == "2026-10-15"
    assert [charge["seconds_before"] for charge in charges] == [0, 66, 132]


def test_sri_lanka_leaves_asia_pacific_on_the_first_of_october(card: Callable[..., Path]) -> None:
    folder = card(
        ["outbound,Rest of Asia Pacific,0.6,2025-08-01,,", "outbound,Sri Lanka,0.6,2026-10-01,,"],
        [
            "Rest of Asia Pacific,LK,2025-08-01,2026-10-01",
            "Rest of Asia Pacific,NP,2025-08-01,",
            "Sri Lanka,LK,2026-10-01,",
        ],
    )
    # Kolkata: the first of October begins at 30 September 18:30 UTC
    ends = ["2026-09-30T18:29:59", "2026-09-30T18:30:00", "2026-09-30T18:30:10"]
    calls = [answered(end, end, 6, contact="94771234567", country="LK") for end in ends]
    nepal = answered("np", ends[2], 6, contact="9779812345678", country="NP")
    charges = price([*calls, nepal], acme(folder, "Asia/Kolkata"))
    markets = ["Rest of Asia Pacific", "Sri Lanka", "Sri Lanka", "Rest of Asia Pacific"]
    assert [charge["market"] for charge in charges] == markets
    assert [charge["seconds_before"] for charge in charges] == [0, 0, 6, 0]
    assert [charge["flags"] for charge in charges] == [[], ["month_of"], [], []]


def test_a_market_by_prefix_comes_before_one_by_country(card: Callable[..., Path]) -> None:
    markets = [
        "North America,US,2025-08-01,",
        "Caribbean,1809,2025-08-01,",
        "Plus one,1,2026-11-01,",
    ]
    folder = card(["outbound,*,0.6,2025-08-01,,"], markets)

    def market(contact: str, country: str, at: str = "2026-10-05") -> str:
        return str(one(answered("1", at, 6, contact=contact, country=country), folder)["market"])

    assert market("18095551234", "DO") == "Caribbean"
    assert market("12125551234", "US") == "North America"
    assert market("12125551234", "US", "2026-11-05") == "Plus one"


def test_no_rate_and_no_country_are_unpriced(card: Callable[..., Path]) -> None:
    folder = card(
        ["outbound,*,0.6,2025-08-01,2026-11-01,", "outbound,EG,n/a,2025-08-01,,"],
        ["Nile,EG,2025-08-01,", "Nile,20,2025-08-01,"],
    )
    cases = [
        (answered("1", "2026-10-05", 6, country="EG", contact="201234"), "no_rate", "2025-08-01"),
        (answered("1", "2026-11-05", 6), "no_rate", None),  # the offer has ended
        (answered("1", "2026-11-05", 6, country=None, contact=None), "no_country", None),
        (answered("1", "2026-10-05", 6, direction=None), "no_rate", None),
        (answered("1", "2026-10-05", 6, direction="inbound"), "no_rate", None),
    ]
    for call, status, effective_from in cases:
        charge = one(call, folder)
        assert (charge["status"], charge["effective_from"]) == (status, effective_from)
        for column in ("amount", "amount_units", "billed_seconds", "pulses", "rate_per_minute"):
            assert charge[column] is None
        assert charge["parts"] == []
    assert one(cases[0][0], folder)["market"] == "Nile"


def test_a_free_call_accrues_nothing(card: Callable[..., Path]) -> None:
    folder = card([*SMALL, "inbound,*,0.000,2025-05-01,,"], scope="card")
    calls = [
        answered("1", "2026-10-05T10:00", 61, direction="inbound"),
        answered("2", "2026-10-05T10:01", 6, direction="outbound"),
    ]
    free, rated = price(calls, acme(folder))
    assert (free["status"], free["amount"], free["billed_seconds"], free["pulses"]) == (
        "free",
        0,
        66,
        11,
    )
    assert (free["seconds_before"], free["tier_from_minutes"]) == (None, 0)
    assert (rated["status"], rated["seconds_before"]) == ("rated", 0)


# ------------------------------------------------------------ statuses and policies


@pytest.mark.parametrize(
    ("disposition", "status"),
    [
        ("open", "open"),
        ("incomplete", "incomplete"),
        ("rejected", "unanswered"),
        ("declined", "unanswered"),
        ("failed", "unanswered"),
        ("missed", "unanswered"),
        ("no_answer", "unanswered"),
        ("unknown", "unanswered"),
    ],
)
def test_a_call_that_nobody_answered(
    card: Callable[..., Path], disposition: str, status: str
) -> None:
    # 02:00 UTC on 1 November is still October in Sao Paulo
    charge = one(not_answered(disposition, "2026-11-01T02:00"), card(FLAT), "America/Sao_Paulo")
    assert (charge["status"], charge["month"]) == (status, "2026-10")
    zero = 0 if status == "unanswered" else None
    assert [charge["amount"], charge["amount_units"], charge["billed_seconds"]] == [zero] * 3
    assert charge["rate_per_minute"] is None


def test_the_order_of_the_statuses(card: Callable[..., Path]) -> None:
    folder = card(["outbound,IN,1,2025-08-01,,"])
    assert one(not_answered("open", "2026-10-05", conflict=True), folder)["status"] == "held"
    call = not_answered("open", "2026-11-01T02:00", conflict=True, account=None)
    charge = one(call, folder, "America/Sao_Paulo")
    assert (charge["status"], charge["month"]) == ("no_account", "2026-11")
    assert one(answered("1", "2026-10-05", 6, conflict=True), folder)["status"] == "held"


def test_what_is_missing_is_made_up_for_or_held(card: Callable[..., Path]) -> None:
    folder = card(FLAT)
    end = utc("2026-11-01T00:00:10")
    no_duration = answered("1", "2026-11-01T00:00:10", 60, duration_s=None)
    no_end = answered("1", "2026-11-01T00:00:10", 60, ended_at=None)
    for call in (no_duration, no_end):
        charge = one(call, folder)
        assert (charge["billed_seconds"], charge["month"]) == (60, "2026-11")
        assert charge["flags"] == ["month_of"]
    neither = one(answered("1", "2026-11-01", 60, ended_at=None, duration_s=None), folder)
    assert (neither["status"], neither["month"]) == ("held", "2026-10")  # its start decides
    backwards = answered("1", "2026-11-01T00:00:10", 0, started_at=end + 1, duration_s=None)
    assert one(backwards, folder)["status"] == "held"


@pytest.mark.parametrize(
    ("told", "policy", "status", "billed", "flags"),
    [
        (60, "hold", "rated", 60, []),
        (61, "hold", "rated", 61, []),  # a second apart: the duration counts
        (59, "times", "rated", 59, []),
        (62, "hold", "held", None, ["duration_conflict"]),
        (62, "times", "rated", 60, ["duration_conflict"]),
        (62, "field", "rated", 62, ["duration_conflict"]),
        (58, "field", "rated", 58, ["duration_conflict"]),
        (0, "times", "rated", 60, ["duration_conflict"]),
        (0, "field", "rated", 1, ["answered_zero_seconds", "duration_conflict"]),
    ],
)
def test_a_duration_that_contradicts_the_times(  # noqa: PLR0917
    card: Callable[..., Path],
    told: int,
    policy: str,
    status: str,
    billed: int | None,
    flags: list[str],
) -> None:
    folder = card(FLAT, first=1, next=1, policies=f'duration_conflict = "{policy}"')
    charge = one(answered("1", "2026-10-05", 60, duration_s=told), folder)
    assert (charge["status"], charge["billed_seconds"], charge["flags"]) == (status, billed, flags)


@pytest.mark.parametrize(
    ("seconds", "state", "policies", "billed", "flags"),
    [
        (0, "COMPLETED", "", 30, ["answered_zero_seconds"]),
        (0, "COMPLETED", 'answered_zero_seconds = "free"', 0, ["answered_zero_seconds"]),
        (0, "FAILED", 'failed_with_duration = "free"', 30, ["answered_zero_seconds"]),
        (31, "FAILED", "", 36, ["failed_with_duration"]),
        (31, "FAILED", 'failed_with_duration = "free"', 0, ["failed_with_duration"]),
    ],
)
def test_zero_seconds_and_failed_calls(  # noqa: PLR0917
    card: Callable[..., Path],
    seconds: int,
    state: str,
    policies: str,
    billed: int,
    flags: list[str],
) -> None:
    folder = card(FLAT, first=30, next=6, policies=policies)
    charge = one(answered("1", "2026-10-05", seconds, terminate_status=state), folder)
    assert (charge["status"], charge["billed_seconds"]) == ("rated", billed)
    assert (charge["flags"], charge["amount"]) == (flags, Fraction(billed, 100))
    assert charge["pulses"] == {0: 0, 30: 1, 36: 2}[billed]


# --------------------------------------------------------------- rounding and lines


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", ["0.01", "0.02", "0.03", "0.02"]),
        ("half_even", ["0", "0.02", "0.02", "0.02"]),
        ("up", ["0.01", "0.02", "0.03", "0.03"]),
        ("down", ["0", "0.01", "0.02", "0.02"]),
    ],
)
def test_rounding(mode: str, expected: list[str]) -> None:
    amounts = ["0.005", "0.015", "0.025", "0.0201"]
    made = [rounded(Fraction(amount), 2, mode) for amount in amounts]
    assert made == [Fraction(text) for text in expected]


def test_a_line_rounds_once_and_shows_the_drift(card: Callable[..., Path]) -> None:
    folder = card(["outbound,GE,0.03,2025-08-01,,", "outbound,IN,0.07,2025-08-01,,"])
    calls = [answered(str(n), f"2026-10-05T10:0{n}", 6) for n in range(5)]  # 5 x 0.003
    calls.append(answered("in", "2026-10-05T11:00", 12, country="IN", contact="91981"))  # 0.014
    calls.append(not_answered("missed", "2026-10-05"))
    (bill,) = lines(price(calls, acme(folder)), {"mine": folder})
    assert [line["amount"] for line in bill.lines] == [Fraction("0.02"), Fraction("0.01")]
    assert [line["calls"] for line in bill.lines] == [5, 1]
    assert bill.subtotal == Fraction("0.03")
    assert bill.drift == Fraction("0.03") - Fraction("0.029")


def test_a_card_that_rounds_each_call_adds_the_rounded_ones(card: Callable[..., Path]) -> None:
    folder = card(["outbound,GE,0.03,2025-08-01,,"], rounding='at = "call"\nmode = "up"')
    calls = [answered(str(n), f"2026-10-05T10:0{n}", 6) for n in range(5)]
    charges = price(calls, acme(folder))
    assert {charge["amount"] for charge in charges} == {Fraction("0.01")}
    assert {charge["amount_units"] for charge in charges} == {180_000_000}  # 0.003, exact
    (bill,) = lines(charges, {"mine": folder})
    assert (bill.subtotal, bill.drift) == (Fraction("0.05"), Fraction("0.035"))


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 1), ("KWD", Fraction("0.6"))])
def test_the_minor_unit_of_the_currency_is_the_default(
    card: Callable[..., Path], currency: str, amount: Fraction
) -> None:
    folder = card(FLAT, currency=currency)
    (bill,) = lines([one(answered("1", "2026-10-05", 60), folder)], {"mine": folder})
    assert bill.subtotal == amount


# ------------------------------------------------------------------- the dial plan


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("5511987654321", "BR"),
        ("12125551234", "US"),
        ("14165551234", "CA"),
        ("18095551234", "DO"),
        ("18765551234", "JM"),
        ("77011234567", "KZ"),
        ("79161234567", "RU"),
        ("441534123456", "JE"),
        ("447400123456", "GB"),
        ("971501234567", "AE"),
        ("", None),
    ],
)
def test_the_longest_prefix_tells_the_country(number: str, country: str | None) -> None:
    assert country_of(number, read_dial_plan()) == country


# ----------------------------------------------------------- the drawn cards and calls


def test_the_drawn_numbers_are_of_the_countries_that_the_dial_plan_tells() -> None:
    for number, country in strategies.NUMBERS:
        assert country_of(number, read_dial_plan()) == country


@given(world=strategies.worlds(max_calls=30, unknown_first=True))
def test_every_drawn_call_gets_one_charge_whatever_the_order(
    world: strategies.World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folders = world.write(tmp_path_factory.mktemp("world"))
    accounts = world.oracle_accounts(folders)
    charges = price(world.calls, accounts)
    assert [charge["call_id"] for charge in charges] == [call["call_id"] for call in world.calls]
    assert {charge["month"] for charge in charges} <= set(strategies.MONTHS)
    assert price(world.calls[::-1], accounts)[::-1] == charges
    limits = {
        account.name: tomllib.loads(world.cards[account.card]["card.toml"]).get("limits", {})
        for account in world.accounts
        if not account.terms
    }
    for charge in charges:
        derived = sum(
            part["rate_per_minute"] * part["billed_seconds"] / 60 + part["fee"]
            for part in charge["parts"]
        )
        if charge["status"] == "rated" and charge["pulses"] and charge["account"] in limits:
            told = limits[charge["account"]]
            derived = max(derived, Fraction(told.get("min_charge", 0)))
            derived = min(derived, Fraction(told.get("max_charge", derived)))
        if charge["account"] in limits:
            units = derived * 60 * 10**9
            assert charge["amount_units"] in ({units} if charge["parts"] else {None, 0})
