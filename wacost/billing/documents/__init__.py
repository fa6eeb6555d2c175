"""Write an invoice as files: each whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.billing.calls import billed_calls
from wacost.billing.documents.formats import (
    ANNEXES,
    DEFAULT_FORMATS,
    FORMATS,
    TABLE,
    Format,
    format_of,
)
from wacost.errors import InputError
from wacost.whole import draft_of, sweep_drafts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from duckdb import DuckDBPyConnection

    from wacost.billing.calls import BilledCall
    from wacost.billing.invoice import Invoice

    Document = tuple[Path, Invoice, Format]

__all__ = [
    "ANNEXES",
    "DEFAULT_FORMATS",
    "FORMATS",
    "drafts_beside",
    "file_name",
    "has_files",
    "needs_store",
    "slug",
    "too_many_calls",
    "write_invoice",
    "write_invoices",
]

_LONGEST_SLUG: Final = 120
_ODD: Final = re.compile(r"^[-.]|[^A-Za-z0-9_.-]")


def write_invoice(
    invoice: Invoice,
    out_dir: Path,
    formats: Sequence[str] = DEFAULT_FORMATS,
    *,
    con: DuckDBPyConnection | None = None,
) -> list[Path]:
    """Write the documents of one invoice (see `write_invoices`) and return their paths."""
    return write_invoices([invoice], out_dir, formats, con=con)[0]


def write_invoices(
    invoices: Sequence[Invoice],
    out_dir: Path,
    formats: Sequence[str] = DEFAULT_FORMATS,
    *,
    con: DuckDBPyConnection | None = None,
    full_numbers: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[list[Path]]:
    """Write the documents of invoices; a file of the same name is replaced.

    Every document is written beside its place, and when all are there they are renamed: a full
    disk or a fault leaves what was there before, for every account.

    Args:
        invoices: what to write.
        out_dir: the folder; made where there is none.
        formats: any of `FORMATS`.
        con: the store that the invoices were made from; formats that list single calls need it.
        full_numbers: accounts whose lists of calls tell contacts in full.
        progress: told (documents done, documents in all).

    Returns:
        For each invoice its paths, in the order of `formats`. A format that the invoice has too
        many calls for is left out: see `too_many_calls`.

    Raises:
        InputError: an unknown format, or a folder that cannot be written to.
        RatingError: the calls are no longer those of the invoice.
    """
    out_dir = Path(out_dir)
    found = {wanted: format_of(wanted) for wanted in dict.fromkeys(formats)}
    _refuse_without_store(found, con)
    fitting = [
        [one for name, one in found.items() if not too_many_calls(invoice, name)]
        for invoice in invoices
    ]
    documents = [
        (out_dir / file_name(invoice, one.ending), invoice, one)
        for invoice, own in zip(invoices, fitting, strict=True)
        for one in own
    ]
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        _write_all(documents, con, full_numbers, progress)
    except OSError as error:
        raise InputError(
            f"the documents cannot be written to {str(out_dir)!r}: {error.strerror or error};"
            " what was begun is removed",
            hint="choose another folder with --out, or make room there",
        ) from None
    paths = iter(path for path, _, _ in documents)
    return [[next(paths) for _ in own] for own in fitting]


def too_many_calls(invoice: Invoice, wanted: str) -> bool:
    """Tell whether an invoice has more calls than a format is written for."""
    most = format_of(wanted).most_calls
    return most is not None and invoice.calls > most


def needs_store(formats: Iterable[str]) -> bool:
    """Tell whether one of the formats lists single calls.

    >>> needs_store(["csv", "pdf"])
    False
    """
    return any(format_of(name).calls for name in formats)


def _refuse_without_store(found: dict[str, Format], con: DuckDBPyConnection | None) -> None:
    for name, one in found.items():
        if one.calls and con is None:
            raise InputError(
                f"{name} lists single calls, and they stand in the store",
                hint="write it with `Workspace.write`, or pass the open store as con=",
            )


def file_name(invoice: Invoice, ending: str) -> str:
    """Return the name of an invoice's file: its number; of a draft account, month and kind.

    >>> from types import SimpleNamespace
    >>> made = {"account": "acme", "month": "2026-12", "kind": "expected", "currency": "INR"}
    >>> file_name(SimpleNamespace(number="INV-2026-000001"), ".pdf")
    'INV-2026-000001.pdf'
    >>> made["number"] = None
    >>> file_name(SimpleNamespace(**made, one_of_several=False), ".pdf")
    'acme-2026-12-expected.pdf'
    >>> file_name(SimpleNamespace(**made, one_of_several=True), ".pdf")
    'acme-2026-12-expected-INR.pdf'
    """
    if invoice.number:
        return f"{slug(invoice.number)}{ending}"
    currency = f"-{invoice.currency}" if invoice.one_of_several else ""
    return f"{slug(invoice.account)}-{invoice.month}-{invoice.kind}{currency}{ending}"


def has_files(number: str, folder: Path) -> bool:
    """Tell whether a folder has a final document in any format."""
    names = (f"{slug(number)}{one.ending}" for one in TABLE.values())
    return any((folder / name).is_file() for name in names)


def drafts_beside(invoice: Invoice, folder: Path) -> list[Path]:
    """Return the files that drafts of a final document left in a folder: it stands in their place.

    Args:
        invoice: the document; a correction has no drafts.
        folder: where it was written.
    """
    if not invoice.number or invoice.corrects:
        return []
    names = (file_name(replace(invoice, number=None), one.ending) for one in TABLE.values())
    return [path for name in names if (path := folder / name).is_file()]


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


def _write_all(
    documents: Sequence[Document],
    con: DuckDBPyConnection | None,
    full_numbers: Collection[str],
    progress: Callable[[int, int], None] | None,
) -> None:
    """Write every file beside its place, then put all in place."""
    written: list[tuple[Path, Path]] = []
    for folder in {path.parent for path, _, _ in documents}:
        sweep_drafts(folder)
    try:
        for done, (path, invoice, one) in enumerate(documents, start=1):
            beside = draft_of(path)
            written.append((beside, path))
            with beside.open("xb") as file:
                full = invoice.account in full_numbers
                calls = billed_calls(con, invoice, full_numbers=full) if con else None
                _write(one, invoice, calls, file)
            if progress is not None:
                progress(done, len(documents))
        _put(written)
    finally:
        for beside, _ in written:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _write(
    one: Format, invoice: Invoice, calls: Iterator[BilledCall] | None, file: BinaryIO
) -> None:
    if one.calls and calls is not None:
        one.load()(invoice, calls, file)
    else:
        file.write(one.load()(invoice))


def _put(written: Sequence[tuple[Path, Path]]) -> None:
    """Rename every file into its place; what can be in the way is looked at before the first."""
    for _, path in written:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{path.name} is a folder")
    for beside, path in written:
        beside.replace(path)
