"""How long bodies were under way is told for every source whose receiver noted when they came."""

import json

from payloads.bodies import AT, body, call_body, connect, terminate, value

import wacost
from wacost.serve.bodies import as_line


def delays(workspace):
    with wacost.open(workspace).reading() as con:
        return con.execute(
            "SELECT source, least_delay_s, most_delay_s FROM sources ORDER BY source"
        ).fetchall()


def test_the_delay_of_every_source_is_kept(workspace):
    many = body(
        value(
            calls=[connect("wacid.C", AT), terminate("wacid.C", AT + 70)],
            contacts=[{"wa_id": "5511987654321"}, {"wa_id": "5511987654322"}],
        )
    )
    lines = {
        "one": as_line(json.dumps(call_body(connect("wacid.A", AT))).encode(), AT + 3),
        "list": as_line(json.dumps([call_body(connect("wacid.B", AT))]).encode(), AT - 4),
        "many": as_line(json.dumps(many).encode(), AT + 75),
        "none": json.dumps(call_body(connect("wacid.D", AT))).encode(),
        "odd": b'{"wacost_received_at":"soon",'
        + json.dumps(call_body(connect("wacid.E"))).encode()[1:],
    }
    for name, line in lines.items():
        (workspace / "inbox" / f"{name}.jsonl").write_bytes(line)
    assert wacost.open(workspace).ingest().new == 6
    assert delays(workspace) == [
        ("inbox/list.jsonl", -4, -4),
        ("inbox/many.jsonl", 5, 75),
        ("inbox/none.jsonl", None, None),
        ("inbox/odd.jsonl", None, None),
        ("inbox/one.jsonl", 3, 3),
    ]
