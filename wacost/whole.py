"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_DRAFT: Final = re.compile(r"\.[0-9a-f]{16}(?:-([0-9]+))?\.part", re.ASCII)
_FORGOTTEN_S: Final = 86_400


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and rename it: what was there stays until all is there.

    Raises:
        OSError: it cannot be written; it tells of `path`.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)  # noqa: PTH105 - the same, and plainly atomic
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def draft_of(path: Path) -> Path:
    """Return where this process may write a file until all of it is there: beside its place."""
    return path.with_name(f".{secrets.token_hex(8)}-{os.getpid()}.part")


def sweep_drafts(folder: Path) -> None:
    """Remove the drafts in a folder whose process is gone, and those that are older than a day."""
    with contextlib.suppress(OSError):
        for left in folder.glob(".*.part"):
            found = _DRAFT.fullmatch(left.name)
            old = time.time() - left.stat().st_mtime > _FORGOTTEN_S
            if found and (old or (found[1] and not is_running(found[1]))):
                left.unlink()


def is_running(pid: str) -> bool:
    """Tell whether a process is there; what is no number may be one.

    >>> is_running(str(os.getpid())), is_running("x")
    (True, True)
    """
    if not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OverflowError, OSError):
        return True
    return True
