"""The one table of formats that a document can be written in."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wacost.errors import InputError
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Callable


class Format(NamedTuple):
    """How one format is written.

    Attributes:
        module: below `wacost.billing.documents`; loaded when it is needed.
        writer: name of its function: `Invoice -> bytes`, or with `calls`
            `(Invoice, Iterator[BilledCall], BinaryIO) -> None`.
        ending: of its file's name.
        calls: whether it lists the calls one by one, and so is written from an open store.
        most_calls: of a document that it can be written of; None: any number.
    """

    module: str
    writer: str
    ending: str
    calls: bool = False
    most_calls: int | None = None

    def load(self) -> Callable[..., Any]:
        """Return the function that writes it."""
        found: Callable[..., Any] = getattr(
            import_module(f"wacost.billing.documents.{self.module}"), self.writer
        )
        return found


MOST_PRINTED: Final = 30_000
"""Calls that a printed list may have: 380 pages, set in seven seconds and a gigabyte of memory."""
ANNEXES: Final = {"csv": "annex-csv", "pdf": "annex-pdf"}
"""Formats of a list of all calls, by the format of the document that it goes with."""

TABLE: Final = {
    "annex-csv": Format("annex_csv", "annex_csv", "-calls.csv", calls=True),
    "annex-pdf": Format(
        "annex_pdf", "annex_pdf", "-calls.pdf", calls=True, most_calls=MOST_PRINTED
    ),
    "csv": Format("csv", "invoice_csv", ".csv"),
    "html": Format("html", "invoice_html", ".html"),
    "json": Format("json", "invoice_json", ".json"),
    "pdf": Format("pdf", "invoice_pdf", ".pdf"),
    "ubl": Format("ubl", "invoice_ubl", ".xml"),
    "xlsx": Format("xlsx", "invoice_xlsx", ".xlsx", calls=True),
}
"""Every format by its name, in the order of the alphabet."""

FORMATS: Final = tuple(TABLE)
DEFAULT_FORMATS: Final = ("pdf", "csv", "json")
"""What is written where nobody says otherwise."""


def format_of(name: str) -> Format:
    """Return the format of a name.

    >>> format_of("pdf").ending
    '.pdf'

    Raises:
        InputError: there is none.
    """
    if name not in TABLE:
        raise InputError(
            f"{name!r} is no format of an invoice", hint=nearest(name, FORMATS, "format")
        )
    return TABLE[name]
