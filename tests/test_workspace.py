"""A workspace opens its store late, closes it early, and answers with exact frames."""

import sys
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec

import pytest
from small_world import ACME, OTHER, put_calls

import wacost
from wacost.errors import (
    ConfigError,
    InputError,
    MissingExtraError,
    StoreError,
)
from wacost.store import open_store

frames = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("polars", "pandas", "pyarrow")),
    reason="needs the frames: pip install -e '.[frames]'",
)


@pytest.fixture
def log(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    workspace = wacost.open(tmp_path)
    put_calls(workspace.store_path)
    return workspace


def claim(log, text):
    (log.folder / "wacost.toml").write_text(text)
    return wacost.open(log.folder)


def rows(log, query):
    with log.reading() as con:
        return con.execute(query).fetchall()


def test_a_month_is_rated_for_all_and_drafted_for_one(log):
    invoice = log.rate(month="2026-10", account="acme")
    assert (invoice.account, invoice.kind, invoice.calls) == ("acme", "expected", 4)
    found = rows(log, "SELECT call_id, status FROM charges ORDER BY call_id")
    assert found == [
        ("a1", "rated"),
        ("a2", "unanswered"),
        ("a3", "free"),
        ("a4", "rated"),
        ("b1", "rated"),
    ]


def test_rating_twice_gives_the_same_charges(log):
    log.rate("2026-10", "acme")
    once = rows(log, "SELECT * FROM charges ORDER BY ALL")
    log.rate("2026-10", "other")
    assert rows(log, "SELECT * FROM charges ORDER BY ALL") == once


def test_all_accounts_are_drafted_in_the_order_of_the_file(log):
    assert [invoice.account for invoice in log.invoices("2026-10")] == ["acme", "other"]


def test_one_account_needs_no_name_and_two_do(log):
    with pytest.raises(ConfigError, match="which account") as caught:
        log.rate("2026-10")
    assert caught.value.hint == "name one of acme, other"
    assert claim(log, ACME).rate("2026-10").account == "acme"


def test_an_account_that_is_not_there_names_the_nearest(log):
    for call in (log.calls, log.charges, log.rate):
        with pytest.raises(ConfigError, match="no account 'acm'") as caught:
            call(month="2026-10", account="acm")
        assert caught.value.hint == "did you mean acme?"


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "oct", "2026-10 ", "0000-01", None])
def test_what_is_no_month_is_refused(log, month):
    with pytest.raises(InputError, match="is no month"):
        log.rate(month=month, account="acme")


def test_a_key_without_effect_changes_no_amount(log):
    told = claim(log, 'reporting_currency = "BRL"\n' + ACME).rate("2026-10")
    assert (told.currency, told.total) == ("USD", claim(log, ACME).rate("2026-10").total)


def test_a_card_that_is_not_there_is_told_before_the_store_is_touched(log):
    wrong = claim(log, ACME.replace("meta-usd", "meta-usdd"))
    with pytest.raises(InputError, match=r"accounts\.acme: no rate card 'meta-usdd'") as caught:
        wrong.rate("2026-10")
    assert "meta-usd" in caught.value.hint


def test_the_sale_side_is_priced_by_the_sell_card_and_leaves_with_it(log):
    selling = claim(log, ACME + 'sell_card = "demo-two-way"\n')
    invoice = selling.rate("2026-10", kind="customer")
    assert invoice.side == "sale"
    sale = "SELECT count(*) FROM charges WHERE side = 'sale' AND card = 'demo-two-way'"
    assert rows(selling, sale) == [(4,)]
    bare = claim(log, ACME)
    bare.rate("2026-10")
    assert rows(bare, "SELECT count(*) FROM charges WHERE side = 'sale'") == [(0,)]


def test_claims_follow_the_file(log):
    assert ("1", "acme") in rows(log, "SELECT DISTINCT waba_id, account FROM calls")
    renamed = claim(log, ACME.replace("acme", "renamed"))
    found = rows(renamed, "SELECT DISTINCT waba_id, account FROM calls ORDER BY ALL")
    assert found == [("1", "renamed"), ("2", None)]


def test_calls_without_an_account_are_counted(log):
    alone = claim(log, ACME)
    alone.rate("2026-10")
    assert alone.unclaimed_calls("2026-10") == 1


def test_a_workspace_without_calls_says_what_to_do(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    empty = wacost.open(tmp_path)
    for ask in (lambda: empty.rate("2026-10"), lambda: empty.explain("x")):
        with pytest.raises(StoreError, match="has no calls yet") as caught:
            ask()
        assert "wacost ingest" in caught.value.hint
    assert not empty.store_path.exists()


def test_a_workspace_without_accounts_rates_nothing(tmp_path):
    (tmp_path / "wacost.toml").write_text("")
    with pytest.raises(ConfigError, match="names no account"):
        wacost.open(tmp_path).rate("2026-10")


def test_a_folder_without_a_file_is_no_workspace(tmp_path):
    with pytest.raises(ConfigError, match=r"no wacost\.toml"):
        wacost.open(tmp_path)


def test_the_store_is_free_between_two_questions(log):
    log.rate("2026-10", "acme")
    with open_store(log.store_path):
        pass


def test_terms_follow_the_date_on_the_accounts_clocks(log):
    later = claim(log, ACME + 'terms = [{ from = 2026-12-31, card = "meta-inr" }]')
    # 30 December in Sao Paulo, 31 December in UTC
    assert later.terms_at("acme", "2026-12-31T02:00:00Z")[0].name == "meta-usd"
    assert later.terms_at("acme", "2026-12-31T03:00:00Z")[0].name == "meta-inr"
    assert later.terms_at("acme", datetime(2026, 12, 31))[0].name == "meta-inr"


@frames
def test_calls_of_a_month_are_those_of_the_accounts_clocks(log):
    assert sorted(log.calls(month="2026-10")["call_id"]) == ["a1", "a2", "a3", "a4", "b1"]
    assert sorted(log.calls(month="2026-11")["call_id"]) == []
    assert sorted(log.calls(account="other")["call_id"]) == ["b1"]


@frames
def test_frames_are_polars_with_exact_money(log):
    import polars as pl

    log.rate("2026-10", "acme")
    charges = log.charges(month="2026-10", account="acme", side="cost")
    assert isinstance(charges, pl.DataFrame)
    assert charges.schema["amount"] == pl.Decimal(38, 12)
    assert not any(dtype.is_float() for dtype in charges.dtypes)
    assert charges.filter(pl.col("call_id") == "a1")["amount"][0] == Decimal("0.01188")


@frames
def test_frames_are_pandas_with_exact_money_where_the_workspace_says_so(log):
    import pandas as pd

    other = claim(log, 'frames = "pandas"\n' + ACME + OTHER)
    other.rate("2026-10", "acme")
    charges = other.charges(account="acme")
    assert isinstance(charges, pd.DataFrame)
    assert "decimal128" in str(charges.dtypes["amount"])
    assert not any("float" in str(dtype) or "double" in str(dtype) for dtype in charges.dtypes)
    amounts = dict(zip(charges["call_id"], charges["amount"], strict=True))
    assert amounts["a1"] == Decimal("0.01188")
    calls = other.calls()
    assert not any("float" in str(dtype) or "double" in str(dtype) for dtype in calls.dtypes)


@frames
def test_costs_keep_currencies_apart_and_name_the_gaps(log):
    log.rate("2026-10", "acme")
    costs = log.costs(by=["account", "direction"], month="2026-10").rows(named=True)
    acme = {row["direction"]: row for row in costs if row["account"] == "acme"}
    assert acme["outbound"]["calls"] == 3
    assert acme["outbound"]["answered"] == 2
    assert acme["outbound"]["billed_seconds"] == 126
    assert acme["outbound"]["unpriced"] == 0
    assert acme["inbound"]["amount"] == 0
    assert {row["currency"] for row in costs} == {"USD"}


@frames
def test_costs_by_an_unknown_column_are_refused(log):
    with pytest.raises(InputError, match="cannot be told by"):
        log.costs(by=["contact; drop table calls"])


@frames
def test_sql_answers_and_changes_nothing(log):
    assert log.sql("SELECT count(*) AS n FROM calls")["n"][0] == 5
    with pytest.raises(InputError, match="read-only"):
        log.sql("DELETE FROM call_rows")
    with pytest.raises(InputError, match="cannot be run"):
        log.sql("SELECT nothing FROM nowhere")


def test_a_missing_frame_library_is_a_sentence_with_the_command(log, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError) as caught:
        log.sql("SELECT 1")
    assert caught.value.hint == "pip install 'wacost[frames]'"
