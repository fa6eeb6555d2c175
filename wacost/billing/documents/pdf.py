"""An invoice as PDF, set by typst.

What is printed goes to the template as JSON in one input, never as source text, so that no name
can be code. The PDF is PDF/A-3b: it carries its fonts, and a character without a glyph is an
error rather than an empty box. Only fonts that come with typst are used, and the document's time
is its day of issue, of a draft the end of its month: the same figures give the same pages on every
machine.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Literal

from wacost.billing.documents.glyphs import TEMPLATES, breakable, composed, printable
from wacost.billing.documents.page import page
from wacost.errors import InputError
from wacost.language import Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from wacost.billing.invoice import Invoice


def invoice_pdf(invoice: Invoice) -> bytes:
    """Set an invoice as PDF/A-3b."""
    return _compile(invoice, "pdf", pdf_standards="a-3b")[0]


def invoice_pages(invoice: Invoice, dots_per_inch: int = 144) -> list[bytes]:
    """Set an invoice as pictures, one PNG a page: to look at."""
    return _compile(invoice, "png", ppi=dots_per_inch)


def _compile(invoice: Invoice, form: Literal["pdf", "png"], **options: Any) -> list[bytes]:
    import typst  # noqa: PLC0415 - 30 MB that only a PDF needs

    try:
        made = typst.compile(
            str(TEMPLATES / "invoice.typ"),
            root=str(TEMPLATES),
            format=form,
            ignore_system_fonts=True,
            sys_inputs={"page": json.dumps({**_printable_page(invoice), "logo": _logo(invoice)})},
            timestamp=datetime.combine(invoice.issued_on or invoice.period_end, time(), UTC),
            **options,
        )
    except typst.TypstError as error:
        raise InputError(
            f"the PDF of {invoice.account!r} for {invoice.month} cannot be set: {error}",
            hint="write csv or json instead, and report this",
        ) from error
    return made if isinstance(made, list) else [made]


def _logo(invoice: Invoice) -> dict[str, Any] | None:
    """Return the logo as the template takes it: the bytes of the file as numbers."""
    look = invoice.look
    if not look.logo:
        return None
    return {"kind": look.kind, "bytes": list(look.logo), "alt": invoice.seller_name}


def _printable_page(invoice: Invoice) -> dict[str, Any]:
    """Return the page with every text printable, and a note where that changed one."""
    text = page(invoice)
    shown: dict[str, Any] = _map_text(text, printable)
    if shown != _map_text(text, composed):
        shown["notes"].append(
            Language.of(invoice.language).say(
                "Letters that cannot be printed here are named in brackets; the CSV and JSON"
                " documents have them."
            )
        )
    made: dict[str, Any] = _map_text(shown, breakable)
    return made


def _map_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _map_text(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_map_text(part, change) for part in value]
    return value
