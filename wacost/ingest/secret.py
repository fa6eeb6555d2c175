"""The workspace's secret key, and the keyed hashes that stand for what was redacted."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.errors import StoreError

if TYPE_CHECKING:
    import duckdb

KEY_NAME: Final = ".wacost-key"
KEY_BYTES: Final = 32
HASH_DIGITS: Final = 32
_BLOCK: Final = 64


def read_key(folder: Path) -> bytes | None:
    """Return the key of a workspace; None where nothing was ever redacted.

    Raises:
        StoreError: the file is no key.
    """
    path = folder / KEY_NAME
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(key) != KEY_BYTES:
        raise StoreError(
            f"{path} is not a key of wacost", hint="restore it from a copy: 32 bytes, never edited"
        )
    return key


def make_key(folder: Path) -> bytes:
    """Return the key of a workspace, made where there is none; only its owner can read it."""
    if key := read_key(folder):
        return key
    write_private(folder / KEY_NAME, secrets.token_bytes(KEY_BYTES))
    return read_key(folder) or b""


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read: whole, or not at all, and on the disk."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def keyed(key: bytes, kind: str, text: str) -> str:
    """Return the hash that stands for a text: HMAC-SHA256, its first 128 bits.

    Args:
        key: the workspace's, or one that is thrown away.
        kind: "call" (also a message's id) or "contact": a text of two kinds is not tied.
        text: a call id, a number's digits or a user id.

    >>> keyed(b"k" * 32, "call", "wacid.A")
    'ef4fe4eabb2d12d07b0226b0f7184fb4'
    """
    digest = hmac.new(key, f"{kind}\x1f{text}".encode(), "sha256").hexdigest()
    return digest[:HASH_DIGITS]


def prepare_keyed(con: duckdb.DuckDBPyConnection, name: str, key: bytes) -> None:
    """Give a connection the macro `name`(kind, text): the same hash, for sets.

    Args:
        con: any connection; the key stays in its memory.
        name: "keyed" or "home_keyed", constant text.
        key: the key.
    """
    block = key.ljust(_BLOCK, b"\0")
    pads = [bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C)]
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name}_pads AS SELECT $1::BLOB AS inner, $2::BLOB AS outer",
        pads,
    )
    inner = f"unhex(sha256((SELECT pads.inner FROM {name}_pads AS pads) || encode(kind || chr(31) || told)))"  # noqa: E501, S608
    digest = f"sha256((SELECT pads.outer FROM {name}_pads AS pads) || {inner})"  # noqa: S608
    con.execute(f"CREATE OR REPLACE TEMP MACRO {name}(kind, told) AS left({digest}, {HASH_DIGITS})")
