"""What comes into a workspace: webhook files and tables, into its store."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from wacost.accounts import replace_claims
from wacost.config import Config, add_import
from wacost.errors import InputError, PayloadError, StoreError, StoreVersionError

if TYPE_CHECKING:
    from datetime import date

    from wacost.errors import WacostError
    from wacost.ingest import IngestReport, Quarantine, Redaction
    from wacost.ingest.tables.preview import Preview

STORE_NAME: Final = "wacost.duckdb"


class Intake:
    """The half of a workspace that loads.

    Attributes:
        folder: where the workspace is.
        config: what its wacost.toml says.
    """

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder = folder
        self.config = config

    @property
    def store_path(self) -> Path:
        """The DuckDB file."""
        return self.folder / STORE_NAME

    def ingest(
        self,
        *paths: str | Path,
        format: str | None = None,  # noqa: A002 - as the command line's --format
        progress: Callable[[int, int], None] | None = None,
    ) -> IngestReport:
        """Read webhook files and tables into the store; a second time adds nothing.

        Args:
            paths: files, folders, patterns, or "-" for standard input; a relative one is looked
                for in the current folder, then in the workspace. Default: the inbox.
            format: the only format that they hold: meta, ycloud, doubletick, aws, kapso (bodies of
                another are quarantined), or a mapping of `[imports]` for tables. Default: each
                body is told by its structure, each table by the mapping that fits.
            progress: called with (bytes done, bytes in all).

        Returns:
            The counts: records = new + duplicate + quarantined + ignored.
        """
        from wacost.ingest import Handling, finish, ingest  # noqa: PLC0415

        finish(self.store_path, self.config.imports)  # a redaction that was interrupted
        found = [file for path in paths or ("inbox",) for file in self._located(path)]
        report = ingest(
            self.store_path,
            found,
            imports=self.config.imports,
            format=format,
            progress=progress,
            handling=Handling(self.config.policies.contradiction),
        )
        return replace(report, warnings=tuple(self._after_load()))

    def watch(
        self,
        *paths: str | Path,
        format: str | None = None,  # noqa: A002 - the option's name
    ) -> Iterator[IngestReport | WacostError | None]:
        """Look for new files again and again, and load them; the caller decides how often.

        Segments that a killed receiver left are closed first. What the store has is not read
        again; a load is one short transaction, as in `ingest`.

        Args:
            paths: files, folders and patterns, which are looked up once. Default: the inbox.
            format: the only format there may be, as in `ingest`.

        Yields:
            The counts of what a look loaded; errors that another look may find gone (a store in
            use, a full disk, a file that cannot be read); None where a look is over.

        Raises:
            StoreVersionError: the store is newer than this wacost, or none.
        """
        from wacost.ingest import Handling, Watcher, finish  # noqa: PLC0415

        named = paths or (self.folder / "inbox",)
        found = [Path(file) for path in named for file in self._located(path)]
        handling = Handling(self.config.policies.contradiction)
        watcher = Watcher(self.store_path, found, self.config.imports, format, handling)
        while True:
            try:
                finish(self.store_path, self.config.imports)
                reports = watcher.look()
                yield from reports
                yield from self._after_load() if reports else ()
            except StoreVersionError:
                raise
            except (StoreError, InputError) as error:
                yield error
            yield from watcher.refused
            yield None

    def preview(
        self,
        *paths: str | Path,
        format: str | None = None,  # noqa: A002 - as the command line's --format
        name: str = "mine",
    ) -> tuple[list[Preview], IngestReport]:
        """Show what `ingest` would make of some files, and write nothing.

        Args:
            paths: as in `ingest`.
            format: as in `ingest`.
            name: of a mapping that has to be guessed.

        Returns:
            Of every table its first rows before and after, with the mapping that fits or a guess;
            and the counts of a load of all files into an empty store.
        """
        from wacost.ingest.tables.preview import previews  # noqa: PLC0415

        found = [file for path in paths or ("inbox",) for file in self._located(path)]
        return previews(found, self.config, wanted=format, name=name)

    def keep_import(self, name: str, toml: str) -> None:
        """Append a mapping, as `preview` writes it, to wacost.toml.

        Raises:
            ConfigError: its name is taken, or it lacks what a call cannot be read without.
        """
        self.config = add_import(self.config, name, toml)

    @property
    def quarantine(self) -> Quarantine:
        """Refused records and held calls: list, show, retry, discard, take; held, release, hold."""
        from wacost.ingest import Quarantine  # noqa: PLC0415

        return Quarantine(self.store_path, self.config.policies.contradiction, self.config.imports)

    def redact(self, before: date | None = None, *, dry_run: bool = False) -> Redaction:
        """Take the contacts out of calls that ended before a day; see `privacy.redact`."""
        from wacost.privacy import redact  # noqa: PLC0415

        self._need_store()
        return redact(self.store_path, self.config, before, dry_run=dry_run)

    def forget(self, contact: str) -> Redaction:
        """Take one contact, a number or a user id, out of everything; see `privacy.forget`."""
        from wacost.privacy import forget  # noqa: PLC0415

        self._need_store()
        return forget(self.store_path, self.config, contact)

    def _located(self, path: str | Path) -> list[Path | Literal["-"]]:
        """Return the path here, else in the workspace, else what it matches as a pattern."""
        if path == "-":
            return ["-"]
        if path == "":  # an unset variable of a shell, which must not mean this folder
            raise PayloadError("an empty text is no path", hint="name a file or a folder")
        for found in (Path(path), self.folder / path):
            if os.path.lexists(found):
                return [found]
        for pattern in (str(path), str(self.folder / path)):
            if matches := sorted(glob.iglob(pattern, recursive=True)):  # noqa: PTH207 - may be absolute
                return [Path(match) for match in matches]
        if glob.has_magic(str(path)):
            raise PayloadError(f"no file matches {path}", hint="check the pattern and the folder")
        return [Path(path)]

    def _after_load(self) -> list[WacostError]:
        """Do what follows every load; return what stands in the way of it."""
        from wacost.privacy import redact_due  # noqa: PLC0415

        self._write_claims()
        return redact_due(self.store_path, self.config)

    def _write_claims(self) -> None:
        from wacost.store import open_store  # noqa: PLC0415

        with open_store(self.store_path) as con:
            replace_claims(con, self.config)

    def make_store(self) -> None:
        """Make an empty store, where there is none: every table is there, and nothing in it."""
        self._write_claims()

    def _need_store(self) -> None:
        if not self.store_path.exists():
            raise StoreError(
                f"{self.folder} has no calls yet", hint="load webhook files with `wacost ingest`"
            )
