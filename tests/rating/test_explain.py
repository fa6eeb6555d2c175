"""An explanation leads from the card's rows to the amount that is really charged."""

import json
from datetime import UTC, datetime

import pytest
from replay import replay

from wacost.cards import RateCard, load_card
from wacost.cards.stored import card_from_json
from wacost.cards.write import write_card
from wacost.language import Language
from wacost.rating import BilledAccount, explain, rate_month
from wacost.rating.charge import Call
from wacost.rating.compiled import compiled
from wacost.rating.elsewhere import External, Observed
from wacost.rating.explain import explain_charge
from wacost.rating.quote import price
from wacost.store import open_store

ROW = {"direction": "outbound", "destination": "*", "effective_from": "2026-01-01"}
AT = "2026-10-10T12:00:00Z"


@pytest.mark.parametrize(
    ("limits", "rounding", "steps"),
    [
        # 61 s are 66: 0.0113 × 66 ÷ 60 = 0.01243
        (
            {},
            None,
            ["0.01243 USD, exact; its invoice line is rounded once, to 2 places, half up"],
        ),
        ({}, ("call", 4, "up"), ["once, for each call, to 4 places, up", "0.0125 USD"]),
        (
            {"min_charge": "0.05001"},
            ("call", 4, "up"),
            ["0.01243 → 0.05001 USD, the card's least per call", "0.05001 → 0.0501", "0.0501 USD"],
        ),
        (
            {"max_charge": "0.009"},
            ("call", 2, "down"),
            ["0.01243 → 0.009 USD, the card's most per call", "0.009 → 0.00 USD", "0.00 USD"],
        ),
    ],
)
def test_the_last_word_is_the_amount_that_is_really_charged(limits, rounding, steps):
    rows = [ROW | {"rate_per_minute": "0.0113"}]
    card = RateCard.from_rows(rows, currency="USD", limits=limits, rounding=rounding)
    charge = card.quote(country="GE", seconds=61, at=AT)
    lines = charge.explain().splitlines()
    assert lines[-len(steps) - 1].endswith("0.0113 × 66 ÷ 60 = 0.01243 USD")
    assert all(told in line for told, line in zip(steps, lines[-len(steps) :], strict=True))
    assert lines[-1].split()[:2] == ["charged", f"{charge.amount:f}"]


HEAD = ("rate_per_minute", "from_second", "tier_from_minutes", "fee", "status", "source")
SLOTS = [
    ("0.6", "0", "0", "0.01", "reported", "page 1"),
    ("0.3", "0", "2", "0.02", "", "page 2"),
    ("1.2", "30", "0", "0.04", "derived", "page 3"),
    ("0.9", "30", "2", "0", "", "page 3"),
]


def slots(**facts):
    rows = [ROW | dict(zip(HEAD, cells, strict=True)) for cells in SLOTS]
    return RateCard.from_rows(rows, currency="USD", tiers="graduated", **facts)


@pytest.mark.parametrize("locale", ["pt_BR", "es"])
def test_a_reader_of_another_language_reads_the_same_steps_in_it(locale):
    asked = {"country": "GE", "seconds": 61, "at": AT, "minutes_before": 1}
    one = explain_charge(slots(limits={"max_charge": "0.009"}).quote(**asked))
    told = one.sheet(Language.of(locale)).facts
    left = [text for (_, text), (_, said) in zip(one.steps, told, strict=True) if text == said]
    assert left == ["page 1", "page 3"]
    assert not {title for title, _ in told} & {title for title, _ in one.steps}
    assert one.sheet().facts == one.steps
    assert "0,6 USD/min + 0,01 de" in str(told)


def steps(charge, name):
    return [text for title, text in explain_charge(charge).steps if title == name]


def test_every_part_of_a_charge_cites_its_own_row():
    charge = slots().quote(country="GE", seconds=61, at=AT, minutes_before=1)
    told = "*, outbound from second"
    assert steps(charge, "rate") == [
        (
            f"{told} 0, above 0 min: 0.6 USD/min + 0.01 fee from 2026-01-01"
            " (row 1 of the rows given, reported)"
        ),
        (
            f"{told} 30, above 0 min: 1.2 USD/min + 0.04 fee from 2026-01-01"
            " (row 3 of the rows given, derived)"
        ),
        (
            f"{told} 30, above 2 min: 0.9 USD/min from 2026-01-01"
            " (row 4 of the rows given, contract)"
        ),
    ]
    assert steps(charge, "source") == ["page 1", "page 3"]
    assert [text[-22:] for text in steps(charge, "part")] == [
        f"(row {number} of the rows given)"[-22:] for number in (1, 3, 4)
    ]
    parts = explain_charge(charge).as_dict()["derivation"]["parts"]
    assert [(part["row"]["line"], part["row"]["status"]) for part in parts] == [
        (1, "reported"),
        (3, "derived"),
        (4, "contract"),
    ]


def test_a_charge_is_as_well_known_as_the_row_of_its_first_part():
    charge = slots().quote(country="GE", seconds=61, at=AT, minutes_before=1)
    assert (charge.row.line, charge.card_status) == (1, "reported")
    told = explain_charge(charge).as_dict()
    assert (told["row"]["line"], told["row"]["source"]) == (1, "page 1")


def test_a_charge_without_a_price_names_the_row_that_says_so():
    row = ROW | {"rate_per_minute": "n/a", "status": "reported", "note": "not in this country"}
    card = RateCard.from_rows([row], currency="USD")
    charge = card.quote(country="GE", seconds=61, at=AT)
    assert (charge.status, charge.row.line, charge.card_status) == ("no_rate", 1, "reported")
    assert steps(charge, "note") == ["not in this country"]
    assert charge.explain().endswith(
        "the supplier does not offer it. That is not the same as free."
    )
    card = RateCard.from_rows([row | {"rate_per_minute": "unknown"}], currency="USD")
    charge = card.quote(country="GE", seconds=61, at=AT)
    assert (charge.status, charge.row.line) == ("no_rate", 1)
    assert "The supplier has a rate for it, which the card does not know." in charge.explain()
    said = "the card knows neither this band's rate nor that of a lower one"
    assert steps(charge, "flag") == [f"tier_unknown: {said}"]
    other = RateCard.from_rows([row | {"destination": "BR"}], currency="USD")
    charge = other.quote(country="GE", seconds=61, at=AT)
    assert (charge.status, charge.row, charge.card_status) == ("no_rate", None, "contract")


def test_where_a_country_is_from_is_told_with_the_prefix_that_told_it():
    card = RateCard.from_rows(
        [ROW | {"destination": "*", "rate_per_minute": "0.01"}], currency="USD"
    )

    def told(number, country=None):
        charge = card.quote(number, country=country, seconds=61, at=AT)
        call = explain_charge(charge).as_dict()["call"]
        return call["country"], call["country_source"], call["country_prefix"]

    assert told("+1 809 555 0100") == ("DO", "number", "1809")
    assert told("+5511987654321", "PT") == ("BR", "number", "55")
    # a number of no country: what was given besides is not "from the number"
    assert told("+999123456", "BR") == ("BR", None, None)
    assert told(None, "BR") == ("BR", None, None)


def test_a_row_is_cited_where_it_stands(tmp_path):
    """Rows given in Python are in no file, and what the store keeps of their card says so."""
    given = slots()
    kept = card_from_json(given.as_json())
    folder = tmp_path / "mine"
    folder.mkdir()
    write_card(given, folder)
    for card, file, place in (
        (given, None, "row 1 of the rows given"),
        (kept, None, "row 1 of the rows given"),
        (load_card(folder), "mine/rates.csv", "rates.csv line 2"),
    ):
        row = explain_charge(card.quote(country="GE", seconds=1, at=AT)).as_dict()["row"]
        assert (row["file"], row["place"]) == (file, place)
        assert card.checksum == given.checksum


def fill(con, *calls):
    """Put answered calls of (id, hour, seconds) to Georgia on 10 October, and rate them."""
    con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
    for call_id, hour, seconds in calls:
        con.execute(
            """
            INSERT INTO call_rows BY NAME SELECT $id AS call_id, 'outbound' AS direction,
                'GE' AS country, 'answered' AS disposition, true AS answered,
                $at - to_seconds($seconds) AS started_at, started_at AS first_event_at,
                $at AS ended_at, $seconds AS duration_s, false AS conflict
            """,
            {"id": call_id, "seconds": seconds, "at": datetime(2026, 10, 10, hour)},
        )


@pytest.mark.parametrize(("country", "status"), [("GE", "no_rate"), (None, "no_country")])
def test_a_call_of_unknown_direction_is_unpriced_and_says_why(tmp_path, country, status):
    """Every row is for one direction, whatever the card; both kernels give the same status."""
    card = banded("whole_call")
    with open_store(tmp_path / "wacost.duckdb") as con:
        fill(con, ("a", 10, 61))
        con.execute("UPDATE call_rows SET direction = NULL, country = ?", [country])
        rate_month(con, [BilledAccount("acme", "UTC", card, "acme")], "2026-10")
        told = explain(con, "a")
    assert dict(told.steps)["direction"] == "not known"
    result = f"{status}: unpriced. Nothing tells its direction, and every row of a card is for"
    assert told.steps[-1] == ("result", f"{result} one direction: none applies.")
    assert (told.charge["status"], told.charge["amount_units"]) == (status, None)
    assert replay(json.dumps(told.as_dict())) == []
    now = int(datetime(2026, 10, 10, 10, tzinfo=UTC).timestamp())
    call = Call("a", None, None, country, now - 61, now - 61, now, 61)
    charge = price(call, compiled(card), "UTC")
    assert (charge.status, charge.amount) == (status, None)
    assert charge.explain().endswith("one direction: none applies.")


def banded(tiers):
    rows = [
        ROW | {"tier_from_minutes": minutes, "rate_per_minute": rate}
        for minutes, rate in (("0", "0.6"), ("2", "0.3"), ("60", "0.1"))
    ]
    return RateCard.from_rows(rows, currency="USD", tiers=tiers, scope="country")


FILLED = (
    "1 min before this call (1 used through others), 2:06 with it",
    "2:06 min before this call (1 used through others), 4:06 with it",
    (
        "60 min before this call (1 used through others and 55:54 up to an observed tier),"
        " 60:30 with it"
    ),
)


@pytest.mark.parametrize(
    ("tiers", "ends"),
    [
        # a, b and c last 61, 120 and 30 seconds; 1 minute was used through others, and at noon
        # the supplier said that an hour was reached
        ("whole_call", ["band above 2", "band above 2", "band above 60"]),
        ("graduated", ["bands above 0, then 2", "band above 2", "band above 60"]),
        ("volume", ["band above 60"] * 3),
    ],
)
def test_the_minutes_before_with_and_after_a_call_are_told(tmp_path, tiers, ends):
    noon = int(datetime(2026, 10, 10, 12, tzinfo=UTC).timestamp())
    used = [
        External("acme", "2026-10", 60, country="GE"),
        Observed("acme", "2026-10", 3600, noon, country="GE"),
    ]
    with open_store(tmp_path / "wacost.duckdb") as con:
        fill(con, ("a", 10, 61), ("b", 11, 120), ("c", 12, 30))
        accounts = [BilledAccount("acme", "UTC", banded(tiers), "acme")]
        rate_month(con, accounts, "2026-10", elsewhere=used)
        told = [explain(con, call_id) for call_id in "abc"]
    found = [dict(one.steps)["tier"] for one in told]
    over = ", 60:30 in the whole month" if tiers == "volume" else ""
    pairs = zip(FILLED, ends, strict=True)
    assert found == [f"country GE: {text}{over} → {end} min" for text, end in pairs]
    assert [replay(json.dumps(one.as_dict())) for one in told] == [[], [], []]
    assert told[2].as_dict()["derivation"]["tier"] == {
        "group": "country GE",
        "seconds_before": 3600,
        "external_seconds": 60,
        "observed_seconds": 3354,
        "seconds_after": 3630,
        "total_seconds": 3630 if tiers == "volume" else None,
    }


def test_a_quote_takes_the_minutes_with_its_call_for_the_whole_month():
    charge = banded("volume").quote(country="GE", seconds=61, at=AT, minutes_before=59)
    assert steps(charge, "tier") == [
        (
            "country GE: 59 min before this call, 60:06 with it, 60:06 in the whole month"
            " → band above 60 min"
        )
    ]


def test_slots_with_ladders_of_their_own_tell_their_bands_with_their_parts():
    head = ("rate_per_minute", "from_second", "tier_from_minutes")
    cells = [("0.6", "0", "0"), ("0.3", "0", "2"), ("0.9", "30", "0")]
    rows = [ROW | dict(zip(head, one, strict=True)) for one in cells]
    charge = RateCard.from_rows(rows, currency="USD").quote(
        country="GE", seconds=61, at=AT, minutes_before=2
    )
    assert steps(charge, "tier")[0].endswith("3:06 with it → the band of each slot that holds that")
    assert [text.split(":")[0] for text in steps(charge, "part")] == [
        "from second 0, above 2 min",
        "from second 30, above 0 min",
    ]
