"""Rating: calls x rate card → charges. The only room that prices.

`quote.py` is the scalar kernel, `rate.sql` the set kernel; both price from `compiled.py`.
A quote must not wait for the engine: what runs `rate.sql` is loaded when it is first used.
"""

from typing import TYPE_CHECKING, Any

from wacost.rating.charge import Charge
from wacost.rating.explain import Explanation, explain
from wacost.rating.plans import BilledAccount, Term
from wacost.rating.quote import quote

if TYPE_CHECKING:
    from wacost.rating.month import RatedMonth, rate_month
    from wacost.rating.stale import stale_months

__all__ = [
    "BilledAccount",
    "Charge",
    "Explanation",
    "RatedMonth",
    "Term",
    "explain",
    "quote",
    "rate_month",
    "stale_months",
]


def __getattr__(name: str) -> Any:
    """Load the set kernel when it is first asked for."""
    if name in {"RatedMonth", "rate_month"}:
        from wacost.rating import month  # noqa: PLC0415

        return getattr(month, name)
    if name == "stale_months":
        from wacost.rating.stale import stale_months  # noqa: PLC0415

        return stale_months
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
