"""Measure ingest against the bare `read_ndjson_objects` count of the same bytes.

Usage: python benchmarks/bench_ingest.py [--calls N] [--rounds R] [--limit X]

Both sides run in turn, each in its own process; the medians and their ratio are printed. Before
any time is trusted, the counts and a checksum of the calls are compared with what was generated.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNTRIES = ("5511", "9198", "5255", "4477", "3519", "6281", "1415", "4915", "2348", "9715")
START = 1_790_000_000
SDP = (
    "v=0\\r\\no=- 7602563789789945080 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n"
    "a=group:BUNDLE audio\\r\\na=msid-semantic: WMS 8aaf3c1d\\r\\n"
    "m=audio 42000 UDP/TLS/RTP/SAVPF 111 126\\r\\nc=IN IP4 31.13.66.57\\r\\n"
    "a=ice-ufrag:6K3FQYFbUcSZ\\r\\na=ice-pwd:n7u1V7VyTeqjnhvSJMoSvTJB\\r\\n"
    "a=fingerprint:sha-256 " + ":".join(["A1"] * 32) + "\\r\\na=setup:actpass\\r\\n"
    "a=rtpmap:111 opus/48000/2\\r\\na=fmtp:111 minptime=10;useinbandfec=1\\r\\n"
    "a=candidate:1 1 udp 2113937151 31.13.66.57 42000 typ host generation 0\\r\\n"
)
HEAD = (
    '{"object":"whatsapp_business_account","entry":[{"id":"10229012934%04d","changes":[{"value":'
    '{"messaging_product":"whatsapp","metadata":{"display_phone_number":"1631555%04d",'
    '"phone_number_id":"43666671952%04d"},'
)
CONTACT = '"contacts":[{"profile":{"name":"Customer"},"wa_id":"%s"}],'
TAIL = '},"field":"calls"}]}]}\n'
CONNECT = (
    '"calls":[{"id":"%s","to":"%s","from":"%s","event":"connect","timestamp":"%d",'
    '"direction":"%s","session":{"sdp_type":"%s","sdp":"' + SDP + '"}}]'
)
STATUS = (
    '"statuses":[{"id":"%s","timestamp":"%d","type":"call","status":"%s","recipient_id":"%s",'
    '"biz_opaque_callback_data":"campaign-7"}]'
)
TERMINATE = (
    '"calls":[{"id":"%s","to":"%s","from":"%s","event":"terminate","direction":"%s",'
    '"timestamp":"%d","status":"COMPLETED"%s}]'
)
BROKEN = '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value"\n'


def generate(path: Path, calls: int) -> dict[str, int]:
    """Write about 3.3 lines per call to `path`; return what a correct ingest must find."""
    rng = random.Random(7)  # noqa: S311 - test data
    truth = {"records": 0, "quarantined": 0, "calls": calls, "answered": 0, "seconds": 0}
    with path.open("w", encoding="utf-8") as file:
        for number in range(calls):
            lines = _call(rng, number, truth)
            if number % 1000 == 0:
                lines.append(BROKEN)
                truth["quarantined"] += 1
            truth["records"] += len(lines)
            file.write("".join(lines))
    return truth


def _call(rng: random.Random, number: int, truth: dict[str, int]) -> list[str]:
    account, at = number % 97, START + number // 3
    business = f"1631555{account:04d}"
    user = f"{rng.choice(COUNTRIES)}{rng.randrange(10**8):08d}"
    call = f"wacid.HBgM{rng.getrandbits(160):040x}FQIAEhgg{number:010d}"
    outbound = rng.random() < 0.67
    head = HEAD % (account, account, account)
    to, sender = (user, business) if outbound else (business, user)
    direction = "BUSINESS_INITIATED" if outbound else "USER_INITIATED"
    sdp_type = "answer" if outbound else "offer"
    lines = [head + CONTACT % user + CONNECT % (call, to, sender, at, direction, sdp_type) + TAIL]
    answered = rng.random() < 0.7
    if outbound:
        lines.append(head + STATUS % (call, at + 1, "RINGING", user) + TAIL)
        if answered:
            lines.append(head + STATUS % (call, at + 9, "ACCEPTED", user) + TAIL)
    seconds = rng.randrange(1, 900)
    times = ""
    if answered:
        times = f',"start_time":"{at + 9}","end_time":"{at + 9 + seconds}","duration":{seconds}'
        truth["answered"] += 1
        truth["seconds"] += seconds
    end = at + 9 + seconds + 1
    lines.append(
        head + CONTACT % user + TERMINATE % (call, to, sender, direction, end, times) + TAIL
    )
    return lines


BASELINE = """
import duckdb, sys
con = duckdb.connect()
sql = "SELECT count(*) FROM read_ndjson_objects($1, format = 'newline_delimited',"
sql += " ignore_errors = true)"
print(con.execute(sql, [sys.argv[1]]).fetchall()[0][0])
"""
INGEST = """
import json, sys
from pathlib import Path
from wacost.ingest import ingest
print(json.dumps(ingest(Path(sys.argv[2]), [Path(sys.argv[1])]).as_dict()))
"""


def main() -> None:
    """Generate, check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=8.0, help="the ratio that is the goal")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wacost-bench-") as folder:
        data, store = Path(folder, "calls.jsonl"), Path(folder, "wacost.duckdb")
        truth = generate(data, asked.calls)
        print(
            f"{asked.calls:,} calls, {truth['records']:,} lines, {data.stat().st_size / 1e9:.2f} GB"
        )
        times: dict[str, list[float]] = {"baseline": [], "ingest": [], "again": []}
        for _ in range(asked.rounds):
            store.unlink(missing_ok=True)
            counted = _timed(times["baseline"], BASELINE, data)
            loaded = json.loads(_timed(times["ingest"], INGEST, data, store))
            again = json.loads(_timed(times["again"], INGEST, data, store))
            _check(truth, int(counted), loaded, again, store)
        _show(times, asked.limit, store.stat().st_size / asked.calls)


def _timed(times: list[float], code: str, *arguments: Path) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    times.append(time.perf_counter() - began)
    return done.stdout


def _check(
    truth: dict[str, int], counted: int, loaded: dict[str, int], again: dict[str, int], store: Path
) -> None:
    import duckdb

    with duckdb.connect(str(store), read_only=True) as con:
        found = con.execute(
            "SELECT count(*), count(*) FILTER (answered), sum(duration_s)::BIGINT FROM calls"
        ).fetchall()[0]
    good = truth["records"] - truth["quarantined"]
    checks = (
        (counted, truth["records"]),
        (found, (truth["calls"], truth["answered"], truth["seconds"])),
        (
            [loaded[key] for key in ("records", "new", "quarantined")],
            [truth["records"], good, truth["quarantined"]],
        ),
        ([again[key] for key in ("new", "duplicate")], [0, good]),
    )
    for got, wanted in checks:
        if got != wanted:
            raise SystemExit(f"wrong result: {got} instead of {wanted}")


def _show(times: dict[str, list[float]], limit: float, size: float) -> None:
    median = {name: statistics.median(seconds) for name, seconds in times.items()}
    ratio = median["ingest"] / median["baseline"]
    for name, seconds in times.items():
        print(f"{name:10} {median[name]:7.2f} s   ({', '.join(f'{s:.2f}' for s in seconds)})")
    print(f"store      {size:7.0f} bytes a call, events and calls")
    print(f"again / first  {median['again'] / median['ingest']:.2f}")
    verdict = "reached" if ratio <= limit else "not reached"
    print(f"ingest / bare count  {ratio:.2f}  (goal: at most {limit:g}; {verdict})")


if __name__ == "__main__":
    main()
