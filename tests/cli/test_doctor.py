"""`wacost doctor` finds what breaks an invariant, and names the gaps that are none."""

import subprocess
import sys

import pytest
from small_world import ACME, OTHER, put_calls

import wacost as library
from wacost.store import open_store

LOST_RECORD = """
    INSERT INTO sources BY NAME
    SELECT 'x' AS source, 5 AS records, 1 AS new, 1 AS duplicate, 1 AS quarantined, 1 AS ignored
"""


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    log = library.open(tmp_path)
    put_calls(log.store_path)
    with open_store(log.store_path) as con:
        con.execute("INSERT INTO events BY NAME SELECT call_id FROM call_rows")
    log.rate("2026-10", "acme")
    return log


def broken(wacost, workspace, sql):
    with open_store(workspace.store_path) as con:
        con.execute(sql)
    result = wacost("doctor", "-w", workspace.folder, "--json")
    return result.code, {name for name, count in result.json["checks"].items() if count}


def test_a_sound_store_passes(wacost, workspace):
    result = wacost("doctor", "-w", workspace.folder)
    assert result.code == 0
    assert "BROKEN" not in result.out
    assert "card meta-usd " in result.out


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (
            "UPDATE charge_rows SET amount_units = amount_units + 1 WHERE call_id = 'a1'",
            "derivation",
        ),
        ("UPDATE charge_rows SET amount = amount + 1 WHERE call_id = 'a1'", "shown_amount"),
        ("UPDATE charge_rows SET amount = NULL WHERE call_id = 'a1'", "unpriced_is_null"),
        ("UPDATE charge_rows SET currency = 'EUR'", "one_currency_per_card"),
        ("INSERT INTO charge_rows SELECT * FROM charge_rows LIMIT 1", "one_charge_per_call"),
        ("DELETE FROM cards", "every_card_kept"),
        ("INSERT INTO call_rows SELECT * FROM call_rows LIMIT 1", "one_row_per_call"),
        ("DELETE FROM call_rows WHERE call_id = 'a1'", "every_charge_has_its_call"),
        ("DELETE FROM events WHERE call_id = 'a1'", "every_event_folded"),
        ("UPDATE call_rows SET started_at = NULL", "answered_has_start"),
        (LOST_RECORD, "conservation"),
    ],
)
def test_every_damage_is_found(wacost, workspace, damage, check):
    code, found = broken(wacost, workspace, damage)
    assert code == 1
    assert check in found


def test_gaps_are_notices(wacost, workspace):
    (workspace.folder / "wacost.toml").write_text(ACME + 'budget = { month = "1" }')
    result = wacost("doctor", "-w", workspace.folder, "--json")
    assert result.code == 0
    assert result.json["notices"]["calls without an account"] == 1
    assert result.json["without_effect"] == ["accounts.acme.budget"]


def test_a_month_that_would_come_out_differently_is_named(wacost, workspace):
    assert wacost("doctor", "-w", workspace.folder, "--json").json["stale"] == []
    with open_store(workspace.store_path) as con:
        con.execute("UPDATE call_rows SET duration_s = 67 WHERE call_id = 'b1'")
    result = wacost("doctor", "-w", workspace.folder)
    assert "2026-10 of other (cost) would come out differently now" in result.out
    assert result.code == 0


def test_an_empty_workspace_is_sound(wacost, tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    result = wacost("doctor", "-w", tmp_path)
    assert result.code == 0
    assert "no store yet" in result.out


def test_charges_of_a_sell_card_that_was_taken_out_are_named(wacost, workspace):
    toml = workspace.folder / "wacost.toml"
    toml.write_text(ACME + 'sell_card = "demo-two-way"\n')
    for month in ("2026-10", "2026-11"):
        assert (
            wacost("rate", "--month", month, "-w", workspace.folder, "--format", "json").code == 0
        )
    toml.write_text(ACME)

    def stale():
        told = wacost("doctor", "-w", workspace.folder, "--json").json["stale"]
        return [one for one in told if one["side"] == "sale"]

    assert stale() == [{"month": "2026-10", "account": "acme", "side": "sale"}]
    wacost("rate", "--month", "2026-10", "-w", workspace.folder, "--format", "json")
    assert stale() == []


@pytest.mark.parametrize("used", [True, False])
def test_a_broken_card_is_a_problem_and_the_rest_is_checked(wacost, workspace, used):
    card = workspace.folder / "rates" / "mine"
    card.mkdir(parents=True)
    (card / "card.toml").write_text("no toml")
    if used:
        (workspace.folder / "wacost.toml").write_text(ACME.replace("meta-usd", "mine") + OTHER)
    result = wacost("doctor", "-w", workspace.folder, "--json")
    assert (result.code, result.json["ok"], len(result.json["broken_cards"])) == (1, False, 1)
    assert not any(result.json["checks"].values())
    assert "meta-usd" in result.json["settings"]["cards"] or used
    assert "BROKEN  rate card: " in wacost("doctor", "-w", workspace.folder).out


def test_what_a_killed_load_left_is_named(wacost, workspace):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    left = workspace.folder / f"wacost.duckdb.load-{ended.pid}-1"
    left.mkdir()
    result = wacost("doctor", "-w", workspace.folder)
    assert result.code == 0
    assert f"{left} holds raw bodies" in result.out
