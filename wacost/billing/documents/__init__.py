"""Write an invoice as files: each whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.errors import InputError
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wacost.billing.invoice import Invoice

FORMATS: Final = ("pdf", "csv", "json")
"""Formats that an invoice can be written in; each is also the ending of its file."""

_LONGEST_SLUG: Final = 120
_ODD: Final = re.compile(r"^[-.]|[^A-Za-z0-9_.-]")


def write_invoice(invoice: Invoice, out_dir: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write the documents of one invoice (see `write_invoices`) and return their paths."""
    return write_invoices([invoice], out_dir, formats)[0]


def write_invoices(
    invoices: Sequence[Invoice], out_dir: Path, formats: Sequence[str] = FORMATS
) -> list[list[Path]]:
    """Write the documents of invoices; a file of the same name is replaced.

    Every document is written beside its place, and when all are there they are renamed: a full
    disk or a fault leaves what was there before, for every account.

    Args:
        invoices: what to write.
        out_dir: the folder; made where there is none.
        formats: any of `FORMATS`.

    Returns:
        For each invoice its paths, in the order of `formats`.

    Raises:
        InputError: an unknown format, or a folder that cannot be written to.
    """
    out_dir = Path(out_dir)
    writers = {wanted: _writer(wanted) for wanted in dict.fromkeys(formats)}
    paths = [[out_dir / file_name(invoice, ending) for ending in writers] for invoice in invoices]
    documents = (
        (path, writer(invoice))
        for invoice, own in zip(invoices, paths, strict=True)
        for path, writer in zip(own, writers.values(), strict=True)
    )
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        _write_all(documents)
    except OSError as error:
        raise InputError(
            f"the documents cannot be written to {str(out_dir)!r}: {error.strerror or error};"
            " what was begun is removed",
            hint="choose another folder with --out, or make room there",
        ) from None
    return paths


def file_name(invoice: Invoice, ending: str) -> str:
    """Return the name of an invoice's file: its number; of a draft account, month and kind.

    >>> from types import SimpleNamespace
    >>> made = {"account": "acme", "month": "2026-12", "kind": "expected", "currency": "INR"}
    >>> file_name(SimpleNamespace(number="INV-2026-000001"), "pdf")
    'INV-2026-000001.pdf'
    >>> made["number"] = None
    >>> file_name(SimpleNamespace(**made, one_of_several=False), "pdf")
    'acme-2026-12-expected.pdf'
    >>> file_name(SimpleNamespace(**made, one_of_several=True), "pdf")
    'acme-2026-12-expected-INR.pdf'
    """
    if invoice.number:
        return f"{slug(invoice.number)}.{ending}"
    currency = f"-{invoice.currency}" if invoice.one_of_several else ""
    return f"{slug(invoice.account)}-{invoice.month}-{invoice.kind}{currency}.{ending}"


def slug(name: str) -> str:
    """Return a file name's part that no two names share and that leads nowhere else.

    Letters and digits of ASCII, `_`, `-` and `.` stay; everything else, and a leading `-` or
    `.`, is percent-encoded. A name that grows too long for a file system ends in a hash.

    >>> slug("acme_2"), slug("../etc"), slug("São")
    ('acme_2', '%2E.%2Fetc', 'S%C3%A3o')
    """
    encoded = _ODD.sub(
        lambda odd: "".join(f"%{byte:02X}" for byte in odd[0].encode("utf-8", "surrogatepass")),
        name,
    )
    if len(encoded) <= _LONGEST_SLUG:
        return encoded
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{encoded[:_LONGEST_SLUG]}~{digest[:16]}"


def _writer(wanted: str) -> Callable[[Invoice], bytes]:
    if wanted == "json":
        from wacost.billing.documents.json import invoice_json  # noqa: PLC0415 - one of three

        return invoice_json
    if wanted == "csv":
        from wacost.billing.documents.csv import invoice_csv  # noqa: PLC0415

        return invoice_csv
    if wanted == "pdf":
        from wacost.billing.documents.pdf import invoice_pdf  # noqa: PLC0415 - loads typst

        return invoice_pdf
    raise InputError(
        f"{wanted!r} is no format of an invoice", hint=nearest(wanted, FORMATS, "format")
    )


def _write_all(documents: Iterable[tuple[Path, bytes]]) -> None:
    """Write every file beside its place, then put all in place."""
    written: list[tuple[Path, Path]] = []
    try:
        for path, content in documents:
            beside = path.with_name(f".{secrets.token_hex(8)}.part")
            written.append((beside, path))
            with beside.open("xb") as file:
                file.write(content)
        _put(written)
    finally:
        for beside, _ in written:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _put(written: Sequence[tuple[Path, Path]]) -> None:
    """Rename every file into its place; what can be in the way is looked at before the first."""
    for _, path in written:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{path.name} is a folder")
    for beside, path in written:
        beside.replace(path)
