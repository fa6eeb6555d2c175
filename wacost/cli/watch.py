"""`wacost ingest --watch`: look, tell, wait, until a signal ends it."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from wacost.cli.common import say
from wacost.cli.ingest_report import conservation
from wacost.ingest import IngestReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wacost.errors import WacostError
    from wacost.workspace import Workspace

_SLICE_S: Final = 0.1


@contextmanager
def _signals() -> Iterator[Callable[[int], bool]]:
    """Give a sleep that ends early and tells so where SIGTERM or SIGINT has come.

    A second signal interrupts what is under way.
    """
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, signal.default_int_handler)

    def ended_within(seconds: int) -> bool:
        until = time.monotonic() + seconds
        while not asked and time.monotonic() < until:
            time.sleep(_SLICE_S)
        return bool(asked)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield ended_within
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch_files(
    log: Workspace,
    paths: Sequence[str],
    every_s: int,
    *,
    format: str | None,  # noqa: A002 - the option's name
    as_json: bool,
) -> bool:
    """Load files as they appear until a signal; tell whether a record was quarantined.

    A load that is under way when the signal comes is finished.
    """
    quarantined = False
    told: set[str] = set()
    with _signals() as ended_within:
        for found in log.watch(*paths, format=format):
            if isinstance(found, IngestReport):
                quarantined |= found.quarantined > 0
                told.clear()
                _tell(found, as_json=as_json)
            elif found is not None:
                if str(found) not in told:
                    _say(found)
                told.add(str(found))
            elif ended_within(every_s):
                break
    return quarantined


def _tell(report: IngestReport, *, as_json: bool) -> None:
    click.echo(json.dumps(report.as_dict()) if as_json else conservation(report))


def _say(error: WacostError) -> None:
    say(f"wacost: {error}")
    if error.hint:
        say(f"hint: {error.hint}")
