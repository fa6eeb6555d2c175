"""What was refused or taken unsigned: only how often is kept, by minute and reason.

`inbox/.refused.jsonl` has one line for a minute and a reason, whatever comes; once it is large the
minutes are added up. Several servers can share it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import IO, Final

INBOX: Final = "inbox"
UNSIGNED: Final = "unsigned"
"""Counted beside the reasons: bodies that were taken by the token in their address alone."""
_NAME: Final = ".refused.jsonl"
_MOST: Final = 256 << 10
_MINUTE_S: Final = 60


class Tally:
    """Counts of the minute under way, written down when it is over."""

    def __init__(self, inbox: Path) -> None:
        self._path = inbox / _NAME
        self._counts: Counter[tuple[int, str]] = Counter()

    def add(self, reason: str, at_s: int) -> None:
        """Count one."""
        self._counts[at_s - at_s % _MINUTE_S, reason] += 1

    def write(self, now_s: int | None = None) -> None:
        """Write down the minutes that are over at a moment; None: all of them.

        A full disk costs nothing but time: what could not be written is kept for the next time.
        """
        over = [key for key in self._counts if now_s is None or key[0] + _MINUTE_S <= now_s]
        if not over:
            return
        text = "".join(_line(*key, self._counts[key]) for key in sorted(over))
        try:
            _append(self._path, text)
        except OSError:
            return
        for key in over:
            del self._counts[key]


def refused_counts(folder: Path) -> dict[str, int]:
    """Return how many requests the receiver of a workspace has refused, by reason.

    Args:
        folder: the workspace.
    """
    path = folder / INBOX / _NAME
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", errors="replace") as file:
        return dict(sorted(_sum(file).items()))


def _sum(file: IO[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in file:
        try:
            told = json.loads(line)
            counts[str(told["reason"])] += int(told["count"])
        except (ValueError, TypeError, KeyError):  # torn by a full disk or by hand
            continue
    return counts


def _line(minute_s: int, reason: str, number: int) -> str:
    return json.dumps({"minute": minute_s, "reason": reason, "count": number}) + "\n"


def _append(path: Path, text: str) -> None:
    """Append whole lines, alone; a file that has grown large is added up first."""
    import fcntl  # noqa: PLC0415 - where it is missing nothing can be served

    while True:
        with path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not path.exists() or not os.path.samestat(os.fstat(file.fileno()), path.stat()):
                continue  # another server has put an added-up one in its place
            size = os.fstat(file.fileno()).st_size
            try:
                file.write(text)
                file.flush()
            except OSError:
                os.ftruncate(file.fileno(), size)
                raise
            if size > _MOST:
                _compact(path, file)
            return


def _compact(path: Path, file: IO[str]) -> None:
    file.seek(0)
    first = json.loads(file.readline())["minute"]
    file.seek(0)
    draft = path.with_name(f"{_NAME}.new")
    with draft.open("w", encoding="utf-8") as out:
        out.writelines(_line(first, *one) for one in sorted(_sum(file).items()))
        out.flush()
        os.fsync(out.fileno())
    draft.rename(path)
