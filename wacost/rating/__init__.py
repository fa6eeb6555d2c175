"""Rating: calls x rate card → charges. The only room that prices.

`quote.py` is the scalar kernel, `rate.sql` the set kernel; both price from `compiled.py`.
"""

from wacost.rating.charge import Charge
from wacost.rating.explain import Explanation, explain
from wacost.rating.month import BilledAccount, RatedMonth, Term, rate_month
from wacost.rating.quote import quote

__all__ = [
    "BilledAccount",
    "Charge",
    "Explanation",
    "RatedMonth",
    "Term",
    "explain",
    "quote",
    "rate_month",
]
