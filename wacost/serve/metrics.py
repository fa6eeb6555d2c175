"""What the receiver counts, and how Prometheus reads it."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOUNDS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """Counters of one process, from its start. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted = self._bytes = self._unwritten = self._by_token = 0
        self._refused: Counter[str] = Counter()
        self._fsyncs = [0] * (len(_BOUNDS_S) + 1)
        self._fsync_s = 0.0
        self.in_flight = 0

    def refuse(self, reason: str) -> None:
        """Count a request that was refused."""
        with self._lock:
            self._refused[reason] += 1

    def by_token(self) -> None:
        """Count a body that was acknowledged without a signature."""
        with self._lock:
            self._by_token += 1

    def written(self, bodies: int, size: int, took_s: float) -> None:
        """Count bodies that one fsync brought to the disk."""
        with self._lock:
            self._accepted += bodies
            self._bytes += size
            self._fsyncs[bisect_left(_BOUNDS_S, took_s)] += 1
            self._fsync_s += took_s

    def unwritten(self, bodies: int) -> None:
        """Count bodies that the disk did not take."""
        with self._lock:
            self._unwritten += bodies

    def text(self, gauges: Mapping[str, tuple[str, int]]) -> str:
        """Write everything in Prometheus' text format.

        Args:
            gauges: name -> (what it is, value), as they are now.
        """
        with self._lock:
            lines = [
                *_one("accepted_total", "counter", "Bodies acknowledged.", self._accepted),
                *_one("unsigned_total", "counter", "Bodies taken by token.", self._by_token),
                *_one("accepted_bytes_total", "counter", "Bytes of them.", self._bytes),
                *_one("unwritten_total", "counter", "Bodies answered 503.", self._unwritten),
                *_head("refused_total", "counter", "Requests refused, by reason."),
                *(
                    f'wacost_refused_total{{reason="{reason}"}} {n}'
                    for reason, n in sorted(self._refused.items())
                ),
                *self._histogram(),
            ]
            gauges = {"in_flight": ("Requests being answered.", self.in_flight), **gauges}
        for name, (meaning, value) in gauges.items():
            lines += _one(name, "gauge", meaning, value)
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        lines = _head("fsync_seconds", "histogram", "How long the disk took.")
        total = 0
        for bound, number in zip((*_BOUNDS_S, "+Inf"), self._fsyncs, strict=True):
            total += number
            lines.append(f'wacost_fsync_seconds_bucket{{le="{bound}"}} {total}')
        lines.append(f"wacost_fsync_seconds_sum {self._fsync_s:.6f}")
        lines.append(f"wacost_fsync_seconds_count {total}")
        return lines


def _head(name: str, kind: str, meaning: str) -> list[str]:
    return [f"# HELP wacost_{name} {meaning}", f"# TYPE wacost_{name} {kind}"]


def _one(name: str, kind: str, meaning: str, value: int) -> list[str]:
    return [*_head(name, kind, meaning), f"wacost_{name} {value}"]
