"""Simulate months of calling webhooks, with the truth attached.

The files look as Meta posts them, with everything that goes wrong in reality; `truth.json` beside
them says what happened in each call and what an exact reader must report. The same arguments give
the same bytes on every machine.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Final

from wacost.errors import InputError
from wacost.simulate.calls import draw_calls, midnight, month_firsts
from wacost.simulate.chatter import chatter
from wacost.simulate.delivery import deliver
from wacost.simulate.disk import content, sorted_into_files
from wacost.simulate.events import Reporter
from wacost.simulate.truth import CallTruth, Truth, truth_of
from wacost.simulate.world import BUSINESSES, GROUPS, Business, Group, PhoneNumber
from wacost.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "BUSINESSES",
    "GROUPS",
    "Business",
    "CallTruth",
    "Group",
    "PhoneNumber",
    "Truth",
    "simulate",
]

TRUTH: Final = "truth.json"
"""Name of the file that tells the truth."""

_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_MOST_MONTHS: Final = 120


def simulate(
    out: Path,
    *,
    seed: int = 1,
    months: int = 3,
    end: str = "2026-10",
    calls: int = 10_000,
    progress: Callable[[int, int], None] | None = None,
) -> Truth:
    """Write webhook files of simulated calls, and the truth about them.

    Files are named webhooks-YYYY-MM by the month (UTC) in which they were delivered: lines, one
    month in zstd, the last one gzipped, one large body pretty-printed. A file in the way is
    replaced; truth.json is written last, so that it is there only when all files are.

    Args:
        out: a folder; made where it is missing. One that holds other files is refused.
        seed: another seed is another simulation.
        months: how many, 1 to 120; the last is `end`.
        end: a month from 2000-01 to 2099-12, as 2026-10.
        calls: how many calls, in all months together.
        progress: told (calls drawn, calls) from time to time.

    Returns:
        What truth.json holds.

    Raises:
        InputError: an argument makes no sense, or the folder cannot be used.
    """
    _check(months, end, calls)
    rng = Random(seed)  # noqa: S311 - reproducible is the point
    firsts = month_firsts(months, end)
    edges = [midnight(day, "UTC") for day in firsts]
    drawn = draw_calls(rng, firsts, calls, progress)
    reporter = Reporter(rng)
    told = [(call, reporter.events(call)) for call in drawn]
    events = [event for _, each in told for event in each]
    events += chatter(rng, drawn, edges[1:])
    files = sorted_into_files(deliver(rng, events, edges), end)
    arguments: dict[str, int | str] = {"seed": seed, "months": months, "end": end, "calls": calls}
    truth = truth_of(arguments, told, files, firsts)
    _write(out, {name: content(name, bodies) for name, bodies in files.items()}, truth)
    return truth


def _check(months: int, end: str, calls: int) -> None:
    if not _MONTH.fullmatch(end):
        raise InputError(f"{end!r} is no month", hint="write it as 2026-10")
    if not 1 <= months <= _MOST_MONTHS:
        raise InputError(
            f"{months} months cannot be simulated", hint=f"from 1 to {_MOST_MONTHS} months"
        )
    if calls < 0:
        raise InputError(f"{calls} calls cannot be simulated", hint="0 or more")


def _write(out: Path, files: dict[str, bytes], truth: Truth) -> None:
    """Put the files into the folder, the truth last; remove those of an earlier simulation."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        _clear(out)
        for name, data in files.items():
            write_whole(out / name, data)
        write_whole(out / TRUTH, truth.as_json())
    except OSError as error:
        raise InputError(
            f"{out} cannot be written: {error.strerror or error}",
            hint="name a folder that you may write to, on a disk with room",
        ) from error


def _clear(out: Path) -> None:
    """Remove an earlier simulation; refuse a folder that holds anything else."""
    present = sorted(path.name for path in out.iterdir())
    others = [name for name in present if name != TRUTH and not name.startswith("webhooks-")]
    if others or (present and not _is_truth(out / TRUTH)):
        raise InputError(
            f"{out} holds other files ({(others or present)[0]})",
            hint="name a new folder, or one that holds only an earlier simulation",
        )
    for name in [TRUTH, *present]:  # the truth goes first: without it the rest is known as partial
        (out / name).unlink(missing_ok=True)


def _is_truth(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b'"wacost_truth"' in file.read(40)
