"""The folders beside a store in which loads work: their names, and what killed ones left."""

from __future__ import annotations

import glob
import os
import shutil
import threading
from pathlib import Path
from typing import Final

from wacost.whole import is_running

_WORK: Final = ".load-"


def work_folder(path: Path) -> Path:
    """Return the folder in which this thread may work on a store; it is not made."""
    return path.with_name(f"{path.name}{_WORK}{os.getpid()}-{threading.get_ident()}")


def dead_work(path: Path) -> list[Path]:
    """Return the folders that loads left whose process is gone: they may hold raw bodies."""
    try:
        beside = list(path.parent.glob(f"{glob.escape(path.name)}{_WORK}*"))
    except OSError:  # whoever opens the store says what is in the way
        return []
    return sorted(folder for folder in beside if not _is_alive(folder.name))


def clear_dead_work(path: Path) -> None:
    """Remove what `dead_work` finds, as far as the system allows it."""
    for folder in dead_work(path):
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(name: str) -> bool:
    return is_running(name.rpartition(_WORK)[2].partition("-")[0])
