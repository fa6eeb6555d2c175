"""Put drawn histories into a store as its loader would have, each of a contact of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from wacost.contacts.history import ACCEPTED, CALL_IN, CALL_OUT, MESSAGE, REJECTED, TEMPLATE

PNID = "106540352242922"


def moment(at):
    return None if at is None else datetime.fromtimestamp(at, UTC).replace(tzinfo=None)


def empty(con):
    for table in ("call_rows", "other_events", "aliases", "claims"):
        con.execute(f"DELETE FROM {table}")


def put(con, contact: str, acts, pnid: str = PNID) -> None:
    """Write acts; ids are made of contact and place, so that none is like another."""
    for place, act in enumerate(acts):
        name = f"{contact}-{place}"
        if act.kind in {CALL_IN, CALL_OUT}:
            put_call(con, contact, act, f"wacid.{name}", pnid)
        elif act.kind == MESSAGE:
            put_other(
                con, contact, act, "message", "text", {"direction": "inbound"}, name, pnid=pnid
            )
        elif act.kind == TEMPLATE:
            detail = {"category": "utility"}
            put_other(con, contact, act, "message_status", "SENT", detail, name, pnid=pnid)
        elif act.kind in {ACCEPTED, REJECTED}:
            detail = {"permanent": act.permanent}
            if act.expires_at is not None:
                detail["expires_s"] = act.expires_at
            if act.automatic:
                detail["by"] = "automatic"
            word = "accept" if act.kind == ACCEPTED else "reject"
            put_other(con, contact, act, "permission_reply", word, detail, name, pnid=pnid)


def put_call(con, contact, act, call_id, pnid=PNID, **more):
    inbound = act.kind == CALL_IN
    if act.connected_at is not None:
        disposition = "answered"
    elif inbound:
        disposition = "missed"
    else:
        disposition = "no_answer" if act.unanswered else "failed"
    facts = {
        "call_id": call_id,
        "waba_id": "1",
        "phone_number_id": pnid,
        "business_number": "551140000000",
        "contact": contact,
        "direction": "inbound" if inbound else "outbound",
        "disposition": disposition,
        "answered": act.connected_at is not None,
        "first_event_at": moment(act.at),
        "started_at": moment(act.connected_at),
        "ended_at": moment(act.connected_at),
        "duration_s": None if act.connected_at is None else 0,
        "country": "BR",
        "conflict": False,
        **more,
    }
    columns = ", ".join(f"${name} AS {name}" for name in facts)
    con.execute(f"INSERT INTO call_rows BY NAME SELECT {columns}", facts)


def put_other(con, contact, act, *told, pnid=PNID):
    kind, word, detail, name = told
    con.execute(
        "INSERT INTO other_events"
        " (id, kind, word, event_at, waba_id, phone_number_id, contact, detail)"
        " VALUES (?, ?, ?, ?, '1', ?, ?, ?)",
        [name, kind, word, moment(act.at), pnid, int(contact), json.dumps(detail)],
    )
