"""An invoice as PDF, set by typst.

What is printed goes to the template as JSON in one input, never as source text, so that no name
can be code. The PDF is PDF/A-3b: it carries its fonts, and a character without a glyph is an
error rather than an empty box. Only fonts that come with typst are used, but for letters that they
lack, and the document's time is its day of issue, of a draft the end of its month: the same figures
give the same pages on every machine that has the same fonts for such letters.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Literal

from wacost.billing.documents.fonts import fonts_for, packages_for
from wacost.billing.documents.glyphs import breakable, lacking, printable
from wacost.billing.documents.page import page
from wacost.billing.documents.typeset import typeset
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

    text = page(invoice)
    try:
        made = typeset(
            "invoice.typ",
            lambda extra: {**_printable_page(invoice, text, extra), "logo": _logo(invoice)},
            letters_lacking(text),
            format=form,
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


def fonts_lacking(invoice: Invoice) -> list[str]:
    """Return the packages whose fonts would let the PDF print every name, as far as one lacks."""
    needed = letters_lacking(_names(invoice))
    return packages_for(needed - fonts_for(needed).points) if needed else []


def _names(invoice: Invoice) -> list[str]:
    """Return what settings and cards call things: all else is ours, or ASCII."""
    found = [invoice.account, invoice.title, *(item.name for item in invoice.items)]
    for party in (invoice.seller, invoice.buyer):
        if party:
            found += [party.name, party.tax_id, party.email, *party.address]
    for tax in invoice.taxes:
        found += [tax.name, tax.reason]
    for card in invoice.cards:
        found += [card.name, card.title, card.source]
    return [*found, *{line.market or "" for line in invoice.lines}]


def letters_lacking(value: Any) -> frozenset[int]:
    """Return the code points in a text, or in all texts of a page, that our fonts do not have."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return frozenset().union(*map(letters_lacking, value))
    return lacking(value) if isinstance(value, str) else frozenset()


def _printable_page(
    invoice: Invoice, text: dict[str, Any], extra: frozenset[int]
) -> dict[str, Any]:
    """Return the page with every text printable, and a note where that changed one."""
    shown: dict[str, Any] = _map_text(text, lambda one: printable(one, extra))
    if letters_lacking(text) - extra:
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
