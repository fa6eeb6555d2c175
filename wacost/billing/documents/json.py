"""An invoice as JSON: the whole document, the same bytes for the same figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wacost.billing.invoice import Invoice


def invoice_json(invoice: Invoice) -> bytes:
    """Write an invoice as UTF-8 JSON, indented. Amounts, rates and exact units are text."""
    text = json.dumps(invoice.as_dict(), ensure_ascii=False, indent=2)
    return f"{text}\n".encode("utf-8", "backslashreplace")
