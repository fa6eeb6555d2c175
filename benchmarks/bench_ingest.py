"""Measure ingest beside a bare `read_ndjson_objects` count of the same bytes, and four more ratios.

Usage: python benchmarks/bench_ingest.py [--calls N] [--rounds R] [--times T]

I2 load ÷ bare count; I4 packed ÷ plain; I6 a late file into a big store ÷ into a small one;
I7 the same file again ÷ its first load. All sides run in turn, each in its own process; ratios of
medians are printed. Before any time is trusted, counts and a checksum of the calls are compared
with what was generated.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOALS = (  # name, above, below, at most
    ("I2 load / bare count", "plain", "count", 3.5),
    ("I4 zstd / plain", "zstd", "plain", 1.1),
    ("I4 gzip / plain", "gzip", "plain", 1.25),
    ("I6 late file, big / small store", "late in big", "late in small", 1.25),
    ("I7 again / first load", "again", "plain", 0.10),
)

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


# The same calls again and again under other ids, each time a month earlier.
GROW = """
INSERT INTO events
SELECT * EXCLUDE (n) REPLACE (
    call_id || '-' || n AS call_id, event_at - n * INTERVAL 30 DAYS AS event_at
)
FROM events, range(1, $1) AS copies(n);
INSERT INTO call_rows
SELECT * EXCLUDE (n) REPLACE (
    call_id || '-' || n AS call_id, first_event_at - n * INTERVAL 30 DAYS AS first_event_at,
    started_at - n * INTERVAL 30 DAYS AS started_at, hash(call_id || '-' || n) AS call_key
)
FROM call_rows, range(1, $1) AS copies(n)
"""


def generate(path: Path, calls: int, seed: int = 7) -> dict[str, int]:
    """Write about 3.3 lines per call to `path`; return what a correct ingest must find."""
    rng = random.Random(seed)  # noqa: S311 - test data
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
con.execute("SET enable_progress_bar = false")  # a slow machine's would be printed as well
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
    parser.add_argument("--times", type=int, default=10, help="big store / small store")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wacost-bench-") as folder:
        bench = _Bench(Path(folder), asked.calls, asked.times)
        for _ in range(asked.rounds):
            bench.load()
        for _ in range(asked.rounds):
            bench.load_late()
        bench.show()


class _Bench:
    """The files, and the seconds of every side."""

    def __init__(self, folder: Path, calls: int, times: int) -> None:
        self._folder, self._calls, self._times = folder, calls, times
        self._plain, self._late = folder / "calls.jsonl", folder / "late.jsonl"
        self._store, self._big = folder / "wacost.duckdb", folder / "big.duckdb"
        self._truth = generate(self._plain, calls)
        self._late_truth = generate(self._late, max(1000, calls // 10), seed=8)
        self._packed = _packed(self._plain)
        self._seconds: dict[str, list[float]] = {}
        lines, size = self._truth["records"], self._plain.stat().st_size / 1e9
        print(f"{calls:,} calls, {lines:,} lines, {size:.2f} GB; load {os.getloadavg()[0]:.1f}")

    def load(self) -> None:
        """One round of I2, I4 and I7."""
        counted = self._timed("count", BASELINE, self._plain)
        for name, path in self._packed.items():
            self._store.unlink(missing_ok=True)
            packed = self._ingest(name, path, self._store)
            _same(packed["new"], self._truth["records"] - self._truth["quarantined"])
        self._store.unlink(missing_ok=True)
        loaded = self._ingest("plain", self._plain, self._store)
        before = self._store.read_bytes()
        again = self._ingest("again", self._plain, self._store)
        if self._store.read_bytes() != before:
            raise SystemExit("the second load of a file has changed the store")
        _check(self._truth, int(counted), loaded, again, self._store)

    def load_late(self) -> None:
        """One round of I6: the same late file into both stores."""
        if not self._big.exists():
            shutil.copyfile(self._store, self._big)
            _grow(self._big, self._times)
        for name, store in (("late in small", self._store), ("late in big", self._big)):
            copy = self._folder / "copy.duckdb"
            shutil.copyfile(store, copy)
            report = self._ingest(name, self._late, copy)
            _same(report["new"], self._late_truth["records"] - self._late_truth["quarantined"])

    def _ingest(self, name: str, path: Path, store: Path) -> dict[str, int]:
        report: dict[str, int] = json.loads(self._timed(name, INGEST, path, store))
        return report

    def _timed(self, name: str, code: str, *arguments: Path) -> str:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        _settle(*arguments)
        began = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        self._seconds.setdefault(name, []).append(time.perf_counter() - began)
        return done.stdout

    def show(self) -> None:
        """Print the seconds, then each ratio beside its goal."""
        median = {name: statistics.median(told) for name, told in self._seconds.items()}
        for name, told in self._seconds.items():
            print(f"{name:14} {median[name]:7.2f} s   ({', '.join(f'{s:.2f}' for s in told)})")
        size = self._store.stat().st_size / self._calls
        print(f"store {size:.0f} bytes a call, events and calls; load {os.getloadavg()[0]:.1f}")
        for name, above, below, most in GOALS:
            ratio = median[above] / median[below]
            verdict = "reached" if ratio <= most else "not reached"
            print(f"{name:32} {ratio:5.2f}   goal: at most {most:g}, {verdict}")


def _settle(*files: Path) -> None:
    """Let no side pay for what the one before it has still to write, or for a disk's cold file."""
    os.sync()
    for path in filter(Path.exists, files):
        with path.open("rb") as file:
            while file.read(1 << 20):
                pass


def _packed(path: Path) -> dict[str, Path]:
    import zstandard

    made = {"zstd": path.with_name("z.jsonl.zst"), "gzip": path.with_name("g.jsonl.gz")}
    with path.open("rb") as plain, made["zstd"].open("wb") as out:
        zstandard.ZstdCompressor().copy_stream(plain, out)
    with path.open("rb") as plain, gzip.open(made["gzip"], "wb", compresslevel=6) as out:
        shutil.copyfileobj(plain, out, 1 << 20)
    return made


def _grow(store: Path, times: int) -> None:
    import duckdb

    # Several threads would each leave a group half filled, which whatever comes next has to fill.
    with duckdb.connect(str(store), config={"threads": 1}) as con:
        for statement in GROW.split(";"):
            con.execute(statement, [times])


def _same(got: object, wanted: object) -> None:
    if got != wanted:
        raise SystemExit(f"wrong result: {got} instead of {wanted}")


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
        _same(got, wanted)


if __name__ == "__main__":
    main()
