"""What commands tell of accounts that were left out, because they cannot be rated as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wacost.accounts import why
from wacost.cli.common import PROBLEM, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wacost.errors import WacostError
    from wacost.workspace import Workspace

FINE = 0


def tell_left_out(refused: Mapping[str, WacostError], what: str) -> int:
    """Say which accounts were left out, why, and what to do; return the exit code.

    Args:
        refused: why, by their names.
        what: what that means for each, like "has no document".
    """
    for name, error in refused.items():
        say(f"wacost: {name} {what}: {why(name, error)}")
        if error.hint:
            say(f"hint: {error.hint}")
    return PROBLEM if refused else FINE


def without_document(
    log: Workspace, month: str, kind: str | None, account: str, error: WacostError
) -> dict[str, Any]:
    """Return an account that could not be billed in the shape of an invoice's summary.

    Whatever its calls cost before, nothing of it is in this list: all of them are unpriced here.
    """
    calls = log.count_calls(month, account)
    kind = kind or log.config.accounts[account].invoice.kind or "expected"
    told = {"kind": kind, "account": account, "error": why(account, error)}
    return {**of_no_account(month, calls), **told}


def of_no_account(month: str, calls: int) -> dict[str, Any]:
    """Return the calls that no account claims in the shape of an invoice's summary.

    No document is written for them and nothing is in their sums: all of them are unpriced.
    """
    return {
        "invoice": None,
        "kind": "expected",
        "account": None,
        "month": month,
        "currency": "",
        "calls": calls,
        "billed_seconds": 0,
        "subtotal": "0",
        "tax": "0",
        "total": "0",
        "rounding_drift": "0",
        "unpriced": calls,
        "files": [],
        "final": False,
    }
