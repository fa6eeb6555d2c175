"""`wacost cards import` tells what it changed; a workbook is read like a CSV."""

import re
import zipfile
from importlib.util import find_spec

import pytest

needs_calamine = pytest.mark.skipif(
    find_spec("python_calamine") is None, reason="needs the frames: pip install -e '.[frames]'"
)
CSV = 'Market,Currency,From,To,Rate\nBrazil,$US,0,"50,000",$0.0108\n,,"50,001",--,0.0090\n'


def imported(wacost, tmp_path, text=CSV, *options):
    file = tmp_path / "file.csv"
    file.write_text(text, encoding="utf-8")
    return wacost("cards", "import", file, "--to", tmp_path / "card", *options)


def test_what_was_changed_is_told(wacost, tmp_path):
    result = imported(wacost, tmp_path, CSV, "--from", "2026-10-01")
    assert result.code == 0
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert "2-3 Currency $US USD ISO 4217" in lines
    assert "3 Market (empty) Brazil filled down" in lines
    assert "3 From 50,001 50000 minutes above which it begins" in lines
    assert "note: increments: 6/6 seconds, Meta's pulses; the file does not tell them" in lines
    assert "2 rates in USD, by markets" in result.err
    shown = wacost("cards", "show", tmp_path / "card", "--json").json
    assert [row["rate_per_minute"] for row in shown["rates"]] == ["0.0108", "0.009"]


@pytest.mark.parametrize(
    ("text", "options", "old_on"),
    [
        (CSV, (), "2027-01-01"),
        (CSV, ("--published-every", "week"), "2026-11-30"),
        ("Country,Rate (USD)\nBrazil,0.01\n", ("--increments", "6/6"), ""),
    ],
)
def test_an_imported_card_grows_old_as_its_supplier_publishes(
    wacost, tmp_path, text, options, old_on
):
    when = ("--from", "2026-10-01", "--retrieved", "2026-11-26")
    result = imported(wacost, tmp_path, text, *when, *options)
    assert ("published_every: quarter" in result.out) == (old_on == "2027-01-01")
    assert ("--published-every" in result.out) == ("--published-every" not in options)
    for day in ("2026-11-29", "2026-11-30", "2026-12-31", "2027-01-01"):
        told = wacost("cards", "check", tmp_path / "card", "--on", day).out
        assert ("there may be a newer card" in told) == bool(old_on and day >= old_on)


def test_json_lists_every_change(wacost, tmp_path):
    result = imported(wacost, tmp_path, CSV, "--from", "2026-10-01", "--json").json
    assert (result["card"], result["currency"], result["rates"]) == ("card", "USD", 2)
    assert {"row": 3, "column": "From", "from": "50,001", "to": "50000",
            "why": "minutes above which it begins"} in result["changes"]  # fmt: skip


def test_a_refusal_is_one_sentence_with_row_and_hint_and_exit_1(wacost, tmp_path):
    result = imported(wacost, tmp_path, CSV.replace("Brazil", "Brasilia"), "--from", "2026-10-01")
    assert (result.code, result.out) == (1, "")
    said, hint = result.err.splitlines()
    assert "file.csv, line 2, column Market: found 'Brasilia': no such country" in said
    assert hint.startswith("hint: an English name")
    assert not (tmp_path / "card").exists()


def test_of_rates_of_several_types_the_one_meant_is_asked_for(wacost, tmp_path):
    text = (
        'Market,Currency,From,To,Rate type,Rate\nBrazil,USD,0,"50,000",List rate,0.01\n'
        ',,"50,001",--,Tier rate,0.009\n,,0,--,Committed rate,0.008\n'
    )
    asked = imported(wacost, tmp_path, text, "--from", "2026-10-01")
    assert (asked.code, "'List rate' (row 2) and 'Committed rate' (row 4)" in asked.err) == (
        1,
        True,
    )
    for types, rates in (
        (("Committed rate",), ["0.008"]),
        (("list rate", "Tier rate"), ["0.01", "0.009"]),
    ):
        options = [word for name in types for word in ("--rate-type", name)]
        folder = tmp_path / types[0].replace(" ", "-").lower()
        file = tmp_path / "file.csv"
        done = wacost("cards", "import", file, "--to", folder, "--from", "2026-10-01", *options)
        assert done.code == 0, done.err
        shown = wacost("cards", "show", folder, "--json").json
        assert [row["rate_per_minute"] for row in shown["rates"]] == rates
    wrong = imported(wacost, tmp_path, text, "--from", "2026-10-01", "--rate-type", "Comited rate")
    assert "did you mean Committed rate?" in wrong.err


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "soon"),
        ("--increments", "6-6"),
        ("--increments", "0"),
        ("--currency", "US$"),
        ("--decimal", "dot"),
        ("--status", "known"),
    ],
)
def test_wrong_options_are_wrong_usage(wacost, tmp_path, options):
    assert imported(wacost, tmp_path, CSV, *options).code == 2


def test_a_file_or_folder_that_cannot_be_is_a_sentence(wacost, tmp_path):
    missing = wacost("cards", "import", tmp_path / "no.csv", "--to", tmp_path / "card")
    assert (missing.code, "cannot be read" in missing.err) == (1, True)
    folder = wacost("cards", "import", tmp_path, "--to", tmp_path / "card")
    assert (folder.code, "this is a folder" in folder.err) == (1, True)
    assert wacost("cards", "import", tmp_path / "no.csv").code == 2
    named = wacost("cards", "import", tmp_path / "no.csv", "--to", tmp_path / "My Card")
    assert (named.code, "no name of a card" in named.err) == (1, True)


def workbook(path, fill):
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        fill(book)
    return path


@needs_calamine
def test_a_workbook_with_merged_cells_is_read(wacost, tmp_path):
    def fill(book):
        sheet = book.add_worksheet("Calling & more")
        sheet.merge_range(0, 0, 0, 4, "Calling rates (IDR), effective 1 October 2026")
        sheet.write_row(3, 0, ["Rate", "To", "From", "vs. List rate", "Market\n(per rate card)"])
        sheet.write_row(4, 0, [158.25, 50000, 0, "--"])
        sheet.write_row(5, 0, [150.5, 250000, 50001, -0.05])
        sheet.write_row(6, 0, ["1,940.13", "--", 250001, "+1126%"])
        sheet.merge_range(4, 4, 6, 4, "Indonesia")
        book.add_worksheet("Notes").write(0, 0, "Read me")

    file = workbook(tmp_path / "file.xlsx", fill)
    result = wacost("cards", "import", file, "--to", tmp_path / "card")
    assert result.code == 0, result.err
    rates = wacost("cards", "show", tmp_path / "card", "--json").json
    assert rates["currency"] == "IDR"
    assert [(row["tier_from_minutes"], row["rate_per_minute"]) for row in rates["rates"]] == [
        (0, "158.25"),
        (50_000, "150.5"),
        (250_000, "1940.13"),
    ]


HEAD = ["Country", "Currency", "Rate"]


@needs_calamine
@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["Brazil", "USD", "=0.01*1.08"]], "this cell is a formula"),
        ([["Brazil", "USD", 0.0108], ["India", "USD", ""]], "this row has no rate"),
        ([["Brazil", "USD", -1]], "0 or more"),
        ([["Brazil", "USD", True]], "expected a price"),
        ([["Brazil", "USD", 1e300]], "less than 1,000,000,000"),
        ([], "no row with a rate"),
    ],
)
def test_a_workbook_that_is_not_understood_is_refused(wacost, tmp_path, rows, says):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)

    file = workbook(tmp_path / "file.xlsx", fill)
    options = ("--from", "2026-10-01", "--increments", "6/6")
    result = wacost("cards", "import", file, "--to", tmp_path / "card", *options)
    assert result.code == 1
    assert says in result.err
    assert not (tmp_path / "card").exists()


def with_pasted_values(path):
    """Take the formulas out of a workbook, as pasting its values does."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, re.sub(rb"<f>[^<]*</f>", b"", data))
    return path


@needs_calamine
@pytest.mark.parametrize(
    ("column", "error"), [(0, "#N/A"), (0, "#REF!"), (1, "#NAME?"), (2, "#DIV/0!"), (2, "#VALUE!")]
)
@pytest.mark.parametrize("prepare", [lambda path: path, with_pasted_values])
def test_an_error_in_a_cell_is_refused_and_not_filled_from_above(
    wacost, tmp_path, column, error, prepare
):
    def fill(book):
        sheet = book.add_worksheet()
        for number, row in enumerate((HEAD, ["Brazil", "USD", 0.01], ["India", "USD", 0.02])):
            sheet.write_row(number, 0, row)
        sheet.write_formula(2, column, "=A1", None, error)

    file = prepare(workbook(tmp_path / "file.xlsx", fill))
    options = ("--from", "2026-10-01", "--increments", "6/6")
    result = wacost("cards", "import", file, "--to", tmp_path / "card", *options)
    assert result.code == 1
    assert f"line 3, column {HEAD[column]}: found {error!r}: this is a spread" in result.err
    assert not (tmp_path / "card").exists()


def in_formats(tmp_path, *formats):
    """Write a workbook whose prices have these number formats."""

    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Country", "Rate"])
        for number, (country, code) in enumerate(zip(("BR", "IN"), formats, strict=False), start=1):
            sheet.write(number, 0, country)
            sheet.write(number, 1, 0.0108, book.add_format({"num_format": code}))

    return workbook(tmp_path / "file.xlsx", fill)


@needs_calamine
@pytest.mark.parametrize(
    ("code", "currency"),
    [
        ("[$€-407] #,##0.0000", "EUR"),
        ("[$$-409]#,##0.00", "USD"),
        ("[$$-C09]0.0000", "AUD"),
        ('"R$" #,##0.00', "BRL"),
        ("_-[$R$-416] * #,##0.00_-;-[$R$-416] * #,##0.00_-", "BRL"),
        ('#,##0.00 "INR"', "INR"),
        ("₹0.0000", "INR"),
    ],
)
def test_a_currency_that_stands_in_the_number_format_alone_is_read(
    wacost, tmp_path, code, currency
):
    file = in_formats(tmp_path, code)
    options = ("--from", "2026-10-01", "--increments", "6/6", "--json")
    result = wacost("cards", "import", file, "--to", tmp_path / "card", *options)
    assert result.json["currency"] == currency


@needs_calamine
@pytest.mark.parametrize(
    ("formats", "options", "says"),
    [
        (["0.0000", "0.0000"], (), "does not say its currency"),
        (['"$"#,##0.00', '"$"#,##0.00'], (), "does not say its currency"),
        (['"$"#,##0.00', "0.00"], ("--currency", "EUR"), "0.0108 shown with $': the price is not"),
        (["[$€-407] 0.00"], ("--currency", "USD"), "the file is in EUR, not in USD"),
        (['"R$" 0.00', "[$€-407] 0.00"], (), "there are two currencies"),
        (["0.00%"], ("--currency", "USD"), "0.0108 shown with %': the price is not in USD"),
    ],
)
def test_a_number_format_that_contradicts_is_refused(wacost, tmp_path, formats, options, says):
    file = in_formats(tmp_path, *formats)
    options = ("--from", "2026-10-01", "--increments", "6/6", *options)
    result = wacost("cards", "import", file, "--to", tmp_path / "card", *options)
    assert (result.code, says in result.err) == (1, True), result.err


@needs_calamine
def test_a_cell_far_out_does_not_fill_the_memory(wacost, tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ["Brazil", "USD", 0.01])
        sheet.write(1_048_575, 16_383, "x")

    file = workbook(tmp_path / "file.xlsx", fill)
    result = wacost("cards", "import", file, "--to", tmp_path / "card")
    assert (result.code, "a cell far out" in result.err) == (1, True)


@needs_calamine
def test_two_sheets_with_prices_are_a_question(wacost, tmp_path):
    def fill(book):
        for name, rate in (("May", 0.01), ("June", 0.02)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEAD)
            sheet.write_row(1, 0, ["Brazil", "USD", rate])

    file = workbook(tmp_path / "file.xlsx", fill)
    options = ("--from", "2026-10-01", "--increments", "6/6", "--to", tmp_path / "card")
    asked = wacost("cards", "import", file, *options)
    assert "more than one sheet has prices: May, June" in asked.err
    assert wacost("cards", "import", file, *options, "--sheet", "Juny").code == 1
    assert wacost("cards", "import", file, *options, "--sheet", "June").code == 0
    assert "0.02" in (tmp_path / "card" / "rates.csv").read_text()
