"""The server: a socket, the routes, and an orderly end."""

from __future__ import annotations

import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import ConfigError, MissingExtraError
from wacost.ingest.inbox import adopt
from wacost.serve.idle import Idle
from wacost.serve.metrics import Metrics
from wacost.serve.receive import UNREAD, Answer, Receiver, settle
from wacost.serve.refused import INBOX
from wacost.serve.signatures import Secrets
from wacost.serve.writer import Writer

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_CONNECTIONS: Final = 500  # below the usual limit of 1,024 open files
_GRACE_S: Final = 20
_TICKS: Final = 10  # of uvicorn in a second
_UNAVAILABLE: Final = 503
_NO_STORE: Final = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen and when to begin a new segment."""

    host: str
    port: int
    rotate_bytes: int
    rotate_s: int


def serve(folder: Path, secrets: Secrets, settings: Settings, ready: Callable[[str], None]) -> None:
    """Receive webhooks into a workspace's inbox until SIGTERM or SIGINT.

    Args:
        folder: the workspace.
        secrets: whose bodies are taken.
        settings: address and rotation.
        ready: called with the address once posts can come.

    Raises:
        MissingExtraError: starlette or uvicorn is not installed.
        ConfigError: the address cannot be listened on.
        OSError: the inbox cannot be written to.
    """
    for library in ("starlette", "uvicorn"):
        if find_spec(library) is None:
            raise MissingExtraError("serve", library)
    inbox = folder / INBOX
    inbox.mkdir(exist_ok=True)
    adopt(inbox)
    with _listening(settings.host, settings.port) as listener:
        metrics = Metrics()
        writer = Writer(
            inbox,
            rotate_bytes=settings.rotate_bytes,
            rotate_s=settings.rotate_s,
            metrics=metrics,
            done=settle,
        )
        app = _App(inbox, Receiver(secrets, writer, metrics), writer, metrics)
        try:
            _serve(app, listener, lambda: ready(_address(listener)))
        finally:
            writer.stop()


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"{host}:{port} cannot be listened on: {reason}",
            hint="choose another --host or --port",
        ) from error
    # Inherited by every connection: an answer's second packet does not wait for the first's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _serve(app: _App, listener: socket.socket, ready: Callable[[], None]) -> None:
    import uvicorn  # noqa: PLC0415

    config = uvicorn.Config(
        app.starlette(),
        loop="asyncio",
        http="h11",  # bounds what comes before a body
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # nothing of a request reaches a log
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_S,
    )
    idle = Idle()

    class Server(uvicorn.Server):
        async def on_tick(self, counter: int) -> bool:
            if counter % _TICKS == 0:
                idle.sweep(self.server_state.connections, time.monotonic())
            return await super().on_tick(counter)

    server = Server(config)
    with _ended_by_signals(server):
        ready()
        server.run(sockets=[listener])


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGTERM and SIGINT end a server, also before it listens to them itself.

    uvicorn raises the signal that ended it once more when all is done; then this changes nothing.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _App:
    """The routes over one receiver and its writer."""

    def __init__(self, inbox: Path, receiver: Receiver, writer: Writer, metrics: Metrics) -> None:
        self._inbox, self._receiver = inbox, receiver
        self._writer, self._metrics = writer, metrics

    def starlette(self) -> Starlette:
        """Return the application."""
        from starlette.applications import Starlette  # noqa: PLC0415
        from starlette.routing import Route  # noqa: PLC0415

        return Starlette(
            routes=[
                Route("/healthz", self._health, methods=["GET"]),
                Route("/metrics", self._prometheus, methods=["GET"]),
                Route("/{path:path}", self._verify, methods=["GET"]),
                Route("/{path:path}", self._take, methods=["POST"]),
            ]
        )

    async def _verify(self, request: Request) -> Response:
        return _plain(self._receiver.verify(request))

    async def _take(self, request: Request) -> Response:
        return _plain(await self._receiver.take(request))

    async def _health(self, _: Request) -> Response:
        from starlette.responses import JSONResponse  # noqa: PLC0415

        told = self._told()
        return JSONResponse(told, 200 if told["ok"] else _UNAVAILABLE, _NO_STORE)

    def _told(self) -> dict[str, Any]:
        state = self._writer.state
        return {
            "ok": not state.problem,
            "problem": state.problem,
            "segment": state.segment,
            "segment_bytes": state.size,
            "last_fsync_age_s": state.fsync_age_s,
            "disk_free_bytes": _free(self._inbox),
        }

    async def _prometheus(self, _: Request) -> Response:
        from starlette.responses import PlainTextResponse  # noqa: PLC0415

        state = self._writer.state
        text = self._metrics.text(
            {
                "segment_bytes": ("Size of the open segment.", state.size),
                "disk_free_bytes": ("Free space where the inbox is.", _free(self._inbox)),
                "writing": ("1 while the disk takes what comes.", 0 if state.problem else 1),
            }
        )
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _plain(answer: Answer) -> Response:
    from starlette.responses import PlainTextResponse  # noqa: PLC0415

    headers = {"x-content-type-options": "nosniff"}
    if answer.text in UNREAD:  # what is still to come is not read
        headers["connection"] = "close"
    return PlainTextResponse(answer.text, answer.status, headers)


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
