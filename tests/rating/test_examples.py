"""What suppliers print as examples, and what a month, a tier and a zone decide."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from replay import replay

from wacost.cards import RateCard, load_card
from wacost.errors import InputError, RatingError
from wacost.rating import BilledAccount, Term, explain, rate_month, stale_months
from wacost.rating.charge import Call
from wacost.rating.quote import quote
from wacost.store import open_store
from wacost.zones import zone_spans

META = load_card("meta-usd")
CEE = {"country": "GE", "at": "2026-10-15T12:00:00Z"}
GEORGIA_S = 50_000 * 60


@pytest.mark.parametrize(
    ("seconds", "pulses"),
    [(1, 1), (6, 1), (7, 2), (56, 10), (60, 10), (61, 11), (78, 13), (120, 20), (3600, 600)],
)
def test_a_started_pulse_counts_as_one(seconds, pulses):
    charge = META.quote(country="IN", seconds=seconds, at="2026-10-15T12:00:00Z")
    assert charge.pulses == pulses
    assert charge.billed_seconds == pulses * 6
    assert charge.amount == Decimal("0.0053") * pulses / 10


@pytest.mark.parametrize(("country", "amount"), [("AE", "0.0381"), ("IN", "0.0159")])
def test_three_minutes_cost_what_others_computed(country, amount):
    assert META.quote(country=country, seconds=180, at="2026-10-15T12:00Z").amount == Decimal(
        amount
    )


def test_a_call_that_crosses_a_tier_is_wholly_priced_at_the_lower_rate():
    charge = META.quote(**CEE, seconds=20 * 60, minutes_before=49_990)
    assert charge.rate_per_minute == Decimal("0.0076")
    assert charge.amount == Decimal("0.0076") * 20
    assert charge.tier_from_minutes == 50_000


def test_a_call_that_ends_exactly_at_the_bound_is_still_in_the_first_tier():
    charge = META.quote(**CEE, seconds=10 * 60, minutes_before=49_990)
    assert charge.rate_per_minute == Decimal("0.0095")
    assert META.quote(**CEE, seconds=601, minutes_before=49_990).tier_from_minutes == 50_000


@pytest.mark.parametrize(
    ("minutes", "rate"),
    [
        (0, "0.0095"),
        (50_000, "0.0076"),
        (250_000, "0.0066"),
        (1_000_000, "0.0058"),
        (2_500_000, "0.0043"),
        (5_000_000, "0.0037"),
    ],
)
def test_the_whole_ladder_of_rest_of_central_and_eastern_europe(minutes, rate):
    charge = META.quote(**CEE, seconds=60, minutes_before=minutes)
    assert charge.rate_per_minute == Decimal(rate)
    assert charge.flags == ()


def test_a_band_that_is_not_known_is_priced_at_the_next_lower_known_one_and_flagged():
    charge = META.quote(country="IN", seconds=60, minutes_before=60_000, at="2026-10-15T12:00Z")
    assert charge.flags == ("tier_unknown",)
    assert (charge.rate_per_minute, charge.tier_from_minutes) == (Decimal("0.0053"), 50_000)


def test_not_offered_and_not_known_are_statuses_and_never_zero():
    highlevel = load_card("highlevel-usd")
    for charge in (
        highlevel.quote("+1 212 555 0100", seconds=60, at="2026-10-15T12:00Z"),
        META.quote(country="IN", seconds=60, at="2025-01-15T12:00Z"),
        load_card("meta-inr").quote(country="BR", seconds=60, at="2026-10-15T12:00Z"),
    ):
        assert (charge.status, charge.amount, charge.amount_units) == ("no_rate", None, None)
    assert META.quote("+999 12345678", seconds=60).status == "no_country"


def test_inbound_calls_are_free_and_that_is_said():
    charge = META.quote(country="BR", seconds=61, direction="inbound", at="2026-10-15T12:00Z")
    assert (charge.status, charge.amount, charge.billed_seconds) == ("free", Decimal(0), 66)


@pytest.mark.parametrize(
    ("zone", "last_s", "first_s"),
    [
        ("America/Sao_Paulo", "2026-10-01T02:59:59Z", "2026-10-01T03:00:00Z"),
        ("Asia/Kolkata", "2026-09-30T18:29:59Z", "2026-09-30T18:30:00Z"),
        ("Europe/Lisbon", "2026-09-30T22:59:59Z", "2026-09-30T23:00:00Z"),
        ("Pacific/Kiritimati", "2026-09-30T09:59:59Z", "2026-09-30T10:00:00Z"),
    ],
)
def test_month_and_version_turn_at_midnight_of_the_accounts_zone(zone, last_s, first_s):
    quoted = {"country": "GE", "seconds": 0, "timezone": zone, "minutes_before": 60_000}
    before, after = META.quote(at=last_s, **quoted), META.quote(at=first_s, **quoted)
    assert (before.month, after.month) == ("2026-09", "2026-10")
    assert before.flags == ("tier_unknown", "answered_zero_seconds")
    assert after.flags == ("answered_zero_seconds",)
    assert (before.rate_per_minute, after.rate_per_minute) == (Decimal("0.0095"), Decimal("0.0076"))


@pytest.mark.parametrize(
    ("at", "month"),
    [("2026-10-31T23:59:59Z", "2026-10"), ("2026-11-01T00:00:00Z", "2026-11")],
)
def test_lisbon_is_on_winter_time_when_october_ends(at, month):
    charge = META.quote(country="GE", seconds=0, at=at, timezone="Europe/Lisbon")
    assert charge.month == month


def test_the_end_of_a_call_decides_its_month_and_the_policy_is_flagged():
    rows = [
        {
            "direction": "outbound",
            "destination": "BR",
            "rate_per_minute": "0.01",
            "effective_from": "2025-08-01",
        }
    ]
    quoted = {"country": "BR", "seconds": 120, "at": "2026-10-31T23:59:00Z"}
    by_end = RateCard.from_rows(rows, currency="USD").quote(**quoted)
    by_start = RateCard.from_rows(rows, currency="USD", policies={"month_of": "start"})
    assert (by_end.month, by_end.flags) == ("2026-11", ("month_of",))
    assert (by_start.quote(**quoted).month, by_start.quote(**quoted).flags) == (
        "2026-10",
        ("month_of",),
    )


def test_a_card_that_rounds_each_call_shows_the_rounded_amount_and_keeps_the_exact_one():
    card = RateCard.from_rows(
        [
            {
                "direction": "outbound",
                "destination": "55",
                "rate_per_minute": "0.0108",
                "effective_from": "2025-08-01",
            }
        ],
        currency="USD",
        rounding=("call", 4, "up"),
    )
    charge = card.quote("+5511987654321", seconds=61)
    assert charge.as_dict()["amount"] == "0.0119"
    assert charge.amount_units == 10_800_000 * 66


def rows_of(*rows):
    head = ("rate_per_minute", "from_second", "tier_from_minutes", "increment_seconds", "fee")
    base = {"direction": "outbound", "destination": "*", "effective_from": "2025-08-01"}
    return [base | dict(zip(head, row, strict=False)) for row in rows]


@pytest.mark.parametrize(
    ("rows", "facts", "seconds", "expected"),
    [
        # increments 60/1, 30/6, 60/60
        ([("0.6",)], {"increments": (60, 1)}, 61, (61, 2, "0.61")),
        ([("0.6",)], {"increments": (30, 6)}, 31, (36, 2, "0.36")),
        ([("0.6",)], {"increments": (60, 60)}, 61, (120, 2, "1.2")),
        # a connection fee, also at 0 seconds
        ([("0.6", "0", "0", "", "0.25")], {}, 0, (6, 1, "0.31")),
        # the rate changes after the first minute, which is billed whole
        ([("0.6", "0", "0", "60"), ("0.3", "60", "0", "6")], {}, 59, (60, 1, "0.6")),
        ([("0.6", "0", "0", "60"), ("0.3", "60", "0", "6")], {}, 60, (60, 1, "0.6")),
        ([("0.6", "0", "0", "60"), ("0.3", "60", "0", "6")], {}, 61, (66, 2, "0.63")),
        # a fee per call by how long it lasts: a later fee comes on top above its second
        ([("0", "0", "0", "", "0.07"), ("0", "120", "0", "", "0.23")], {}, 120, (120, 20, "0.07")),
        ([("0", "0", "0", "", "0.07"), ("0", "120", "0", "", "0.23")], {}, 121, (126, 21, "0.3")),
        # limits, after fees
        ([("0.6", "0", "0", "", "0.01")], {"limits": {"min_charge": "0.1"}}, 6, (6, 1, "0.1")),
        ([("0.6",)], {"limits": {"max_charge": "0.5"}}, 60, (60, 10, "0.5")),
    ],
)
def test_what_suppliers_bill_by_slots_and_fees(rows, facts, seconds, expected):
    charge = RateCard.from_rows(rows_of(*rows), currency="USD", **facts).quote(
        country="BR", seconds=seconds
    )
    assert (charge.billed_seconds, charge.pulses, str(charge.amount)) == expected
    assert charge.status == "rated"


@pytest.mark.parametrize(
    ("model", "before", "amount"),
    [
        # 120 s from 60 s before the bound at 10 minutes: 0.6 below it, 0.3 above; and a fee once,
        # of the band in which the call begins, or which holds its last second
        ("graduated", 9, "0.91"),
        ("whole_call", 9, "0.62"),
        ("volume", 9, "0.62"),
        ("graduated", 8, "1.21"),
        ("graduated", 10, "0.62"),
    ],
)
def test_a_call_across_a_bound_is_priced_as_the_tier_model_says(model, before, amount):
    rows = rows_of(("0.6", "0", "0", "", "0.01"), ("0.3", "0", "10", "", "0.02"))
    card = RateCard.from_rows(rows, currency="USD", tiers=model)
    charge = card.quote(country="BR", seconds=120, minutes_before=before)
    assert charge.amount == Decimal(amount)
    assert sum(part.units for part in charge.parts) == charge.amount_units


def test_a_known_band_above_an_unknown_one_has_its_price():
    rows = rows_of(("unknown",), ("0.3", "0", "10"))
    card = RateCard.from_rows(rows, currency="USD")
    below, above = (
        card.quote(country="BR", seconds=60, minutes_before=before) for before in (9, 10)
    )
    assert (below.status, below.amount, below.flags) == ("no_rate", None, ("tier_unknown",))
    assert (above.status, above.amount, above.flags) == ("rated", Decimal("0.3"), ())
    assert below.effective_from.isoformat() == "2025-08-01"


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": -1},
        {"seconds": 1.5},
        {"seconds": True},
        {"seconds": 10**9 + 1},
        {"at": "1899-12-31T12:00Z"},
        {"at": "2200-01-01T12:00Z"},
        {"direction": "outwards"},
        {"at": "yesterday"},
        {"at": 5},
        {"timezone": "Mars/Olympus"},
        {"timezone": None},
        {"number": 5511987654321},
        {"direction": ["outbound"]},
        {"country": 5},
        {"minutes_before": -1},
        {"minutes_before": 0.5},
        {"minutes_before": "0.001"},
        {"country": "Brazil"},
        {"country": None},
    ],
)
def test_a_wrong_argument_is_a_sentence(wrong):
    with pytest.raises(InputError):
        META.quote(**{"country": "BR", "seconds": 1, **wrong})


@pytest.mark.parametrize(
    ("at", "message", "hint"),
    [
        (5, "5 is no time", "a datetime, or ISO 8601 text"),
        ("soon", "'soon' is no time", "ISO 8601, like 2026-11-01T12:00"),
        (
            "1899-12-31T12:00Z",
            "1899-12-31T12:00:00+00:00 is no time of a call",
            "a year from 1900 to 2199",
        ),
    ],
)
def test_what_is_no_time_is_told_with_what_would_be_one(at, message, hint):
    with pytest.raises(InputError) as caught:
        META.quote(country="BR", seconds=1, at=at)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_quote_carries_what_was_asked_and_what_was_not():
    number, start = "5511987654321", int(datetime(2026, 10, 10, 15, tzinfo=UTC).timestamp())
    asked = {"seconds": 61, "at": "2026-10-10T12:00:00"}
    charge = quote(META, f"+{number}", **asked, timezone="America/Sao_Paulo", minutes_before=3)
    assert charge.call == Call("", "outbound", number, "BR", start, start, start + 61, 61)
    assert (charge.timezone, charge.seconds_before) == ("America/Sao_Paulo", 180)
    assert (charge.row.destination, charge.row.rate_nanos) == ("Brazil", 10_800_000)
    plain = quote(META, f"+{number}", **asked)
    assert (plain.call.started_at, plain.timezone, plain.seconds_before) == (
        start - 3 * 3600,
        "UTC",
        0,
    )
    now = quote(META, country="BR", seconds=1, timezone="Pacific/Kiritimati").call.started_at
    assert abs(now - datetime.now(UTC).timestamp()) < 60
    assert quote(META, country="BR", seconds=10**9, at="1900-01-01T12:00Z").status == "no_rate"


# ----------------------------------------------------------------- whole months


def instant(text):
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


@pytest.fixture
def con(tmp_path):
    with open_store(tmp_path / "wacost.duckdb") as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
        yield con


def add(con, call_id, start, seconds=60, country="GE"):
    began = instant(start)
    con.execute(
        """
        INSERT INTO call_rows BY NAME SELECT $id AS call_id, 'outbound' AS direction, $country
        AS country, 'answered' AS disposition, true AS answered, $began AS first_event_at, $began
        AS started_at, $began + to_seconds($seconds) AS ended_at, $seconds AS duration_s,
        false AS conflict
        """,
        {"id": call_id, "country": country, "began": began, "seconds": seconds},
    )


def acme(**changes):
    return BilledAccount(
        **{"name": "acme", "timezone": "UTC", "card": META, "portfolio": "acme", **changes}
    )


def charged(con):
    return con.execute("SELECT call_id, month, status, amount FROM charges ORDER BY ALL").fetchall()


def test_a_month_without_calls_is_empty(con):
    assert rate_month(con, [acme()], "2026-10").calls == 0
    assert charged(con) == []


def test_a_call_that_moves_to_another_month_is_charged_once(con):
    add(con, "a", "2026-10-31T23:00:00Z")
    rate_month(con, [acme()], "2026-10")
    assert [row[1] for row in charged(con)] == ["2026-10"]
    east = acme(timezone="Asia/Kolkata")
    rate_month(con, [east], "2026-11")
    assert [row[1] for row in charged(con)] == ["2026-11"]
    rate_month(con, [east], "2026-10")
    assert [row[1] for row in charged(con)] == ["2026-11"]


def test_what_a_call_costs_moves_without_what_it_is_sold_for(con):
    add(con, "a", "2026-10-31T23:00:00Z")
    rate_month(con, [acme(timezone="Asia/Kolkata")], "2026-11", side="sale")
    rate_month(con, [acme()], "2026-10")
    sides = con.execute("SELECT side, month FROM charges ORDER BY side").fetchall()
    assert sides == [("cost", "2026-10"), ("sale", "2026-11")]


@pytest.mark.parametrize("month", ["2026-06", "2027-03"])
def test_a_call_that_moves_far_away_is_charged_once(con, month):
    add(con, "a", "2026-10-31T12:00:00Z")
    add(con, "b", "2026-10-31T12:00:00Z")
    rate_month(con, [acme()], "2026-10")
    con.execute(
        "UPDATE call_rows SET started_at = $at, ended_at = $at, duration_s = 0 WHERE call_id = 'a'",
        {"at": instant(f"{month}-10T12:00:00Z")},
    )
    rate_month(con, [acme()], month)
    assert [row[:2] for row in charged(con)] == [("a", month), ("b", "2026-10")]
    assert stale_months(con, [acme()]) == []


def test_a_term_changes_the_card_on_its_day_in_the_accounts_zone(con):
    cheap = RateCard.from_rows(
        [
            {
                "direction": "outbound",
                "destination": "*",
                "rate_per_minute": "0.001",
                "effective_from": "2025-08-01",
            }
        ],
        currency="USD",
    )
    day = datetime(2026, 10, 16, tzinfo=UTC).date()
    account = acme(timezone="America/Sao_Paulo", terms=(Term(day, card=cheap),))
    add(con, "a", "2026-10-16T02:58:59Z")
    add(con, "b", "2026-10-16T02:59:00Z")
    rate_month(con, [account], "2026-10")
    assert [row[3] for row in charged(con)] == [Decimal("0.0095"), Decimal("0.001")]


def test_cards_that_disagree_on_the_month_are_refused_on_one_account(con):
    row = {"direction": "outbound", "destination": "*", "rate_per_minute": "1"}
    other = RateCard.from_rows(
        [{**row, "effective_from": "2025-08-01"}], currency="USD", policies={"month_of": "start"}
    )
    day = datetime(2026, 10, 16, tzinfo=UTC).date()
    with pytest.raises(RatingError, match="disagree on month_of"):
        rate_month(con, [acme(terms=(Term(day, card=other),))], "2026-10")


def test_every_card_that_priced_is_kept_once_by_content(con):
    add(con, "a", "2026-10-10T12:00:00Z")
    for _ in range(2):
        rate_month(con, [acme()], "2026-10")
    assert con.execute("SELECT name, checksum FROM cards").fetchall() == [
        ("meta-usd", META.checksum)
    ]


def test_an_explanation_reads_the_charge_and_names_the_row(con):
    add(con, "a", "2026-10-10T12:00:00Z", seconds=61)
    rate_month(con, [acme()], "2026-10")
    told = explain(con, "a", zones={"acme": zone_spans("Asia/Kolkata", [])})
    line = told.as_dict()["row"]["line"]
    assert META.rows[line - 2].destination == "Rest of Central & Eastern Europe"
    assert "0.0095 × 66 ÷ 60 = 0.01045 USD" in told.text()
    assert "2026-10-10 17:30:00" in told.text()


@pytest.mark.parametrize(
    ("policy", "told", "seconds", "source"),
    [("times", 60, 120, "times"), ("field", 60, 60, "field"), ("hold", None, 120, "times")],
)
def test_an_explanation_shows_the_seconds_that_were_priced(con, policy, told, seconds, source):
    row = {"direction": "outbound", "destination": "*", "rate_per_minute": "0.01"}
    rows = [
        {**row, "effective_from": "2026-01-01"},
        {**row, "destination": "GE", "effective_from": "2026-01-01", "effective_to": "2026-02-01"},
    ]
    card = RateCard.from_rows(rows, currency="USD", policies={"duration_conflict": policy})
    add(con, "a", "2026-10-10T12:00:00Z", seconds=120)
    con.execute("UPDATE call_rows SET duration_s = ?", [told])
    rate_month(con, [acme(card=card)], "2026-10")
    told_so = explain(con, "a").as_dict()
    assert (told_so["call"]["seconds"], told_so["call"]["seconds_from"]) == (seconds, source)
    assert told_so["charge"]["billed_seconds"] == seconds
    assert told_so["card"]["policies"]["duration_conflict"] == policy
    assert told_so["row"]["line"] == 1  # the row of GE was no longer in force


def test_a_replay_finds_what_was_changed_after_the_fact(con):
    rows = rows_of(("0.6", "0", "0", "60", "0.1"), ("0.3", "60", "0", "6", "0.02"))
    card = RateCard.from_rows(rows, currency="USD", limits={"min_charge": "0.9"})
    add(con, "a", "2026-10-10T12:00:00Z", seconds=61)
    rate_month(con, [acme(card=card)], "2026-10")
    told = explain(con, "a").as_dict()
    assert replay(json.dumps(told)) == []
    for path, wrong, found in [
        (("call", "duration_s"), 62, ["seconds"]),
        (("derivation", "slots", 1, "seconds"), 2, ["slots"]),
        (("derivation", "parts", 0, "rate_per_minute"), "0.5", ["rows", "products", "sum"]),
        (("derivation", "sum_units"), "1", ["sum"]),
        (("charge", "amount_units"), "1", ["limits", "amount"]),
        (("charge", "billed_seconds"), 60, ["billed", "tier"]),
        (("derivation", "tier", "seconds_after"), 1, ["tier"]),
        (("derivation", "tier", "external_seconds"), 1, ["tier"]),
        (("derivation", "slots", 0, "bands", 0, "from_minutes"), 1, ["bands"]),
        (("derivation", "parts", 1, "fee"), "0", ["fees", "products", "sum"]),
        (("charge", "pulses"), 3, ["increments"]),
    ]:
        changed = json.loads(json.dumps(told))
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = wrong
        assert replay(json.dumps(changed)) == found


def test_an_explanation_of_what_is_not_there_is_a_sentence(con):
    with pytest.raises(InputError, match="no call 'x'"):
        explain(con, "x")
    add(con, "x", "2026-10-10T12:00:00Z")
    with pytest.raises(InputError, match="has not been rated"):
        explain(con, "x")


def test_a_month_is_stale_once_rating_would_say_something_else(con):
    add(con, "a", "2026-10-10T12:00:00Z")
    add(con, "b", "2026-10-11T12:00:00Z", country="QA")
    con.execute("UPDATE call_rows SET country = NULL, contact = NULL WHERE call_id = 'b'")
    rate_month(con, [acme()], "2026-10")
    assert stale_months(con, [acme()]) == []
    assert stale_months(con, [acme(card=load_card("highlevel-usd"))]) == [("2026-10", "acme")]
    add(con, "late", "2026-10-12T12:00:00Z")
    assert stale_months(con, [acme()]) == [("2026-10", "acme")]
    rate_month(con, [acme()], "2026-10")
    con.execute("UPDATE claims SET account = 'other'")
    assert stale_months(con, [acme()]) == [("2026-10", "acme")]


def test_a_month_that_threads_rate_at_once_is_charged_once(con):
    con.execute(
        """
        INSERT INTO call_rows BY NAME SELECT
            'wacid.' || i AS call_id, 'outbound' AS direction, 'BR' AS country,
            'answered' AS disposition, true AS answered, started_at AS first_event_at, started_at,
            started_at + to_seconds(60) AS ended_at, 60 AS duration_s, false AS conflict
        FROM (
            SELECT i, TIMESTAMP '2026-10-02' + to_seconds(i) AS started_at
            FROM range(20000) AS t(i)
        )
        """
    )
    together = Barrier(3)

    def rated(cursor):
        together.wait()
        return rate_month(cursor, [acme()], "2026-10").calls

    with ThreadPoolExecutor(3) as threads:
        cursors = [con.cursor() for _ in range(3)]
        assert list(threads.map(rated, cursors)) == [20_000] * 3
    assert con.execute("SELECT count(*) FROM charge_rows").fetchall() == [(20_000,)]
    assert con.execute("SELECT count(*) FROM cards").fetchall() == [(1,)]


def test_the_number_of_threads_changes_no_charge(con):
    con.execute(
        """
        INSERT INTO call_rows BY NAME SELECT
            'wacid.' || i AS call_id, if(i % 5 = 0, 'inbound', 'outbound') AS direction,
            ['GE', 'BR', 'IN', 'UA'][1 + i % 4] AS country, 'answered' AS disposition,
            true AS answered, started_at AS first_event_at, started_at,
            started_at + to_seconds(i % 400) AS ended_at, i % 400 AS duration_s, false AS conflict
        FROM (
            SELECT i, TIMESTAMP '2026-10-01' + to_seconds(i * 7919 % 2678000) AS started_at
            FROM range(120000) AS t(i)
        )
        """
    )
    rows = []
    for threads in (1, 4):
        con.execute(f"SET threads = {threads}")
        rate_month(con, [acme()], "2026-10")
        rows.append(con.execute("SELECT * FROM charge_rows ORDER BY call_id").fetchall())
    assert rows[0] == rows[1]
    assert {row[12] for row in rows[0]} == {0, 50_000}
