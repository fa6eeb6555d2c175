"""Billed seconds shown as minutes, exactly: decimals where they end, minutes and seconds else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from wacost.money import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

_MINUTE_S = 60
_TENTH_S = 6
_TWENTIETH_S = 3


def decimal_places(seconds: Iterable[int]) -> int | None:
    """Return the decimals that show all of `seconds` as minutes exactly; None: there are none.

    Six-second increments end after one place, three seconds after two; a single second never.

    >>> decimal_places([60, 66]), decimal_places([60, 63]), decimal_places([60, 61])
    (1, 2, None)
    """
    worst = list(seconds)
    if all(one % _TENTH_S == 0 for one in worst):
        return 1
    return 2 if all(one % _TWENTIETH_S == 0 for one in worst) else None


def minutes(seconds: int, places: int) -> Decimal:
    """Return minutes with `places` decimals, as found by `decimal_places`.

    >>> minutes(726, 1)
    Decimal('12.1')
    """
    return Decimal(seconds * 10**places // _MINUTE_S).scaleb(-places)


def clock(seconds: int) -> tuple[int, str]:
    """Return whole minutes, and the seconds left as two digits.

    >>> clock(727)
    (12, '07')
    """
    whole, rest = divmod(seconds, _MINUTE_S)
    return whole, f"{rest:02d}"


def minutes_text(seconds: int) -> str:
    """Write one number of seconds as minutes for a machine; "" where no decimal is exact.

    >>> minutes_text(726), minutes_text(60), minutes_text(61)
    ('12.1', '1.0', '')
    """
    places = decimal_places([seconds])
    return "" if places is None else plain(minutes(seconds, places))
