"""What DuckDB and the system say of a store's disk, lock or memory, as a sentence with a hint."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from wacost.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Turn what DuckDB says about a disk or memory into one sentence with a hint.

    Args:
        path: the store that the work in the block is about.

    Raises:
        StoreError: in the place of DuckDB's own error.
        KeyboardInterrupt: Ctrl-C came while DuckDB worked, which calls it an error of its own.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from error
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as error:
        raise trouble(path, str(error), None) from error
    except duckdb.TransactionException as error:
        if "conflict" not in str(error).lower():  # a commit that the disk did not take
            raise trouble(path, str(error), None) from error
        raise StoreError(
            f"{path} was changed by another thread of this process at the same time",
            hint="run it again: nothing is half written",
        ) from error


def trouble(path: Path, text: str, number: int | None) -> StoreError:
    """Return the error that says what a disk's own words mean.

    Args:
        path: the store.
        text: what the system or DuckDB said.
        number: the system's error number, where it gave one.
    """
    lower = text.lower()
    if number == errno.ENOSPC or "no space left" in lower or "file too large" in lower:
        return StoreError(
            f"The disk that holds {path} is full",
            hint="free some space and run it again: nothing is half written",
        )
    if number in {errno.EACCES, errno.EROFS, errno.EPERM} or "permission denied" in lower:
        return StoreError(
            f"{path} cannot be written or read: permission denied or a read-only folder",
            hint="check the rights of the file and its folder, or use another workspace",
        )
    if "read-only file system" in lower:
        return StoreError(
            f"{path} is on a read-only file system", hint="use a workspace on a writable disk"
        )
    if "out of memory" in lower or "failed to allocate" in lower:
        return StoreError(
            f"There was not enough memory to work on {path}",
            hint="close other programs, or load fewer files at once: nothing is half written",
        )
    reason = text.strip().splitlines()[0] if text.strip() else "unknown trouble"
    return StoreError(
        f"{path} cannot be used: {reason}",
        hint="check that the path is a file on a working disk; nothing is half written",
    )
