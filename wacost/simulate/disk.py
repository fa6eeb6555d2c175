"""Write the files: by month of delivery, in every format a webhook log is kept in.

Compressed files hold their content in stored blocks: their bytes follow from the format alone
and not from the version of a compressor, so that a seed gives the same files on every machine.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from wacost.simulate.delivery import month_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.simulate.delivery import Body

_GZIP_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_GZIP_BLOCK: Final = 65_535
_ZSTD_HEAD: Final = b"\x28\xb5\x2f\xfd\xc0\x58"  # content size in 8 bytes; a window of 2 MiB
_ZSTD_BLOCK: Final = 131_072


def sorted_into_files(bodies: Sequence[Body], end: str) -> dict[str, list[Body]]:
    """Put bodies into files by month of delivery; the keys are in order.

    The month after `end` is gzipped, the one before it is in zstd, the others are plain lines; a
    body that is a page has a file of its own.
    """
    months: dict[str, str] = {}
    result: dict[str, list[Body]] = {}
    for body in bodies:
        month = month_of(body.at)
        if month not in months:
            months[month] = f"webhooks-{month}.jsonl{_suffix(month, end)}"
        name = f"webhooks-{month}.recovered.json" if body.page else months[month]
        result.setdefault(name, []).append(body)
    return {name: result[name] for name in sorted(result)}


def _suffix(month: str, end: str) -> str:
    apart = int(end[:4]) * 12 + int(end[5:]) - int(month[:4]) * 12 - int(month[5:])
    return {-1: ".gz", 1: ".zst"}.get(apart, "")


def content(name: str, bodies: Sequence[Body]) -> bytes:
    """Return the bytes of a file."""
    text = b"".join(body.text if body.page else body.text + b"\n" for body in bodies)
    if name.endswith(".gz"):
        return gzip_stored(text)
    return zstd_stored(text) if name.endswith(".zst") else text


def gzip_stored(data: bytes) -> bytes:
    """Return a gzip file (RFC 1952) of stored blocks.

    >>> import gzip
    >>> gzip.decompress(gzip_stored(b"a line"))
    b'a line'
    """
    parts = [_GZIP_HEAD]
    for begin in range(0, len(data) or 1, _GZIP_BLOCK):
        block = data[begin : begin + _GZIP_BLOCK]
        last = begin + _GZIP_BLOCK >= len(data)
        size = len(block)
        parts += [bytes([last]), size.to_bytes(2, "little"), (size ^ 0xFFFF).to_bytes(2, "little")]
        parts.append(block)
    parts += [zlib.crc32(data).to_bytes(4, "little"), (len(data) % 2**32).to_bytes(4, "little")]
    return b"".join(parts)


def zstd_stored(data: bytes) -> bytes:
    """Return a Zstandard frame (RFC 8878) of raw blocks.

    >>> import zstandard
    >>> zstandard.decompress(zstd_stored(b"a line"))
    b'a line'
    """
    parts = [_ZSTD_HEAD, len(data).to_bytes(8, "little")]
    for begin in range(0, len(data) or 1, _ZSTD_BLOCK):
        block = data[begin : begin + _ZSTD_BLOCK]
        last = begin + _ZSTD_BLOCK >= len(data)
        parts += [(len(block) << 3 | last).to_bytes(3, "little"), block]
    return b"".join(parts)
