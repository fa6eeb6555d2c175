"""Every line of a document says which row of which card priced it, and how that is known."""

from __future__ import annotations

import csv
from datetime import date

from billing.books import Account, Books
from billing.test_correct import ACCOUNT, WANTED

from wacost.billing import draft_invoice, issue, read_back, rows_of
from wacost.billing.documents.page import page
from wacost.bundled import bundled
from wacost.cards import RateCard


def lines_of(books: Books):
    return {
        (line.direction, line.country, line.tier_from_minutes): line
        for line in draft_invoice(books.con, Account(), "2026-10").lines
    }


def test_a_line_names_the_line_of_the_file_that_has_its_price(books):
    books.real_card("meta-usd")
    since = date(2026, 10, 1)
    books.call(rate="0.0108", effective_from=since)
    books.call(rate="0.0108", tier=50_000, flags=["tier_unknown"], effective_from=since)
    books.call(rate="0", direction="inbound", market=None, effective_from=since)
    books.call(rate="0.0101", country="AR", market="Argentina", effective_from=since)
    with (bundled("rates") / "meta-usd" / "rates.csv").open(encoding="utf-8", newline="") as file:
        rows = dict(enumerate(csv.DictReader(file), start=2))
    found = lines_of(books)
    for (direction, country, _), line in found.items():
        (number,) = line.card_rows
        row = rows[number]
        place = {"BR": "Brazil", "AR": "Argentina"}[country] if direction == "outbound" else "*"
        assert (row["direction"], row["destination"]) == (direction, place)
        assert row["rate_per_minute"] == str(line.rate_per_minute.normalize())
        assert row["status"] == line.rate_status
        assert row["tier_from_minutes"] == "0"
    assert {line.rate_status for line in found.values()} == {"published", "derived", "reported"}


def test_two_rows_of_one_price_are_both_named_and_a_card_without_a_file_names_none(books):
    common = {"direction": "outbound", "rate_per_minute": "0.02", "effective_from": "2026-10-01"}
    rows = [{**common, "destination": place} for place in ("5511", "5521", "55", "*")]
    card = RateCard.from_rows(rows, currency="USD")
    checksum = books.card(card.checksum, status="contract")
    books.con.execute("UPDATE cards SET content = ?", [card.as_json()])
    books.call(rate="0.02", market=None, checksum=checksum)
    assert lines_of(books)["outbound", "BR", 0].card_rows == (1, 2, 3, 4)
    bare = card.as_json().replace('"line":', '"line":0,"was":')
    books.con.execute("UPDATE cards SET content = ?", [bare])
    line = lines_of(books)["outbound", "BR", 0]
    assert (line.card_rows, line.rate_status) == ((), "contract")


def test_a_final_document_keeps_the_rows_of_its_lines(books):
    books.real_card("meta-usd")
    books.call()
    (made,) = issue(books.con, [ACCOUNT], "2026-10", WANTED).new
    (row,) = rows_of(books.con)
    assert read_back(books.con, row).lines == made.lines
    assert made.lines[0].card_rows


def test_what_all_lines_share_is_said_once_and_the_rest_beside_each(books):
    books.real_card("meta-usd")
    books.call(rate="0.0108", effective_from=date(2026, 10, 1))
    one = page(draft_invoice(books.con, Account(), "2026-10"))
    assert one["groups"][0]["rows"][0]["why"].startswith("row ")
    assert one["notes"][-1].startswith("Every line: meta-usd · rates of Oct 1, 2026 · derived. The")
    books.call(rate="0.0101", country="AR", market="Argentina", effective_from=date(2026, 9, 1))
    two = page(draft_invoice(books.con, Account(), "2026-10"))
    rows = {row["country"]: row for row in two["groups"][0]["rows"]}
    assert rows["Argentina"]["why"].endswith(" · rates of Sep 1, 2026 · reported")
    assert rows["Argentina"]["full"].startswith("meta-usd · row ")
    assert two["notes"][-1].startswith("Every line: meta-usd. The row beside each")


def test_the_foot_tells_in_money_how_the_rates_are_known(books):
    books.real_card("meta-usd")
    books.call(rate="0.0108", seconds=6000)
    books.call(rate="0.0101", seconds=600, country="AR", market="Argentina")
    books.call(rate="0", direction="inbound", market=None)
    told = draft_invoice(books.con, Account(), "2026-10")
    known = "Lines by how their rate is known: derived $1.08; reported $0.10."
    assert known in page(told)["notes"]
    spanish = draft_invoice(books.con, Account(), "2026-10", locale="es")
    assert any("derivada 1,08\xa0US$" in note for note in page(spanish)["notes"])


def test_nothing_is_said_where_every_rate_is_the_suppliers_own_word(books):
    books.real_card("meta-usd")
    books.call(rate="0", direction="inbound", market=None)
    told = page(draft_invoice(books.con, Account(), "2026-10"))["notes"]
    assert not any("rate is known" in note for note in told)
