"""The ledger: every balance is a sum of entries, and nothing is hidden in it."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from balance.wallets import CARD, TOML, make, put
from hypothesis import given, settings
from hypothesis import strategies as st

import wacost
from wacost.balance.book import Entry
from wacost.balance.moves import balance_at, make_moves, shown_range
from wacost.errors import ConfigError, InputError
from wacost.money import UNIT, round_units

START = datetime(2026, 10, 1, 3)


def opened(log, amount="50.00"):
    log.balance_add("opening", amount, at="2026-10-01T00:00")
    return log


def sums(log, by="kind", where="ledger_account = 'balance'"):
    with log.reading() as con:
        query = f"SELECT {by}, sum(amount) FROM ledger WHERE {where} GROUP BY ALL ORDER BY ALL"
        return {key: total.normalize() for key, total in con.execute(query).fetchall()}


def test_the_legs_of_every_entry_add_up_to_zero_in_its_currency(log):
    opened(log)
    put(log, ("c1", "2026-10-02T12:00:00", 61), ("c2", "2026-10-03T12:00:00", 7))
    log.balance_add("topup", "100", at="2026-10-04T09:00", fee="5.50")
    log.balance_add("message", "0.0625", at="2026-10-04T10:00")
    log.balance_add("adjustment", "-0.07", at="2026-10-31T23:00")
    log.balance_add("refund", "0.61", at="2026-10-31T23:30")
    log.balance_add("observed", "149.00", at="2026-10-31T23:45")
    log.balance("acme", "2026-11-01T00:00")
    with log.reading() as con:
        query = "SELECT entry_id, currency, sum(amount_units), sum(amount) FROM ledger GROUP BY ALL"
        found = con.execute(query).fetchall()
    assert len(found) == 8
    assert all(units == 0 and amount == 0 for _, _, units, amount in found)
    assert sums(log, "ledger_account", "kind = 'topup'") == {
        "balance": 100,
        "paid": Decimal("-105.5"),
        "topup_fees": Decimal("5.5"),
    }


def test_call_charges_are_the_charges_and_each_is_drillable(log):
    opened(log)
    put(log, ("c1", "2026-10-02T12:00:00", 61), ("c2", "2026-10-03T12:00:00", 7))
    assert log.balance("acme", "2026-10-31T00:00").amount == "49.32"
    with log.reading() as con:
        query = (
            "SELECT call_id, -amount FROM ledger WHERE ledger_account = 'balance' AND kind = 'call'"
        )
        drilled = sorted(con.execute(query).fetchall())
        charged = con.execute("SELECT call_id, amount FROM charges ORDER BY call_id").fetchall()
    assert drilled == charged == [("c1", Decimal("0.61")), ("c2", Decimal("0.07"))]


def test_a_call_that_comes_late_and_a_rate_that_changes_change_the_ledger_with_them(log):
    opened(log)
    put(log, ("c1", "2026-10-02T12:00:00", 60))
    assert log.balance("acme", "2026-10-31T00:00").amount == "49.40"
    put(log, ("c0", "2026-10-01T12:00:00", 60))
    assert log.balance("acme", "2026-10-31T00:00").amount == "48.80"
    make(
        log.folder,
        rows="direction,destination,rate_per_minute,effective_from\noutbound,*,1.2,2025-01-01\n",
    )
    assert log.balance("acme", "2026-10-31T00:00").amount == "47.60"


def test_what_ended_before_the_first_entry_is_in_the_opening_balance(log):
    put(log, ("before", "2026-10-01T03:00:00", 60), ("after", "2026-10-01T03:00:01", 60))
    assert opened(log).balance("acme", "2026-10-02T00:00").amount == "49.40"


def test_where_the_card_rounds_each_call_the_rounded_amount_is_taken_off(tmp_path):
    rounds = CARD.replace('at = "line"', 'at = "call"\nplaces = 2\nmode = "up"')
    log = opened(
        make(
            tmp_path,
            card=rounds,
            rows="direction,destination,rate_per_minute,effective_from\noutbound,*,0.011,2025-01-01\n",
        )
    )
    put(log, ("c1", "2026-10-02T12:00:00", 61), ("c2", "2026-10-03T12:00:00", 7))
    assert log.balance("acme", "2026-10-31T00:00").amount == "49.97"


def test_the_same_entry_again_adds_nothing_and_another_with_its_reference_is_refused(log):
    opened(log)
    told = {"at": "2026-10-04T09:00", "entry_id": "bank-77"}
    assert len(log.balance_add("topup", "100", **told).new) == 1
    assert [one.entry_id for one in log.balance_add("topup", "100", **told).known] == ["bank-77"]
    with pytest.raises(InputError, match="reference bank-77 is taken: topup of 100 USD"):
        log.balance_add("topup", "101", **told)
    assert [one.kind for one in log.balance_entries("acme")] == ["opening", "topup"]


def test_reading_a_balance_twice_changes_no_row(log):
    opened(log)
    put(log, ("c1", "2026-10-02T12:00:00", 61))
    log.balance_add("observed", "40", at="2026-10-05T00:00")
    once = log.balance("acme", "2026-10-31T00:00")
    with log.reading() as con:
        rows = con.execute("SELECT * FROM ledger ORDER BY ALL").fetchall()
    assert log.balance("acme", "2026-10-31T00:00") == once
    with log.reading() as con:
        assert con.execute("SELECT * FROM ledger ORDER BY ALL").fetchall() == rows


def test_the_difference_of_an_observed_balance_is_booked_by_its_name(log):
    opened(log)
    put(log, ("c1", "2026-10-02T12:00:00", 60))
    log.balance_add("observed", "48.75", at="2026-10-05T00:00")
    found = log.balance("acme", "2026-10-06T00:00")
    assert found.amount == "48.75"
    assert found.totals["observed"] == (1, -65 * UNIT // 100)
    assert sums(log, "ledger_account", "kind = 'observed'")["unexplained"] == Decimal("0.65")


def test_what_explains_a_difference_later_takes_its_place(log):
    opened(log)
    log.balance_add("observed", "48.75", at="2026-10-05T00:00")
    log.balance_add("message", "1.25", at="2026-10-03T00:00")
    found = log.balance("acme", "2026-10-06T00:00")
    assert (found.amount, found.totals["observed"][1]) == ("48.75", 0)


@pytest.mark.parametrize(
    ("ours", "shown", "becomes"),
    [
        ("9.98", "10", "9.98"),
        ("9.40", "10", "9.50"),
        ("10.70", "10", "10.49"),
        ("9.5", "10", "9.50"),
    ],
)
def test_a_displayed_balance_says_only_in_which_range_it_lies(log, ours, shown, becomes):
    opened(log, ours)
    log.balance_add("observed", shown, at="2026-10-05T00:00", shown_places=0)
    assert log.balance("acme", "2026-10-06T00:00").amount == becomes


@given(
    st.integers(-3000, 3000),
    st.sampled_from([0, 2]),
    st.sampled_from(["half_up", "half_even", "up", "down"]),
)
def test_the_range_of_a_displayed_balance_is_what_is_displayed_so(n, places, mode):
    units = n * UNIT // 10**places
    low, high = shown_range(units, places, mode)
    step = UNIT // 10 ** (places + 2)
    shows = [
        round_units(x, places, mode) * 10**places for x in (low - step, low, high, high + step)
    ]
    assert [x == n for x in shows] == [False, True, True, False]


def test_an_opening_balance_is_the_first_entry_and_there_is_one(log):
    log.balance_add("topup", "5", at="2026-10-02T00:00")
    with pytest.raises(InputError, match="lies before the opening balance"):
        log.balance_add("opening", "5", at="2026-10-03T00:00")
    log.balance_add("opening", "5", at="2026-10-01T00:00")
    with pytest.raises(InputError, match="opened already"):
        log.balance_add("opening", "6", at="2026-09-30T00:00")


@pytest.mark.parametrize(
    ("kind", "amount", "more", "said"),
    [
        ("topup", "0", {}, "above 0"),
        ("topup", "-1", {}, "above 0"),
        ("topup", "1,50", {}, "no plain decimal|is not a plain decimal"),
        ("topup", "1e3", {}, "is not a plain decimal"),
        ("message", "1", {"fee": "1"}, "only a top-up has a fee"),
        ("topup", "1", {"shown_places": 0}, "only an observed balance"),
        ("observed", "9.98", {"shown_places": 0}, "shown to 0 decimal places"),
        ("topup", "1", {"entry_id": "call:x"}, "reference of a call"),
        ("topup", "1", {"entry_id": "a\nb"}, "no reference"),
        ("topup", "1", {"currency": "EUR"}, "fx.csv has no rate of EUR and USD"),
        ("observed", "1", {"currency": "EUR"}, "is kept in USD"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_and_nothing_is_added(
    log, kind, amount, more, said
):
    with pytest.raises(InputError, match=said):
        log.balance_add(kind, amount, at="2026-10-02T00:00", **more)
    assert log.balance_entries("acme") == []


def test_a_balance_without_entries_says_how_to_begin(log):
    with pytest.raises(InputError, match="has no entry yet"):
        log.balance("acme")


def test_entries_of_an_account_that_was_renamed_are_told_by_doctor(log):
    from wacost.analytics.health import findings

    opened(log)
    (log.folder / "wacost.toml").write_text(TOML.replace("accounts.acme", "accounts.other"))
    renamed = wacost.open(log.folder)
    renamed.balance_add("opening", "1", at="2026-10-01T00:00")
    with renamed.reading() as con:
        told = {one.name: (one.count, one.detail) for one in findings(con)}
    assert told["ledger_balanced"] == (0, "")
    assert told["entries of prepaid balances that wacost.toml no longer names"] == (1, "acme")


def test_accounts_of_a_portfolio_share_its_balance(tmp_path):
    toml = (
        TOML.replace("balance = ", "# balance = ")
        + """
[accounts.second]
waba_ids = ["2"]
timezone = "UTC"
card = "round"
[portfolios.group]
accounts = ["acme", "second"]
balance = { minimum = { amount = "10", currency = "USD" } }
"""
    )
    log = make(tmp_path, toml)
    log.balance_add("opening", "50", balance="group", at="2026-10-01T00:00")
    put(log, ("c1", "2026-10-02T12:00:00", 60), ("c2", "2026-10-02T13:00:00", 60, {"waba": "2"}))
    assert {
        log.balance(name, "2026-10-31T00:00").amount for name in ("group", "acme", "second")
    } == {"48.80"}


def test_another_currency_comes_in_by_a_dated_rate_or_is_told_as_missing(tmp_path):
    log = opened(make(tmp_path, TOML.replace("balance = {", 'balance = { currency = "EUR",')))
    put(log, ("c1", "2026-10-02T12:00:00", 60), ("c2", "2026-10-12T12:00:00", 60))
    before = log.balance("acme", "2026-10-31T00:00")
    assert before.amount == "50.00"
    assert before.unconverted == {"USD": (2, -120 * UNIT // 100)}
    assert before.verdict.state == "unknown"
    (tmp_path / "fx.csv").write_text(
        "date,from,to,rate,source\n2026-10-01,EUR,USD,1.2,ECB\n2026-10-10,USD,EUR,0.9,ECB\n"
    )
    found = log.balance("acme", "2026-10-31T00:00")
    assert (found.amount, found.unconverted) == ("48.96", {})
    assert found.verdict.sentence.startswith(
        "48.96 >= 9.00 (10.00 USD by the rate of 2026-10-10, ECB)"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "the head is not"),
        ("date,from,to,rate,source\n2026-10-01,EUR,USD,1.2\n", "4 cells"),
        ("date,from,to,rate,source\n2026-13-01,EUR,USD,1.2,x\n", "no date"),
        ('date,from,to,rate,source\n2026-10-01,EUR,USD,"1,2",x\n', "not a plain decimal"),
        ("date,from,to,rate,source\n2026-10-01,EUR,USD,0,x\n", "above 0"),
        ("date,from,to,rate,source\n2026-10-01,EUR,USD,1.2,\n", "source is missing"),
        ("date,from,to,rate,source\n2026-10-01,EUR,USD,1,x\n2026-10-01,USD,EUR,1,x\n", "two rates"),
    ],
)
def test_a_wrong_rate_file_is_told_with_its_line(log, text, said):
    (log.folder / "fx.csv").write_text(text)
    with pytest.raises(ConfigError, match=said):
        log.balance_terms("acme")


moments = st.integers(0, 60).map(lambda n: START + timedelta(hours=12 * n))
entries = st.lists(
    st.tuples(
        st.sampled_from(["topup", "message", "fee", "adjustment", "refund", "observed"]),
        st.integers(1, 10_000),
        moments,
    ),
    max_size=12,
)
calls = st.lists(st.tuples(moments, st.integers(1, 3000)), max_size=8)


@settings(max_examples=3)
@given(entries=entries, calls=calls)
def test_a_balance_is_the_sum_of_its_entries_at_every_instant(tmp_path_factory, entries, calls):
    check_every_instant(tmp_path_factory, entries, calls)


@pytest.mark.full
@settings(max_examples=12)
@given(entries=entries, calls=calls)
def test_a_balance_is_the_sum_of_its_entries_in_many_ledgers(tmp_path_factory, entries, calls):
    check_every_instant(tmp_path_factory, entries, calls)


def check_every_instant(tmp_path_factory, entries, calls):
    log = opened(make(tmp_path_factory.mktemp("ledger")))
    put(log, *((f"c{n}", at.isoformat(), seconds) for n, (at, seconds) in enumerate(calls)))
    terms = log.balance_terms("acme")
    told = [
        Entry(
            "acme",
            f"e{n}",
            kind,
            at,
            "USD",
            cents * UNIT // 100 * (-1 if kind in {"message", "fee"} else 1),
        )
        for n, (kind, cents, at) in enumerate(entries)
    ]
    log.balance_put(terms, told)
    log.balance("acme", "2026-12-31T00:00")
    with log.reading() as con:
        legs = con.execute(
            "SELECT moved_at, amount_units FROM ledger WHERE ledger_account = 'balance'"
        ).fetchall()
        make_moves(con, terms)
        for at in sorted({at for at, _ in legs}):
            expected = ours_at(told, calls, at)
            assert (
                balance_at(con, at) == sum(units for when, units in legs if when <= at) == expected
            )


def ours_at(told, calls, at):
    """Compute the balance by hand: walk through time; an observed balance is what there is then."""
    steps = [(START, 0, "", 50 * UNIT)]
    steps += [(end, 1, "", -seconds * UNIT // 100) for end, seconds in calls if end > START]
    steps += [(e.at, 2 if e.kind == "observed" else 1, e.entry_id, e.units) for e in told]
    have = Fraction(0)
    for when, order, _, units in sorted(steps):
        if when <= at:
            have = Fraction(units) if order == 2 else have + units
    return have


@pytest.mark.parametrize("kind", ["opening", "topup", "fee", "adjustment", "observed"])
def test_an_amount_that_the_store_cannot_add_up_is_refused(log, kind):
    opened(log)
    with pytest.raises(InputError, match="is no amount of a balance"):
        log.balance_add(kind, "1000000000000000", at="2026-10-02")
    with pytest.raises(InputError, match="is no amount of a balance"):
        log.balance_add("topup", "1", fee="9" * 30, at="2026-10-02")
    log.balance_add("topup", "999999999999999.99", at="2026-10-03")
    assert log.balance("acme", "2026-10-04").amount == "1000000000000049.99"
