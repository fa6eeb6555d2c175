"""Load files as they appear: what is whole, once, whatever is killed in between.

A closed segment of the inbox never changes again and is loaded when it is first seen. Of any other
file nobody says when it is whole, so it is loaded once two looks in a row have found it the same;
one that changes afterwards is loaded again as a whole, which adds only what is new. A file that the
store has (`sources`: name, size, fingerprint) is left alone, so a restart begins where it ended.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.errors import InputError
from wacost.ingest.files import files_below, find_sources
from wacost.ingest.inbox import adopt, is_closed, settled
from wacost.ingest.load import Handling, fingerprint
from wacost.ingest.run import ingest
from wacost.ingest.tables.choose import tables_among
from wacost.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wacost.config import ImportMapping
    from wacost.ingest.files import Source
    from wacost.ingest.report import IngestReport

_Stamp = tuple[int, int, int]
_WAIT_S: Final = 5


class Watcher:
    """Folders and files under watch; every look loads what is new.

    Args:
        store_path: the DuckDB file.
        paths: folders and files; one that is not there yet may come.
        imports: how tables are read, as in `ingest`.
        format: the only format there may be, as in `ingest`.
        handling: what to do about contradictions; default: hold such calls back.
    """

    def __init__(
        self,
        store_path: Path,
        paths: Sequence[Path],
        imports: Mapping[str, ImportMapping] | None = None,
        format: str | None = None,  # noqa: A002 - as the command line's --format
        handling: Handling | None = None,
    ) -> None:
        self._store_path, self._paths = store_path, paths
        self._imports, self._format = imports or {}, format
        self._handling = handling or Handling()
        self._seen: dict[Path, _Stamp] = {}
        self._done: dict[Path, _Stamp] = {}
        self.refused: list[InputError] = []
        """Files of the last look that cannot be read at all; told once each."""

    def look(self) -> list[IngestReport]:
        """Load what is new and whole; one report, or one a file where some file is refused.

        Raises:
            StoreLockedError: another process holds the store: look again.
            StoreError: the store cannot be used; nothing is half written.
        """
        self.refused = []
        whole = dict(self._whole())
        sources = self._unknown(list(whole)) if whole else []
        files = [source.path for source in sources if source.path is not None]
        reports = self._load(files) if files else []
        self._done |= whole
        return reports

    def _load(self, files: list[Path]) -> list[IngestReport]:
        """Load files at once; where one is refused each alone, so that it stops no other."""
        try:
            return [
                ingest(
                    self._store_path,
                    files,
                    imports=self._imports,
                    format=self._format,
                    wait_s=_WAIT_S,
                    handling=self._handling,
                )
            ]
        except InputError as error:
            if len(files) == 1:
                self.refused.append(error)
                return []
        return [report for file in files for report in self._load([file])]

    def _whole(self) -> Iterator[tuple[Path, _Stamp]]:
        """Yield the files to look at closely, each with its stamp of now."""
        for file in dict.fromkeys(self._files()):  # named, and in a folder: one look at it
            try:
                stat = file.stat()
            except OSError:  # gone meanwhile
                continue
            stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
            before, self._seen[file] = self._seen.get(file), stamp
            if self._done.get(file) != stamp and (is_closed(file) or before == stamp):
                yield file, stamp

    def _files(self) -> Iterator[Path]:
        for path in self._paths:
            if path.is_dir():
                adopt(path)
                yield from self._readable(path)
            elif (file := settled(path)) is not None and os.path.lexists(file):
                yield file

    def _readable(self, folder: Path) -> list[Path]:
        try:
            return sorted(files_below(folder))
        except InputError as error:
            self.refused.append(error)
            return []

    def _unknown(self, files: Sequence[Path]) -> list[Source]:
        """Return the sources that the store does not have as they are."""
        known = self._known()
        home = self._store_path.absolute().parent
        unknown = []
        for file in files:
            try:
                found = find_sources([file], home)
                new = [s for s in found if known.get(s.name) != fingerprint(file)]
                # A table that nothing can read holds up no other file.
                by = self._format if self._format in self._imports else None
                tables_among([(0, source, file) for source in new], self._imports, by)
                unknown += new
            except InputError as error:
                self.refused.append(error)
            except OSError as error:
                self.refused.append(InputError(f"{file} cannot be read: {error.strerror}"))
        return unknown

    def _known(self) -> dict[str, str]:
        if not self._store_path.exists():
            return {}
        with open_store(self._store_path, wait_s=_WAIT_S) as con:
            return dict(con.execute("SELECT source, fingerprint FROM sources").fetchall())
