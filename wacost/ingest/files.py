"""From what the user named to the files to read, in order, each once, each with its name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from wacost.errors import PayloadError
from wacost.ingest.inbox import is_part, settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENDINGS: Final = (".json", ".jsonl", ".ndjson")
PACKINGS: Final = (".gz", ".zst")
TABLES: Final = (".csv", ".tsv", ".xlsx")
OLD: Final = (".xls", ".ods")
STDIN: Final = "<stdin>"
TRUTH: Final = "truth.json"
"""What a simulation writes beside its webhooks: no webhook, so no folder yields it."""


@dataclass(frozen=True)
class Source:
    """One file to read.

    Attributes:
        name: as the store knows it: relative to the workspace where it is inside.
        path: the file; for standard input None.
        is_named: the user named this very file, and not a folder that it lies in.
    """

    name: str
    path: Path | None
    is_named: bool = True

    @property
    def is_table(self) -> bool:
        """Whether the name is a table's."""
        return _unpacked(self.name).endswith(TABLES)

    @property
    def is_document(self) -> bool:
        """Whether the name leaves open that the file is one body over many lines."""
        return not _unpacked(self.name).endswith((".jsonl", ".ndjson"))


def _unpacked(name: str) -> str:
    """Return a name in small letters without the ending of its packing."""
    name = name.lower()
    for packing in PACKINGS:
        name = name.removesuffix(packing)
    return name


def find_sources(paths: Sequence[Path | Literal["-"]], home: Path) -> list[Source]:
    """Return every file below `paths`, each once; folders are walked in the order of names.

    A segment of the inbox that is still being written is left out.

    Args:
        paths: files, folders, or "-" for standard input.
        home: the workspace, which names are relative to.

    Raises:
        PayloadError: a path that is not there, cannot be read, has a name that is not UTF-8 or is
            of a kind that wacost does not read, or a folder without any webhook file.
    """
    found: dict[Path | None, Source] = {}
    for path in paths:
        if path == "-":
            found.setdefault(None, Source(STDIN, None))
            continue
        for file in _files(Path(path)):
            real = file.resolve()
            is_named = file == Path(path)
            found.setdefault(real, Source(_name(real, home.resolve()), file, is_named))
    if paths and not found:
        raise PayloadError(
            f"{paths[0]} is still being written",
            hint="it can be read once `wacost serve` has closed it and its name ends in .jsonl",
        )
    return list(found.values())


def _files(named: Path) -> list[Path]:
    path = settled(named)
    if path is None:
        return []
    if not os.path.lexists(path):
        raise PayloadError(f"{path} does not exist", hint="check the path, or quote the pattern")
    if path.is_dir():
        files = sorted(files_below(path))
        if not files:
            raise PayloadError(
                f"There is no webhook file in the folder {path}",
                hint=f"files end in {', '.join(ENDINGS + TABLES)}, also with .gz or .zst",
            )
        for file in files:
            _check_readable(file)
        return files
    if path.suffix.lower() in OLD:
        raise PayloadError(
            f"{path} is a spreadsheet of a kind that is not read",
            hint="save it as .xlsx or .csv",
        )
    _check_readable(path)
    return [path]


def files_below(folder: Path) -> Iterator[Path]:
    """Return the webhook files of a folder and the folders in it; hidden ones are left out.

    Raises:
        PayloadError: a folder cannot be read.
    """
    return (file for file in _shown_below(folder) if is_source(file.name))


def files_left(folder: Path) -> list[Path]:
    """Return the files below a folder that a load of it does not read, by name.

    Hidden ones, what a simulation keeps beside its webhooks and segments that are still being
    written are not meant to be read. Nor is what lies in a workspace outside its inbox.
    """
    if not folder.is_dir() or (folder / "wacost.toml").exists():
        return []
    return sorted(
        file
        for file in _shown_below(folder)
        if not is_source(file.name) and file.name.lower() != TRUTH and not is_part(file)
    )


def _shown_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and the folders in it; hidden ones are left out."""

    def fail(error: OSError) -> None:
        raise PayloadError(
            f"The folder {error.filename} cannot be read: {error.strerror}",
            hint="check the rights of the folder",
        ) from error

    for here, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(here, name)
            if not name.startswith(".") and file.is_file():
                yield file


def webhook_files(folder: Path) -> list[Path]:
    """Return every webhook file below a folder, by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(f for f in files_below(folder) if not _unpacked(f.name).endswith(TABLES))


def table_files(folder: Path) -> list[Path]:
    """Return every table below a folder, by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(f for f in files_below(folder) if _unpacked(f.name).endswith(TABLES))


def is_source(name: str) -> bool:
    """Tell by its ending whether a file of a folder is read.

    >>> is_source("a.jsonl.gz"), is_source("truth.txt"), is_source("a.gz")
    (True, False, False)
    """
    return name.lower() != TRUTH and _unpacked(name).endswith(ENDINGS + TABLES)


def _check_readable(file: Path) -> None:
    if not file.exists():
        raise PayloadError(f"{file} leads nowhere", hint="it is a link to a file that is gone")
    if not os.access(file, os.R_OK):
        raise PayloadError(
            f"{file} cannot be read: permission denied", hint="check the rights of the file"
        )


def _name(real: Path, home: Path) -> str:
    name = real.relative_to(home).as_posix() if real.is_relative_to(home) else real.as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        raise PayloadError(
            f"The name of {name} is not UTF-8", hint="give the file another name"
        ) from None
    return name
