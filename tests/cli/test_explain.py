"""`wacost explain` tells every step, on the clocks of the account."""

import pytest
from small_world import ACME, put_calls

import wacost as library


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    log = library.open(tmp_path)
    put_calls(log.store_path)
    log.rate("2026-10")
    return tmp_path


def test_a_charge_is_told_with_card_row_and_sum(wacost, folder):
    result = wacost("explain", "a1", "-w", folder)
    assert result.code == 0
    for told in ("meta-usd", "0.0108", "61 s", "66 s", "0.01188 USD", "rates.csv line"):
        assert told in result.out


def test_times_are_those_of_the_account(wacost, folder):
    """The call ends on 1 November in UTC and is billed in October, because Sao Paulo says so."""
    result = wacost("explain", "a4", "-w", folder)
    assert "2026-10-31 23:01:00" in result.out
    assert "month 2026-10" in result.out


def test_json_tells_the_same(wacost, folder):
    told = wacost("explain", "a1", "-w", folder, "--json").json
    assert told["charge"]["amount"] == "0.01188"
    assert told["card"]["name"] == "meta-usd"


def test_a_call_that_is_not_there_and_one_that_is_not_rated_are_sentences(wacost, folder):
    result = wacost("explain", "nope", "-w", folder)
    assert result.code == 1
    assert "no call 'nope'" in result.err
    result = wacost("explain", "a1", "-w", folder, "--side", "sale")
    assert result.code == 1
    assert "has not been rated on the sale side" in result.err
    assert "hint: " in result.err
