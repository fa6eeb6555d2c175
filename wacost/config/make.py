"""Make an empty workspace: its folders and a commented wacost.toml."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from wacost.config.model import Config
from wacost.config.read import FILE_NAME, parse_config
from wacost.errors import ConfigError
from wacost.whole import write_whole

FOLDERS: Final = ("inbox", "invoices", "rates", "notebooks")


def template() -> str:
    """Return the wacost.toml of a new workspace: one account, every other key commented out."""
    return Path(__file__).with_name("template.toml").read_text(encoding="utf-8")


def make_workspace(folder: Path, text: str | None = None) -> Path:
    """Make a workspace in a folder and return the path of its wacost.toml.

    Args:
        folder: made where it is not there.
        text: what the wacost.toml says; None: the template.

    Raises:
        ConfigError: it is a workspace already.
    """
    file = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError(
            f"{folder} cannot be a folder: there is a file", hint="name a new folder"
        ) from None
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        raise ConfigError(
            f"{folder} is a workspace already", hint=f"edit {file}, or choose another folder"
        ) from None
    try:
        write_whole(file, (template() if text is None else text).encode())
    except OSError:  # an empty one would be a workspace that names no account
        file.unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()  # ours, or it is not empty
        raise
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    return file


def add_import(config: Config, name: str, toml: str) -> Config:
    """Append a mapping to the wacost.toml of a workspace and return what the file says then.

    Args:
        config: what it says now.
        name: of the mapping.
        toml: its block, `[imports.name]` and what follows.

    Raises:
        ConfigError: the name is taken, or the block is no mapping; the file stays as it is.
    """
    file = config.folder / FILE_NAME
    if name in config.imports:
        raise ConfigError(f"[imports.{name}] stands in {file} already", hint="choose another name")
    text = f"{file.read_text(encoding='utf-8').rstrip()}\n\n{toml}\n"
    try:
        longer = parse_config(text, config.folder)
    except ConfigError as problem:  # its line is one that nobody can look at
        raise ConfigError(
            f"the mapping is not whole and not kept: {problem.message.rpartition(': ')[2]}",
            hint=f"paste it into {file} and add {problem.hint or 'that'}",
        ) from problem
    write_whole(file, text.encode())
    return longer
