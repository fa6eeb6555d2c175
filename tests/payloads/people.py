"""A workspace in which people call, and what of them is still to be read in it."""

import gzip
import re
from datetime import UTC, date, datetime

import zstandard
from payloads.bodies import (
    INBOUND,
    OUTBOUND,
    body,
    call_body,
    connect,
    contact,
    status,
    terminate,
    value,
)

import wacost

DAY = date(2026, 10, 10)
NOON = int(datetime(2026, 10, 9, 12, tzinfo=UTC).timestamp())
LATER = NOON + 5 * 86_400
CARD = """
name = "steps"
title = "A band every minute"
currency = "USD"
status = "illustrative"
source = "a test"
retrieved = 2026-11-22
[increments]
first = 6
next = 6
[tiers]
model = "whole_call"
scope = "card"
[policies]
duration_conflict = "times"
"""
RATES = "direction,destination,rate_per_minute,effective_from,tier_from_minutes\n" + "".join(
    f"{way},*,0.{9 - n},2026-01-01,{n}\n" for way in ("outbound", "inbound") for n in range(9)
)
CHARGES = """
    SELECT c.ended_at, charge_rows.* EXCLUDE (call_id)
    FROM charge_rows JOIN call_rows AS c USING (call_id)
    ORDER BY side, month, c.ended_at, call_id
"""
FIGURES = """
    SELECT ended_at, direction, disposition, answered, terminate_status, started_at, duration_s,
        country, error_code, held
    FROM call_rows
    ORDER BY ended_at, call_id
"""
PEOPLE = [
    # number, user id, country its profile tells
    ("5511987654321", None, None),
    ("5511912345678", "BR.77712345", None),
    (None, "IN.99988877", None),
    ("447700900123", None, "GB"),
    (None, "US.ENT.555", "PT"),
    (None, None, "PT"),
    (None, None, None),
]


def workspace(folder, *, more=""):
    (folder / "rates" / "steps").mkdir(parents=True)
    (folder / "inbox").mkdir()
    (folder / "rates" / "steps" / "card.toml").write_text(CARD)
    (folder / "rates" / "steps" / "rates.csv").write_text(RATES)
    (folder / "wacost.toml").write_text('[accounts.a]\ntimezone = "UTC"\ncard = "steps"\n' + more)
    return wacost.open(folder)


def put(log, content, name="a.jsonl"):
    content = content.encode() if isinstance(content, str) else content
    (log.folder / "inbox" / name).write_bytes(content)


def query(log, sql):
    with log.reading() as con:
        return con.execute(sql).fetchall()


def in_order(log, sql):
    """Rows in the order of ends, then of ids; those that never ended in any order."""
    rows = query(log, sql)
    return [r for r in rows if r[0]] + sorted((r for r in rows if not r[0]), key=str)


def rated(log):
    log.rate("2026-10")
    return in_order(log, CHARGES)


def a_call(call_id, end, seconds, person, direction=OUTBOUND):
    """The events of one call, as a webhook would tell of this person."""
    number, user_id, country = person
    other = {"to" if direction == OUTBOUND else "from": number or ""}
    other["from_user_id" if direction == INBOUND else "to_user_id"] = user_id
    contacts = [
        contact(
            number or "", user_id=user_id, profile={"name": "SECRET-NAME", "country_code": country}
        )
    ]
    told = [
        call_body(connect(call_id, end - 300, direction, **other), contacts=contacts),
        call_body(
            terminate(call_id, end, direction, seconds, end_time=str(end), **other)
            if seconds is not None
            else terminate(call_id, end, direction, None, **other),
            contacts=contacts,
        ),
    ]
    if seconds is not None:
        item = told[-1]["entry"][0]["changes"][0]["value"]["calls"][0]
        item |= {"start_time": str(end - seconds), "biz_opaque_callback_data": "SECRET-TEXT"}
    if direction == OUTBOUND and number:
        told.append(
            body(value(statuses=[status("RINGING", call_id, end - 299, recipient_id=number)]))
        )
    return told


def raw_names(log):
    """Every name of a person that some file of the workspace still tells."""
    found = set()
    for path in log.folder.rglob("*"):
        if path.is_file() and path.suffix not in {".toml", ".csv"}:
            content = path.read_bytes()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            if path.suffix == ".zst":
                content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
            for number, user_id, _ in PEOPLE:
                found |= {n for n in (number, user_id) if n and n.encode() in content}
            found |= {
                w for w in ("SECRET-NAME", "SECRET-TEXT", "SECRET-SDP") if w.encode() in content
            }
            found |= {m.decode() for m in re.findall(rb"raw\.[a-z0-9]+\.[0-9]+", content)}
    tables = query(log, "SELECT table_name FROM duckdb_tables()")
    whole = str([query(log, f"FROM {name}") for (name,) in tables])
    return found | {n for person in PEOPLE for n in person[:2] if n and n in whole}


def bodies_of(calls, start=0):
    told = []
    for number, (end, seconds, person, direction, head) in enumerate(calls, start=start):
        told += a_call(f"{head}.{number}", end, seconds, person, direction)
    return told
