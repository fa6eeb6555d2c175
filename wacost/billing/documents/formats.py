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
    """

    module: str
    writer: str
    ending: str
    calls: bool = False

    def load(self) -> Callable[..., Any]:
        """Return the function that writes it."""
        found: Callable[..., Any] = getattr(
            import_module(f"wacost.billing.documents.{self.module}"), self.writer
        )
        return found


TABLE: Final = {
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
