"""Prepaid balances: a double-entry ledger, the exact test of the threshold, and what comes next.

`book` keeps what people and statements tell; `moves` puts the call charges and the differences of
observed balances beside it; `threshold` and `open_calls` say what holds now; `forecast` what may
come. Nothing here prices: charges come from `rating`.
"""

from wacost.balance.book import Added, Entry, make_entry
from wacost.balance.moves import Terms
from wacost.balance.report import BalanceReport

__all__ = ["Added", "BalanceReport", "Entry", "Terms", "make_entry"]
