"""`wacost compare` and `rate --what-if` show cards beside each other and write nothing."""

import pytest
from small_world import ACME, OTHER, put_calls

import wacost as library
from wacost.cards import RateCard
from wacost.cards.write import write_card
from wacost.cli.common import table


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    put_calls(library.open(tmp_path).store_path)
    return tmp_path


def test_cards_countries_and_the_split_are_told(wacost, folder):
    result = wacost(
        *("compare", "--month", "2026-10", "-w", folder),
        *("--card", "meta-usd", "--card", "highlevel-usd"),
    )
    assert result.code == 0
    # 66, 60 and 60 seconds out at 0.0108 a minute; the call in is free
    assert result.out.splitlines() == [
        "card           status    calls  unpriced  tier unknown   amount  currency",
        "(own)                        5         0             0  0.03348  USD",
        "meta-usd       derived       5         0             0  0.03348  USD",
        "highlevel-usd  reported      5         0             0  0.03503  USD",
        "",
        "country  calls    (own)  meta-usd  highlevel-usd  cheapest",
        "BR           5  0.03348   0.03348        0.03503  meta-usd",
        "",
        "Cheapest split of countries: 0.03348 USD",
        "  meta-usd: BR",
        "  one card is best for every country",
        "  no other split is cheaper",
    ]
    assert not (folder / "invoices").exists()


def test_a_card_without_a_rival_is_not_called_the_cheapest(wacost, folder):
    result = wacost("compare", "--month", "2026-10", "-w", folder, "--card", "plivo-usd")
    assert "country  calls    (own)  plivo-usd\n" in result.out
    assert "cheapest" not in result.out


def test_json_has_amounts_as_text_and_the_cards_status(wacost, folder):
    result = wacost(
        *("compare", "--month", "2026-10", "-w", folder, "--json", "--account", "acme"),
        *("--card", "plivo-usd", "--card", "meta-inr"),
    )
    assert result.code == 0
    own, plivo, inr = result.json["cards"]
    assert (own["card"], own["currency"], own["calls"]) == ("(own)", "USD", 4)
    assert (plivo["card_status"], plivo["unpriced"]) == ("reported", 0)
    assert isinstance(plivo["amount"], str)
    assert (inr["unpriced"], inr["currency"]) == (2, "INR")
    assert result.json["accounts"] == ["acme"]
    assert {one["currency"]: one["card"] for one in result.json["cheapest"]} == {
        "USD": "plivo-usd",
        "INR": None,  # it has no rate for calls that plivo-usd prices
    }


def test_a_card_of_the_users_may_be_called_own(wacost, folder):
    (folder / "rates" / "own").mkdir(parents=True)
    (folder / "rates" / "own" / "card.toml").write_text(
        'name = "own"\ncurrency = "USD"\nstatus = "contract"\n[increments]\nfirst = 60\nnext = 60\n'
    )
    (folder / "rates" / "own" / "rates.csv").write_text(
        "direction,destination,rate_per_minute,effective_from\n"
        "inbound,*,0,2026-01-01\noutbound,*,0.001,2026-01-01\n"
    )
    found = wacost(
        *("compare", "--month", "2026-10", "-w", folder, "--json"),
        *("--card", "own", "--card", "meta-usd"),
    ).json
    assert [one["card"] for one in found["cards"]] == ["(own)", "own", "meta-usd"]
    assert [one["card"] for one in found["cheapest"]] == ["own"]
    what_if = wacost("rate", "--month", "2026-10", "-w", folder, "--what-if", "own").out
    assert what_if.splitlines()[0].split()[2:4] == ["(own)", "own"]


def test_what_if_tells_each_account_the_difference(wacost, folder):
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--what-if", "demo-two-way")
    assert result.code == 0
    rows = [line.split() for line in result.out.splitlines()]
    assert [row[:2] for row in rows[1:]] == [["acme", "4"], ["other", "1"]]
    assert rows[2][2] == rows[2][3]  # its own card
    assert not (folder / "invoices").exists()
    with library.open(folder).reading() as con:
        assert con.execute("SELECT count(*) FROM charge_rows").fetchall() == [(0,)]


def test_another_currency_has_no_difference(wacost, folder):
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--what-if", "meta-inr")
    assert result.code == 0
    assert all(line.split()[-2] == "-" for line in result.out.splitlines()[1:])
    assert "meta-inr: 3 calls have no price" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--card", "meta-usd", "--card", "meta-usd"], 1, "named once"),
        (["--card", "meta-ust"], 1, "did you mean meta-usd"),
        (["--card", "meta-usd", "--account", "acmee"], 1, "acme"),
        ([], 2, "--card"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_sentence(wacost, folder, arguments, code, said):
    result = wacost("compare", "--month", "2026-10", "-w", folder, *arguments)
    assert (result.code, result.out) == (code, "")
    assert said in result.err


BANDS = {
    "between": [("0.6", "0"), ("unknown", "1"), ("0.2", "2")],
    "open-top": [("0.6", "0"), ("unknown", "1")],
    "open-bottom": [("unknown", "0"), ("0.2", "1")],
    "flat": [("0.3", "0")],
}


@pytest.fixture
def banded(folder):
    """Put cards into the workspace of which two do not know the rate of a band."""
    for name, bands in BANDS.items():
        row = {"destination": "*", "effective_from": "2025-01-01"}
        rows = [
            row | {"direction": "outbound", "rate_per_minute": rate, "tier_from_minutes": minutes}
            for rate, minutes in bands
        ]
        rows.append(row | {"direction": "inbound", "rate_per_minute": "0"})
        place = folder / "rates" / name
        place.mkdir(parents=True)
        write_card(RateCard.from_rows(rows, currency="USD", scope="card", name=name), place)
    return folder


def test_what_lies_in_an_unknown_band_is_a_range_and_never_one_figure(wacost, banded):
    """Calls of 66 and 60 seconds follow each other in one portfolio, one of 60 is in another.

    The first ends above 1 minute, between 0.6 and 0.2 a minute; the second above 2 minutes.
    """
    result = wacost(
        *("compare", "--month", "2026-10", "-w", banded, "--card", "between"),
        *("--card", "open-top", "--card", "flat"),
    )
    assert result.code == 0
    amounts = {line.split("  ")[0]: line for line in result.out.splitlines()}
    assert " 1.02 to 1.46 " in amounts["between"]
    assert " 0.6 to 1.86 " in amounts["open-top"]
    assert " 0.93 " in amounts["flat"]
    assert amounts["BR"].endswith(" flat?")
    assert "no other split is cheaper, by the rates that are known" in result.out
    told = "in a band whose rate is not known:"
    bounds = "0.8 is known, they come to 0.22 at least and 0.66 at most"
    assert f"between: 1 call lies {told} {bounds}" in result.err
    bounds = "0.6 is known, they come to 0 at least and 1.26 at most"
    assert f"open-top: 2 calls lie {told} {bounds}" in result.err
    told = wacost(
        *("compare", "--month", "2026-10", "-w", banded, "--json"),
        *("--card", "between", "--card", "flat"),
    ).json
    sums = [[one[key] for key in ("known", "at_least", "at_most")] for one in told["cards"][1:]]
    assert sums == [["0.8", "1.02", "1.46"], ["0.93"] * 3]
    assert told["cheapest"] == [
        {"country": "BR", "currency": "USD", "card": "flat", "certain": True}
    ]
    assert told["blends"][0]["certain"] is False


def test_a_difference_is_a_range_where_a_rate_is_not_known(wacost, banded):
    result = wacost("rate", "--month", "2026-10", "-w", banded, "--what-if", "between")
    assert result.code == 0
    acme, other = (line.split(maxsplit=2)[2] for line in result.out.splitlines()[1:])
    # 0.02268 now
    assert acme.split("  ")[1:] == ["0.42 to 0.86", "+0.39732 to +0.83732", "USD"]
    assert other.split()[1] == "0.6"


def test_calls_in_a_lowest_band_that_is_not_known_cost_something_and_nobody_knows_how_much(
    wacost, banded
):
    """They have no price, and are told as the least that they can cost, with no most."""
    options = ("--month", "2026-10", "-w", banded)
    result = wacost("compare", *options, "--card", "open-bottom", "--card", "flat")
    # 66 and 60 seconds end above 1 minute, at 0.2; the other account's 60 do not
    rows = {line.split("  ")[0]: line for line in result.out.splitlines()}
    assert " 0.62 or more  " in rows["open-bottom"]
    assert rows["BR"].endswith(" flat?")
    said = "0.42 is known, they come to 0.2 at least, and nothing tells the most"
    assert f"open-bottom: 1 call lies in a band whose rate is not known: {said}" in result.err
    assert "no price (*)" not in result.err
    told = wacost("compare", *options, "--card", "open-bottom", "--json").json["cards"][1]
    sums = [told[key] for key in ("unpriced", "tier_unknown", "amount", "at_least", "at_most")]
    assert sums == [1, 1, "0.42", "0.62", None]


def test_the_range_of_a_comparison_is_that_of_rating(wacost, banded):
    for card in ("open-bottom", "open-top", "between"):
        (banded / "wacost.toml").write_text(OTHER.replace("demo-two-way", card))
        log = library.open(banded)
        log.rate("2026-10", account="other")
        (rated,) = log.cost_ranges("2026-10")
        own = log.compare("2026-10", ["flat"]).cards[0].total
        assert (own.known, own.least, own.most) == (rated.known, rated.least, rated.most)
        assert own.is_range == (rated.least != rated.most)


def test_no_number_of_a_wide_table_is_broken():
    heads = ["country", *(f">a-card-of-name-{n}" for n in range(9)), "who is the cheapest"]
    row = ["BR", *("217.301234567891*" for _ in range(9)), "a-card-of-name-1"]
    words = table(heads, [row]).split()
    assert words.count("217.301234567891*") == 9  # its texts may be folded


def test_nothing_that_somebody_copies_is_broken_however_narrow_the_screen(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    path = "inbox/of the production server/webhooks-2026-08-31T235959-part-0000001-of-0000200.jsonl"
    call = "wacid.HBgNNTUxMTk4NzY1NDMyMRUCABIYFjNFQjBDNzY5RDE5QjhEMDY5RUM5AA=="
    note = "a note of several words goes on in the next line, " * 3 + "x" * 70
    lines = table(["source", "call", "note", ">line"], [[path, call, note, "12"]]).splitlines()
    assert f"{path}  {call}  a note of" in lines[1]
    assert lines[1].endswith("  12")
    assert len(lines) > 2
    assert any("x" * 70 in line for line in lines)
    wide = table(["account", "what"], [["\uc8fc\uc2dd\ud68c\uc0ac " * 12, "a b " * 30]])
    assert "\uc8fc\uc2dd\ud68c\uc0ac " * 12 in wide
