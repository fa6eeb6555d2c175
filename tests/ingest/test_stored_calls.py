"""A load finds the calls that the store has, wherever and whenever they lie."""

from itertools import permutations

import pytest
from payloads.bodies import AT, OUTBOUND, call_body, connect, lines, status, status_body, terminate

from wacost.store import open_store

MONTH = 30 * 86400
PARTS = (
    lines(call_body(connect(direction=OUTBOUND, at=AT))),
    lines(status_body(status("ACCEPTED", at=AT + MONTH))),
    lines(call_body(terminate(direction=OUTBOUND, at=AT + 2 * MONTH))),
)


@pytest.fixture
def whole(load):
    load("".join(PARTS))
    found = load.calls()
    load.clear()
    return found


def test_a_call_is_one_row_however_far_apart_and_in_which_order_its_events_come(load, whole):
    for order in permutations(PARTS):
        load.clear()
        for part in order:
            load(part)
        assert load.calls() == whole


def test_calls_whose_keys_another_duckdb_made_are_found_all_the_same(load, whole):
    load(PARTS[0])
    with open_store(load.path) as con:
        con.execute("UPDATE call_rows SET call_key = call_key // 2")
    load(PARTS[1] + PARTS[2])
    assert load.calls() == whole
    assert load.query("SELECT call_key = hash(call_id) AS fits FROM call_rows") == [{"fits": True}]
