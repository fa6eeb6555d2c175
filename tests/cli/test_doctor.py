"""`wacost doctor` finds what breaks an invariant, and names the gaps that are none."""

import subprocess
import sys

import pytest
from payloads.bodies import AT, answered_outbound, body, call_body, connect, lines, terminate, value
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
    (workspace.folder / "wacost.toml").write_text('reporting_currency = "BRL"\n' + ACME)
    result = wacost("doctor", "-w", workspace.folder, "--json")
    assert result.code == 0
    assert result.json["notices"]["calls without an account"] == 1
    assert result.json["without_effect"] == ["reporting_currency"]


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


@pytest.fixture
def loaded(tmp_path):
    """A workspace with one of everything that is worth knowing, loaded from bodies."""
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    late = {"wacost_received_at": AT + 9000, **call_body(connect("open", AT))}
    early = {"wacost_received_at": AT - 600, **call_body(connect("early", AT + 86400))}
    bare = {"id": "foreign", "event": "terminate", "timestamp": str(AT), "status": "COMPLETED"}
    told = [
        *answered_outbound("whole", AT + 25 * 3600),
        late,
        call_body(bare),
        call_body(terminate("twice", duration=60), terminate("twice", duration=61)),
        call_body(connect("odd", AT + 86400, event="beamed")),
        body(value(errors=[{"code": 131051}]), field="messages"),
    ]
    (tmp_path / "a.jsonl").write_text(lines(*told))
    (tmp_path / "b.jsonl").write_text(lines(early))
    log = library.open(tmp_path)
    log.ingest(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / ".refused.jsonl").write_text(
        '{"minute": 0, "reason": "no_signature", "count": 7}\n'
    )
    return log


def test_every_gap_is_told_with_its_count(wacost, loaded):
    result = wacost("doctor", "-w", loaded.folder, "--json")
    assert result.code == 0
    future = "sources with records from the future, by more than a minute"
    behind = "sources with records that came more than an hour late"
    foreign = (
        "calls that a terminate without a direction alone tells of: another app's, on the same WABA"
    )
    expected = {
        "calls open for longer than --open-hours": 1,
        "calls with no terminate": 3,
        foreign: 1,
        "quarantined records, not decided": 1,
        "contradictory records, not decided": 1,
        "calls held back: contradiction": 1,
        "records with words that wacost does not know": 1,
        "records with the unknown event beamed": 1,
        "changes of messages that hold none: an error alone, or nothing": 1,
        "requests that serve refused: no_signature": 7,
        future: 1,
        behind: 1,
    }
    told = result.json["notices"]
    assert not [name for name in told if "unknown field" in name]
    assert {name: told.get(name) for name in expected} == expected
    assert result.json["details"] == {
        future: f"up to {86400 + 600} s, in b.jsonl",
        behind: "up to 9000 s, in a.jsonl",
    }
    shown = wacost("doctor", "-w", loaded.folder).out
    assert f"note  1 {future.replace('sources', 'source', 1)} (up to 87000 s, in b.jsonl)" in shown
    assert "note  7 requests that serve refused: no_signature" in shown
    assert "note  1 change of messages that holds none: an error" in shown


def test_a_record_that_was_discarded_is_a_gap_no_more(wacost, loaded):
    wacost("quarantine", "discard", loaded.quarantine.list()[0].id, "-w", loaded.folder)
    told = wacost("doctor", "-w", loaded.folder, "--json").json["notices"]
    assert told["quarantined records, not decided"] == 0
    assert wacost("quarantine", "list", "-w", loaded.folder, "--json").json == []


@pytest.mark.parametrize(("hours", "count"), [(1, 3), (24, 1), (26, 0)])
def test_how_long_a_call_may_be_open_is_an_option(wacost, loaded, hours, count):
    result = wacost("doctor", "-w", loaded.folder, "--json", "--open-hours", hours)
    assert result.json["notices"]["calls open for longer than --open-hours"] == count


def test_what_was_refused_is_told_without_a_store_too(wacost, loaded):
    loaded.store_path.unlink()
    result = wacost("doctor", "-w", loaded.folder)
    assert result.code == 0
    assert "no store yet" in result.out
    assert "note  7 requests that serve refused: no_signature" in result.out
