"""Post signed bodies to `wacost serve` as fast as it takes them, then find every one in the store.

    python benchmarks/bench_serve.py --seconds 30

A process of its own posts over many connections, each waiting for its answer before the next post.
Every body is another call, so that what was acknowledged can be looked for by name: a single one
that is missing, or there twice, is a failure. The server and the poster share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import wacost
from wacost.config import make_workspace

SECRET = "bench-secret"  # noqa: S105 - made up
BODY = (
    '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":'
    '{"messaging_product":"whatsapp","metadata":{"display_phone_number":"16315550001",'
    '"phone_number_id":"436666719526789"},"contacts":[{"profile":{"name":"Customer"},"wa_id":'
    '"5511987654321"}],"calls":[{"id":"%s","to":"5511987654321","from":"16315550001","event":'
    '"terminate","direction":"BUSINESS_INITIATED","timestamp":"1790000070","status":"COMPLETED",'
    '"start_time":"1790000010","end_time":"1790000070","duration":60}]},"field":"calls"}]}]}'
)
HEAD = (
    "POST /webhooks HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    "X-Hub-Signature-256: sha256=%s\r\nContent-Length: %d\r\n\r\n"
)
ANSWER = re.compile(rb"HTTP/1.1 (200 .*\r\n\r\nok|503 .*\r\n\r\n.+)", re.DOTALL)


def request_of(call: str) -> bytes:
    """Return one signed post."""
    raw = (BODY % call).encode()
    made = hmac.digest(SECRET.encode(), raw, hashlib.sha256).hex()
    return (HEAD % (made, len(raw))).encode() + raw


class Poster(asyncio.Protocol):
    """One connection: a post, its answer, the next post, until the time is over."""

    def __init__(self, name: int, until: float) -> None:
        self.name, self.until = name, until
        self.number = 0
        self.taken: list[str] = []
        self.took: list[float] = []
        self.other = 0
        self.answer = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Post the first."""
        self.transport = transport
        self._post()

    def data_received(self, data: bytes) -> None:
        """Take an answer, once it is whole, and post the next."""
        self.answer += data
        if not ANSWER.fullmatch(self.answer):
            return
        data, self.answer = self.answer, b""
        if data.startswith(b"HTTP/1.1 200"):
            self.taken.append(self.call)
            self.took.append(time.perf_counter() - self.began)
        else:
            self.other += 1
        if time.monotonic() < self.until:
            self._post()
        else:
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        """End."""
        self.ended.set_result(None)

    def _post(self) -> None:
        self.number += 1
        self.call = f"wacid.bench.{self.name}.{self.number}"
        self.began = time.perf_counter()
        self.transport.write(request_of(self.call))  # type: ignore[attr-defined]


async def post(port: int, seconds: int, connections: int) -> list[Poster]:
    """Post for some seconds."""
    loop = asyncio.get_running_loop()
    until = time.monotonic() + seconds
    posters = [
        (await loop.create_connection(lambda n=n: Poster(n, until), "127.0.0.1", port))[1]  # type: ignore[misc]
        for n in range(connections)
    ]
    await asyncio.gather(*(poster.ended for poster in posters))
    return posters


def tell(posters: list[Poster], out: Path) -> None:
    """Print the answers and write the ids that were acknowledged."""
    took = sorted(one for poster in posters for one in poster.took)
    out.write_text("\n".join(call for poster in posters for call in poster.taken))
    other = sum(poster.other for poster in posters)
    print(
        f"answers: {len(took):,} x 200, {other:,} others; a post waits"
        f" {took[len(took) // 2] * 1000:.1f} ms (median),"
        f" {took[len(took) * 99 // 100] * 1000:.1f} ms (99 in 100)",
        flush=True,
    )


def main() -> None:
    """Serve, post, load, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--post-to", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    asked, _ = parser.parse_known_args()  # `benchmarks/run` hands the arguments of all to each
    if asked.post_to:
        tell(asyncio.run(post(asked.post_to, asked.seconds, asked.connections)), asked.out)
        return
    with tempfile.TemporaryDirectory(prefix="wacost-bench-") as folder:
        _measure(Path(folder), asked.seconds, asked.connections)


def _measure(folder: Path, seconds: int, connections: int) -> None:
    workspace, acknowledged = folder / "w", folder / "acknowledged"
    make_workspace(workspace)
    server = subprocess.Popen(
        [sys.executable, "-m", "wacost", "serve", "-w", str(workspace), "--port", "0"],
        env={**os.environ, "WACOST_APP_SECRET": SECRET, "WACOST_VERIFY_TOKEN": "bench"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        found = re.search(r":(\d+), into", server.stderr.readline() if server.stderr else "")
        if found is None:
            raise SystemExit("the server did not start")
        arguments = ["--seconds", str(seconds), "--connections", str(connections)]
        arguments += ["--post-to", found[1], "--out", str(acknowledged)]
        subprocess.run([sys.executable, __file__, *arguments], check=True)
        fsyncs = _metric(int(found[1]), "fsync_seconds_count")
        fsync_s = _metric(int(found[1]), "fsync_seconds_sum")
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    calls = acknowledged.read_text().split()
    print(
        f"{len(calls) / seconds:,.0f} posts/s over {seconds} s and {connections} connections;"
        f" {len(calls) / fsyncs:.1f} bodies an fsync of {fsync_s / fsyncs * 1000:.2f} ms"
    )
    _find(workspace, calls)


def _metric(port: int, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^wacost_{name} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0


def _find(workspace: Path, calls: list[str]) -> None:
    log = wacost.open(workspace)
    began = time.perf_counter()
    report = log.ingest()
    took = time.perf_counter() - began
    with log.reading() as con:
        found = {row[0] for row in con.execute("SELECT call_id FROM events").fetchall()}
    missing = set(calls) - found
    if missing or report.duplicate or report.quarantined or len(found) != report.new:
        raise SystemExit(f"{len(missing)} acknowledged bodies are not in the store: {report}")
    print(f"every one of {len(calls):,} acknowledged bodies is in the store once ({took:.1f} s)")


if __name__ == "__main__":
    main()
