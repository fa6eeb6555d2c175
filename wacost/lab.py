"""The workspace's own copies of the notebooks, and JupyterLab on them.

A copy that its user has changed is never written over. Whether it was changed is told by the text
of its cells: running and saving a notebook changes nothing that counts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.bundled import bundled
from wacost.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = "notebooks"
STATE: Final = ".copied.json"
"""Which text of each notebook was copied, beside the copies: name -> hash."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What was done with the notebooks of a workspace: names of files.

    Attributes:
        new: copied for the first time.
        updated: replaced by a newer one: its user had changed nothing.
        kept: changed by its user and left alone, although a newer one exists.
    """

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def place_notebooks(workspace: Path) -> Placed:
    """Copy the notebooks into a workspace; what its user changed stays as it is.

    Args:
        workspace: the folder with the wacost.toml.
    """
    folder = workspace / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    state = _read_state(folder / STATE)
    done: dict[str, list[str]] = {"new": [], "updated": [], "kept": []}
    for shipped in sorted(bundled(FOLDER).glob("*.ipynb")):
        own, newest = folder / shipped.name, content_hash(shipped)
        told = _what_to_do(own, newest, state.get(shipped.name, ""))
        if told in {"new", "updated"}:
            _copy(shipped, own)
            state[shipped.name] = newest
        if told:
            done[told].append(shipped.name)
    _write(folder / STATE, json.dumps(state, indent=1, sort_keys=True) + "\n")
    return Placed(*(tuple(names) for names in done.values()))


def _what_to_do(own: Path, newest: str, copied: str) -> str:
    """Return new, updated, kept, or "" where the copy is the newest one."""
    if not own.exists():
        return "new"
    here = content_hash(own)
    if here == newest:
        return ""
    return "updated" if here == copied else ("kept" if copied != newest else "")


def content_hash(path: Path) -> str:
    """Return the hash of what a notebook's cells say; outputs do not count.

    A file that is no notebook has the hash of its bytes.
    """
    raw = path.read_bytes()
    try:
        cells = [[cell["cell_type"], "".join(cell["source"])] for cell in json.loads(raw)["cells"]]
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(raw).hexdigest()
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _read_state(path: Path) -> dict[str, str]:
    """Return what was copied; nothing where that is not known any more: none is replaced then."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(told) for name, told in state.items()} if isinstance(state, dict) else {}


def _copy(source: Path, target: Path) -> None:
    _write(target, source.read_text(encoding="utf-8"))


def _write(path: Path, text: str) -> None:
    """Write a file so that it is there whole or as it was."""
    write_whole(path, text.encode())


SETTINGS: Final[Mapping[str, Mapping[str, object]]] = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}
"""Defaults of JupyterLab here: it asks nothing at the first start and fetches nothing."""
_THEMES: Final = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def write_settings(folder: Path, theme: str) -> None:
    """Write the defaults of JupyterLab into a folder that JUPYTER_CONFIG_PATH names.

    What users set in JupyterLab itself stands above them.

    Args:
        folder: made where it is not there.
        theme: "light" or "dark".
    """
    place = folder / "labconfig"
    place.mkdir(parents=True, exist_ok=True)
    themes = {"@jupyterlab/apputils-extension:themes": {"theme": _THEMES[theme]}}
    text = json.dumps({**SETTINGS, **themes})
    (place / "default_setting_overrides.json").write_text(text, encoding="utf-8")
