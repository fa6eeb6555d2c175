"""Connections that ask for nothing, or never finish asking: ended, or they take all places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

MOST_IDLE_S: Final = 20
"""Seconds in which a connection has to have sent a request's headers."""


class Idle:
    """What is known of the connections of one server; looked at now and then.

    uvicorn ends a connection that is silent after an answer, but waits for the first request for
    ever. A request under way has a `cycle` of its own, so that one that is the same as at the last
    look, or none, says that nothing was asked since.
    """

    def __init__(self) -> None:
        self._waiting: dict[Any, tuple[Any, float]] = {}

    def sweep(self, connections: Iterable[Any], now_s: float) -> None:
        """End those that have waited too long.

        Args:
            connections: uvicorn's protocols.
            now_s: of a clock that never goes back.
        """
        waiting = {}
        for one in list(connections):
            if one.cycle is not None and not one.cycle.response_complete:
                continue
            cycle, since_s = self._waiting.get(one, (None, now_s))
            waiting[one] = (one.cycle, since_s if cycle is one.cycle else now_s)
            if now_s - waiting[one][1] >= MOST_IDLE_S:
                one.transport.close()
        self._waiting = waiting
