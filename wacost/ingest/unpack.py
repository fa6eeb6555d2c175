"""The bytes of a source, unpacked: plain, gzip and zstd, told by their first bytes."""

from __future__ import annotations

import zlib
from typing import IO, TYPE_CHECKING, Any, Final

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE: Final = 512 << 10
"""Bytes handed on at once, about: enough for what is done once for each not to count, few enough
for their memory to be used again."""

_MOST: Final = 1 << 20
"""Bytes of a piece at most: of a line that is too long no more than its beginning is looked at."""
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE: Final = (b"\x2a\x4d\x18", 1)
# What is read at once grows a thousandfold (gzip) or more (zstd: 128 KiB from 3 bytes) in a
# file made to exhaust memory: small bites keep it small.
_GZIP_READ: Final = 16 << 10
_ZSTD_READ: Final = 2 << 10


class BrokenPackingError(Exception):
    """A compressed file breaks off or is damaged; `reason` is a code of `reasons`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def packing_of(head: bytes) -> str:
    r"""Tell how a file is packed by its first bytes, whatever its name.

    >>> packing_of(b"\x1f\x8b\x08"), packing_of(b"{"), packing_of(b"\x28\xb5\x2f\xfd")
    ('gzip', 'plain', 'zstd')
    """
    if head.startswith(_GZIP):
        return "gzip"
    marker, at = _ZSTD_SKIPPABLE
    if head.startswith(_ZSTD) or head[at : at + len(marker)] == marker:
        return "zstd"
    return "plain"


def unpacked(file: IO[bytes], packing: str) -> Iterator[bytes]:
    """Yield the content in pieces of about `PIECE` bytes; of a broken file all that is whole.

    Raises:
        BrokenPackingError: after the last piece that could be read.
    """
    if packing == "plain":
        while piece := file.read(PIECE):
            yield piece
        return
    make, bite = (_gzip, _GZIP_READ) if packing == "gzip" else (_zstd, _ZSTD_READ)
    yield from _gathered(_members(file, make, bite))


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces and cut large ones; where they break off, hand on what there is first."""
    held: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= PIECE:
                whole = b"".join(held)
                held, size = [], 0
                for at in range(0, len(whole), _MOST):  # of zeros a few bytes make very many
                    yield whole[at : at + _MOST]
    except BrokenPackingError:
        yield b"".join(held)
        raise
    yield b"".join(held)


def _zstd() -> Any:
    return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()


def _gzip() -> Any:
    return zlib.decompressobj(wbits=31)


def _members(file: IO[bytes], make: Callable[[], Any], bite: int) -> Iterator[bytes]:
    """Unpack one member or frame after the other; zeros after the last are padding."""
    data = file.read(bite)
    while data:
        member = make()
        try:
            while not member.eof:
                yield member.decompress(data)
                if member.eof:
                    break
                data = file.read(bite)
                if not data:
                    raise BrokenPackingError("truncated")
        except (zlib.error, zstandard.ZstdError) as error:
            raise BrokenPackingError("corrupt") from error
        data = member.unused_data.lstrip(b"\0")
        while not data and (more := file.read(bite)):
            data = more.lstrip(b"\0")
