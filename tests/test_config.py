"""wacost.toml is read strictly: what is not known or not exact is refused with its place."""

from datetime import date
from pathlib import Path

import pytest

from wacost.config import inert_keys, parse_config, read_config
from wacost.errors import ConfigError

ACME = """
[accounts.acme]
timezone = "America/Sao_Paulo"
card = "meta-usd"
"""

WHOLE = """
locale = "pt_BR"
frames = "pandas"

[accounts.acme]
title = "Acme Ltda"
waba_ids = ["102290129340398"]
timezone = "America/Sao_Paulo"
card = "meta-usd"
sell_card = "acme-resale"
terms = [{ from = 2026-12-31, card = "meta-inr" }]
fees = [{ name = "Seats", amount = "79.00", per = "month" }]
budget = { month = "500.00" }
invoice = { kind = "customer", series = "ACME", payment_terms_days = 15 }
seller = { name = "S", tax_id = "1", address = ["Rua 1", "SP"], country = "BR", email = "a@b.c" }
buyer  = { name = "B" }
tax = [{ name = "ISS", category = "S", percent = "5.00" }]
discounts = []
included_minutes = []
minimum_charge = "0"
balance = { minimum = { amount = "10.00", currency = "USD" }, display_places = 0 }
call_hours = { MONDAY = ["09:00-18:00"] }

[accounts.rest]
timezone = "Asia/Kolkata"
card = "meta-inr"

[portfolios.group]
accounts = ["acme"]
external_minutes = [{ month = "2026-10", market = "Brazil", minutes = "48000" }]
observed_tier = [{ month = "2026-10", tier_from_minutes = "50000", at = 2026-10-12T00:00:00Z }]

[imports.my-provider]
columns = { contact = "Phone", started = ["Date", "Time"], duration = "Length" }
direction = "outbound"
delimiter = "\\t"
words = { answered = ["Completed"] }

[policies]
permission = "meta"
source_of_record = []
redact_after_days = 0
"""


def parse(text: str):
    return parse_config(text, Path("w"))


def problem_of(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return f"{caught.value.message} | {caught.value.hint}"


def test_every_key_of_the_tree_is_read():
    config = parse(WHOLE)
    acme = config.accounts["acme"]
    assert (config.locale, config.frames) == ("pt_BR", "pandas")
    assert acme.title == "Acme Ltda"
    assert acme.terms[0].from_on == date(2026, 12, 31)
    assert acme.terms[0].card == "meta-inr"
    assert acme.invoice.kind == "customer"
    assert acme.invoice.language == "pt_BR"
    assert acme.seller is not None
    assert acme.seller.address == ("Rua 1", "SP")
    assert acme.tax[0].percent == "5.00"
    assert config.accounts["rest"].title == "rest"
    assert config.portfolio_of("acme") == "group"
    assert config.portfolio_of("rest") == "rest"
    provider = config.imports["my-provider"]
    assert provider.columns["started"] == ("Date", "Time")
    assert provider.columns["contact"] == ("Phone",)
    assert (provider.delimiter, provider.words["answered"]) == ("\t", ("Completed",))
    assert config.claims() == [("rest", "", "rest"), ("waba_id", "102290129340398", "acme")]


def test_the_empty_file_is_a_workspace_without_accounts():
    assert parse("").accounts == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('frame = "pandas"', "line 1: frame: unknown key | the nearest known one is frames"),
        ('waba_id = ["1"]', "the nearest known one is accounts.<name>.waba_ids"),
        (ACME + 'sellcard = "x"', "line 5: accounts.acme.sellcard: unknown key | the nearest"),
        (ACME + 'sellcard = "x"', "accounts.acme.sell_card"),
        (ACME + 'tax = [{ nam = "x" }]', "line 5: accounts.acme.tax[0].nam: unknown key"),
        (ACME + "[policy]", "the nearest known one is policies"),
        ("xyzzy = 1", "one of locale, frames"),
        ("[imports.a.columns]\nstart = 'x'", "the nearest known one is imports.a.columns.started"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(text, said):
    assert said in problem_of(text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("minimum_charge = 1.50", "1.5 is a number of TOML"),
        ("minimum_charge = 1", 'write it as text: "1"'),
        ('minimum_charge = "1,50"', "'1,50' is not a plain decimal"),
        ('minimum_charge = "-1"', "below zero"),
        ('tax = [{ name = "x", category = "S", percent = 5.0 }]', "5.0 is a number of TOML"),
        ('tax = [{ name = "x", category = "S", percent = "100.1" }]', "more than 100 percent"),
        ('tax = [{ name = "x", category = "AE" }]', "category AE needs a reason"),
        ('tax = [{ name = "x", category = "E", percent = "5", reason = "y" }]', "charges nothing"),
        ('invoice = { kind = "custumer" }', "did you mean customer?"),
        ('invoice = { series = "../x" }', "is not a series"),
        ("invoice = { payment_terms_days = 40000 }", "40000 days are more than 36500"),
        ('invoice = { language = "pt-BR" }', "is not a locale, like pt_BR"),
        ("waba_ids = [102290129340398]", "an id is digits in quotes"),
        ('waba_ids = "1"', "is no list"),
        ('waba_ids = ["1", "1"]', "twice"),
        ('title = ""', "one line of text"),
        ('title = "a\\nb"', "one line of text"),
        ('title = "a\\u202eb"', "one line of text"),
        ("discounts = [{}]", "name is missing"),
        ('discounts = [{ name = "x" }]', "a percentage or an amount"),
        ('discounts = [{ name = "x", percent = "1", amount = "1" }]', "a percentage or an amount"),
        ('discounts = [{ name = "x", percent = "101" }]', "more than 100 percent"),
        (
            'discounts = [{ name = "x", percent = "1", from = 2026-02-01, to = 2026-02-01 }]',
            "it ends before it begins",
        ),
        ('included_minutes = [{ name = "x", minutes = "0.001" }]', "no minutes of whole seconds"),
        ('included_minutes = [{ name = "x", minutes = "1", country = "bra" }]', "ISO 3166"),
        ('fees = [{ name = "x", amount = "1", per = "week" }]', "none of month, year"),
        (
            'terms = [{ from = 2026-01-01, tax = [{ name = "x", category = "E" }] }]',
            "category E needs a reason",
        ),
        ('terms = [{ from = "2026-12-31", card = "x" }]', "write 2026-12-31, without quotes"),
        ("terms = [{ from = 2026-12-31 }]", "nothing changes"),
        ('terms = [{ from = 9999-12-31, card = "x" }]', "9999-12-31 is no day of calls"),
        ('terms = [{ card = "x" }]', "from is missing"),
        (
            'terms = [{ from = 2026-12-31, card = "x" }, { from = 2026-01-01, card = "y" }]',
            "the dates do not rise",
        ),
        ('call_hours = { MONDAY = ["9-18"] }', "is not a span of hours"),
        ('call_hours = { MONDAY = ["22:00-02:00"] }', "'22:00-02:00' ends before it begins"),
        ('seller = { tax_id = "1" }', "name is missing"),
        ('balance = { minimum = { amount = "1", currency = "Dollar" } }', "no ISO 4217"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(line, said):
    message = problem_of(ACME + line)
    assert said in message
    assert "line 5: accounts.acme." in message


@pytest.mark.parametrize("name", ["Voz\u00a0Ltda", "می\u200cخواهم", "👩\u200d👧 株式会社"])
def test_a_name_may_have_letters_that_hold_together_or_apart(name):
    config = parse(f'[accounts.a]\ntimezone = "UTC"\ncard = "meta-usd"\ntitle = "{name}"\n')
    assert config.account("a").title == name


def test_an_unknown_zone_names_the_nearest():
    text = ACME.replace("America/Sao_Paulo", "America/SaoPaulo")
    assert "did you mean America/Sao_Paulo?" in problem_of(text)


@pytest.mark.parametrize("key", ["timezone", "card"])
def test_an_account_needs_a_zone_and_a_card(key):
    text = "\n".join(line for line in ACME.splitlines() if not line.startswith(key))
    assert f"line 2: accounts.acme: {key} is missing" in problem_of(text)


def test_two_accounts_cannot_both_take_the_rest():
    assert "acme and beta name neither" in problem_of(ACME + ACME.replace("acme", "beta"))


def test_an_id_is_claimed_once():
    first = ACME + 'phone_number_ids = ["7"]\n'
    assert "7 is claimed by acme and by beta" in problem_of(first + first.replace("acme", "beta"))


def test_a_portfolio_names_accounts_that_are_there():
    assert "no account 'acmee'" in problem_of(ACME + '[portfolios.g]\naccounts = ["acmee"]')


def test_an_account_is_in_one_portfolio():
    text = ACME + '[portfolios.g]\naccounts=["acme"]\n[portfolios.h]\naccounts=["acme"]'
    assert "acme is in g already" in problem_of(text)


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "x" * 65, "a\\nb"])
def test_an_account_name_cannot_be_a_path(name):
    assert "cannot be a name" in problem_of(f'[accounts."{name}"]\ntimezone="UTC"\ncard="x"')


def test_what_is_no_toml_is_told_with_its_line():
    assert "at line 1" in problem_of("locale = \n[x]")


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no wacost\.toml") as caught:
        read_config(tmp_path)
    assert "wacost init" in caught.value.hint


def test_a_missing_account_names_the_nearest():
    with pytest.raises(ConfigError, match="there is no account 'acmee'") as caught:
        parse(ACME).account("acmee")
    assert caught.value.hint == "did you mean acme?"


def test_a_key_without_effect_is_named(tmp_path):
    reporting = parse('reporting_currency = "BRL"\n' + ACME)
    assert inert_keys(parse(ACME), tmp_path) == []
    assert inert_keys(reporting, tmp_path) == ["reporting_currency"]
    (tmp_path / "fx.csv").write_text("date,from,to,rate,source\n")
    assert inert_keys(reporting, tmp_path) == []


SHARED = (
    ACME
    + """
[accounts.second]
waba_ids = ["77"]
timezone = "UTC"
card = "meta-usd"
[portfolios.group]
accounts = ["acme", "second"]
balance = { minimum = { amount = "10.00", currency = "USD" } }
"""
)


def test_the_balance_of_an_account_is_its_portfolios_where_that_has_one():
    config = parse(SHARED)
    assert [config.balance_of(name) for name in ("acme", "second", "group")] == ["group"] * 3
    assert parse(ACME).balance_of("acme") == "acme"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            SHARED.replace("[portfolios", "balance = { display_places = 0 }\n[portfolios"),
            "of its own",
        ),
        (SHARED.replace("portfolios.group", "portfolios.acme"), "called acme too"),
        (ACME + "balance = { display_places = 9 }", "more than 8 decimal places"),
        (ACME + 'balance = { display_mode = "up!" }', "none of half_up"),
        (ACME + 'balance = { auto_recharge = { below = "1", amount = "0" } }', "never ends"),
    ],
)
def test_a_balance_that_cannot_be_meant_is_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        parse(text)
