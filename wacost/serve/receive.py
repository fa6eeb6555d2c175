"""One request: read within bounds, checked, brought to the disk, answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wacost.serve.bodies import MOST_BODY, RefusedError, as_line
from wacost.serve.metrics import Metrics
from wacost.serve.refused import UNSIGNED
from wacost.serve.signatures import Secrets, problem_of
from wacost.serve.writer import Entry, Writer

if TYPE_CHECKING:
    from starlette.requests import Request

STATUS: Final = {
    "no_signature": 401,
    "wrong_signature": 401,
    "unknown_signer": 401,
    "stale_signature": 401,
    "wrong_token": 403,
    "too_slow": 408,
    "too_large": 413,
    "encoded": 415,
    "not_json": 400,
    "not_utf8": 400,
    "too_deep": 400,
    "no_body": 400,
    "cut_short": 400,
    "busy": 503,
}
"""Why a request is refused -> the HTTP status that says so."""

UNREAD: Final = frozenset({"too_slow", "too_large", "encoded", "busy"})
"""Reasons for which a body is not read to its end, so that its connection is of no more use."""

_READ_S: Final = 20  # Meta itself waits no longer
_WRITE_S: Final = 30
_MOST_HELD: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: a status and a word."""

    status: int
    text: str


class Receiver:
    """Takes requests, one event loop's.

    Args:
        secrets: whose bodies are taken.
        writer: where they go.
        metrics: what is counted.
    """

    def __init__(self, secrets: Secrets, writer: Writer, metrics: Metrics) -> None:
        self._secrets, self._writer, self._metrics = secrets, writer, metrics
        self._held = 0

    def verify(self, request: Request) -> Answer:
        """Answer Meta's question whether this is the address that was meant."""
        asked = request.query_params
        if asked.get("hub.mode") != "subscribe" or "hub.challenge" not in asked:
            return Answer(404, "wacost takes webhooks here, by POST")
        if not self._secrets.is_verify_token(asked.get("hub.verify_token", "")):
            return self._refused("wrong_token")
        return Answer(200, asked["hub.challenge"])

    async def take(self, request: Request) -> Answer:
        """Take one body: answered 200 only when it is on the disk."""
        self._metrics.in_flight += 1
        held = _Held()
        try:
            async with asyncio.timeout(_READ_S):
                raw = await self._read(request, held)
            problem = problem_of(self._secrets, request.headers, raw, int(time.time()))
            if problem == "no_signature" and self._has_token(request):
                return await self._write(as_line(raw, int(time.time())), unsigned=True)
            if problem:
                return self._refused(problem)
            return await self._write(as_line(raw, int(time.time())))
        except RefusedError as refused:
            return self._refused(refused.reason)
        except TimeoutError:
            return self._refused("too_slow")
        finally:
            self._held -= held.size
            self._metrics.in_flight -= 1

    def _has_token(self, request: Request) -> bool:
        authorization = request.headers.get("authorization", "")
        return self._secrets.is_path_token(request.url.path, authorization)

    async def _read(self, request: Request, held: _Held) -> bytes:
        """Read a body; what is too large is not read to its end."""
        from starlette.requests import ClientDisconnect  # noqa: PLC0415

        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise RefusedError("encoded")
        if _told_length(request.headers.get("content-length", "")) > MOST_BODY:
            raise RefusedError("too_large")
        pieces = []
        try:
            async for piece in request.stream():
                held.size += len(piece)
                self._held += len(piece)
                if held.size > MOST_BODY:
                    raise RefusedError("too_large")
                if self._held > _MOST_HELD:
                    raise RefusedError("busy")
                pieces.append(piece)
        except ClientDisconnect:
            raise RefusedError("cut_short") from None
        return b"".join(pieces)

    async def _write(self, line: bytes, *, unsigned: bool = False) -> Answer:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._writer.put(Entry(line, future))
        try:
            written = await asyncio.wait_for(future, _WRITE_S)
        except TimeoutError:
            written = False
        if written and unsigned:
            self._metrics.by_token()
            self._writer.note(UNSIGNED)
        return Answer(200, "ok") if written else Answer(503, "not written: post it again")

    def _refused(self, reason: str) -> Answer:
        self._metrics.refuse(reason)
        self._writer.note(reason)
        return Answer(STATUS[reason], reason)


@dataclass(slots=True)
class _Held:
    """How much of one body is in memory."""

    size: int = 0


def settle(entries: Sequence[Entry], written: bool) -> None:
    """Tell the requests of one fsync what became of their lines; from any thread."""
    futures = [entry.future for entry in entries]
    with suppress(RuntimeError):  # a loop that was ended by force has nobody waiting
        futures[0].get_loop().call_soon_threadsafe(_settle, futures, written)


def _settle(futures: Sequence[asyncio.Future[bool]], written: bool) -> None:
    for future in futures:
        if not future.done():
            future.set_result(written)


def _told_length(text: str) -> int:
    """Read a content-length; one that is no number is left to the HTTP parser.

    >>> _told_length("12"), _told_length(""), _told_length("-1")
    (12, 0, 0)
    """
    return int(text[:20]) if text.isascii() and text.isdigit() else 0
