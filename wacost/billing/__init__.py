"""Billing: from the charges of a month to an invoice, and from an invoice to its documents.

It adds up, rounds once per line, taxes the sum and says what is missing. It never prices a call.
"""

from wacost.billing.calls import BilledCall, billed_calls
from wacost.billing.cancel import cancel
from wacost.billing.correct import correct
from wacost.billing.documents import (
    ANNEXES,
    DEFAULT_FORMATS,
    FORMATS,
    drafts_beside,
    file_name,
    has_files,
    needs_store,
    too_many_calls,
    write_invoice,
    write_invoices,
)
from wacost.billing.draft import draft_invoice, draft_invoices
from wacost.billing.frozen import Row, read_back, rows_of, standing
from wacost.billing.invoice import Invoice
from wacost.billing.issue import Issued, issue
from wacost.billing.records import KINDS, CardUsed, Line, TaxLine, Unpriced, UnpricedCall
from wacost.billing.refuse import Wanted
from wacost.billing.verify import Checked, verify

__all__ = [
    "ANNEXES",
    "DEFAULT_FORMATS",
    "FORMATS",
    "KINDS",
    "BilledCall",
    "CardUsed",
    "Checked",
    "Invoice",
    "Issued",
    "Line",
    "Row",
    "TaxLine",
    "Unpriced",
    "UnpricedCall",
    "Wanted",
    "billed_calls",
    "cancel",
    "correct",
    "draft_invoice",
    "draft_invoices",
    "drafts_beside",
    "file_name",
    "has_files",
    "issue",
    "needs_store",
    "read_back",
    "rows_of",
    "standing",
    "too_many_calls",
    "verify",
    "write_invoice",
    "write_invoices",
]
