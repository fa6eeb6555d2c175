"""Run one ingest: sources in batches of whole files, segments side by side, then the store."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from wacost.errors import Problem, StoreError
from wacost.ingest.cut import Cutter, Segment
from wacost.ingest.files import Source, find_sources
from wacost.ingest.formats import META, checked_format
from wacost.ingest.load import SHOWN, Handling, Loaded, fingerprint, load
from wacost.ingest.meta import Parsed, parse, parser
from wacost.ingest.plain import Plain, Sieve, is_compiled
from wacost.ingest.report import IngestReport
from wacost.ingest.secret import read_key
from wacost.ingest.seen import reading_of, seen, stamp
from wacost.ingest.stage import Batch, Named
from wacost.ingest.tables.choose import table_format, tables_among
from wacost.ingest.tables.read import records_of
from wacost.store import open_store
from wacost.store.connection import WAIT_S, check_path
from wacost.store.trouble import spoken, trouble
from wacost.store.work import clear_dead_work, work_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.config import ImportMapping

BATCH: Final = 256 << 20
"""Bytes of sources, as they lie on the disk, that are written in one transaction, about.

Nobody else can use the store meanwhile, so it is no more than takes some seconds."""
_AS_USUAL: Final = Handling()


def ingest(
    store_path: Path,
    paths: Sequence[Path | Literal["-"]],
    *,
    imports: Mapping[str, ImportMapping] | None = None,
    format: str | None = None,  # noqa: A002 - as the command line's --format
    progress: Callable[[int, int], None] | None = None,
    wait_s: int = WAIT_S,
    handling: Handling = _AS_USUAL,
) -> IngestReport:
    """Read webhook files and tables into the store. Of a file all is written at once, or nothing.

    Running it again adds nothing: what the store has is a duplicate. A file that lies there as it
    was when it was loaded is not even read.

    Args:
        store_path: the DuckDB file; it is made where it is missing.
        paths: files, folders (walked for .json, .jsonl, .ndjson, .csv, .tsv, .xlsx, also .gz and
            .zst; hidden ones left out), or "-" for standard input.
        imports: how tables are read, by name.
        format: the only format that the paths hold: a name of `formats.NAMES`, bodies of another
            are then quarantined, or the mapping that reads every table of this load. None: each
            body is told by its structure, each table by the mapping that fits.
        progress: called with (bytes done, bytes in all), as the sources lie on the disk.
        wait_s: how long to wait for another process that holds the store, in seconds.
        handling: what to do about contradictions, and which refused records to read again.

    Returns:
        The counts, with the first quarantined records.

    Raises:
        InputError: there is no format of that name.
        PayloadError: a path cannot be read, a folder holds no webhook file, or a table that was
            named is fitted by no mapping or by several.
        MissingExtraError: a workbook, and their reader is not installed.
        StoreError: the store is locked, damaged or on a full or read-only disk.
    """
    mapping = format if format in (imports or {}) else None
    wanted = None if format is None or mapping else checked_format(format, imports or {})
    handling = replace(handling, key=read_key(store_path.absolute().parent))
    sources = find_sources(paths, store_path.absolute().parent)
    with _work_folder(store_path) as work:
        files = [(n, source, _file(source, work)) for n, source in enumerate(sources)]
        tables = tables_among(files, imports or {}, mapping)
        run = _Run(store_path, work, wait_s, wanted, tables, handling=handling)
        total = sum(path.stat().st_size for _, _, path in files)
        files, done = run.unseen(files)
        if progress and done:
            progress(done, total)
        for batch in _batches(files):
            run.batch(batch)
            done += sum(path.stat().st_size for _, _, path in batch)
            if progress:
                progress(done, total)
        return run.report()


def trial(
    paths: Sequence[Path | Literal["-"]],
    *,
    imports: Mapping[str, ImportMapping] | None = None,
    format: str | None = None,  # noqa: A002 - as the command line's --format
) -> IngestReport:
    """Load into an empty store that is thrown away: the counts of a first load, nothing written.

    What the workspace has already is not looked at, so a duplicate is one within these files.
    """
    with TemporaryDirectory(prefix="wacost-") as folder:
        store = Path(folder, "trial.duckdb")
        return ingest(store, paths, imports=imports, format=format)


class _Run:
    """One ingest under way: what its batches add up to."""

    def __init__(
        self,
        store_path: Path,
        work: Path,
        wait_s: int,
        wanted: str | None,
        tables: Mapping[int, ImportMapping | None],
        *,
        handling: Handling,
    ) -> None:
        self._store_path, self._work, self._wait_s = store_path, work, wait_s
        self._wanted, self._handling = wanted, handling
        self._tables = tables
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._problems: list[Problem] = []
        self._calls = 0
        self._summary_months: set[str] = set()

    def unseen(
        self, files: Sequence[tuple[int, Source, Path]]
    ) -> tuple[list[tuple[int, Source, Path]], int]:
        """Count the files that the store has; return the others, and the bytes of those."""
        known = seen(
            self._store_path,
            {source.name: (path, self._reading(number)) for number, source, path in files},
            self._handling,
        )
        for loaded in known.values():
            self._note(loaded)
        sizes = [path.stat().st_size for _, source, path in files if source.name in known]
        return [file for file in files if file[1].name not in known], sum(sizes)

    def _reading(self, number: int) -> str:
        return reading_of(self._wanted, self._tables.get(number))

    def batch(self, files: Sequence[tuple[int, Source, Path]]) -> None:
        """Parse a batch, then open the store for as long as writing takes."""
        named = [self._named(*file) for file in files]
        found = _parse_all(files, self._work, self._wanted, self._tables)
        with open_store(self._store_path, wait_s=self._wait_s) as con:
            loaded = load(con, found, named, self._handling, self._formats())
            self._note(loaded)
        for part in found.parsed:
            for path in (*part.records, *part.others, part.refused):
                path.unlink(missing_ok=True)

    def _named(self, number: int, source: Source, path: Path) -> Named:
        """Name a file as it is before it is read: what grows meanwhile is seen to be another."""
        size, mtime_ns = stamp(path)
        return Named(number, source.name, size, fingerprint(path), mtime_ns, self._reading(number))

    def _formats(self) -> dict[int, str]:
        return {n: table_format(mapping) for n, mapping in self._tables.items()}

    def _note(self, loaded: Loaded) -> None:
        self._counts += loaded.counts
        self._reasons += loaded.reasons
        self._calls += loaded.calls
        self._summary_months |= loaded.summary_months
        self._problems += loaded.problems[: SHOWN - len(self._problems)]

    def report(self) -> IngestReport:
        """Return the sum."""
        counts = self._counts
        return IngestReport(
            records=counts.total(),
            new=counts["new"],
            duplicate=counts["duplicate"],
            quarantined=counts["quarantined"],
            ignored=counts["ignored"],
            calls=self._calls,
            problems=tuple(self._problems),
            reasons=dict(sorted(self._reasons.items())),
            summary_months=tuple(sorted(self._summary_months)),
        )


def _parse_all(
    files: Sequence[tuple[int, Source, Path]],
    work: Path,
    wanted: str | None,
    tables: Mapping[int, ImportMapping | None],
) -> Batch:
    """Cut and parse side by side, with no more segments waiting than there are workers."""
    placeholder = f"no-body-{secrets.token_hex(16)}"
    workers = max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
    parsed: list[Parsed] = []
    running: set[Future[Parsed]] = set()

    memory = f"{workers * _MEMORY_MB}MB"
    with parser(work / "spill", memory) as con, ThreadPoolExecutor(workers) as pool:
        is_sieved = is_compiled() and wanted in {None, META}
        sieve = Sieve(work, pool, workers) if is_sieved else None
        cutter = Cutter(work, f'{{"object":"{placeholder}"}}'.encode(), sieve)

        def one(cursor: DuckDBPyConnection, segment: Segment) -> Parsed:
            return parse(cursor, segment, cutter, placeholder, wanted)

        whole = ((number, path, source.is_document) for number, source, path in files)
        readers = {n: partial(records_of, mapping=mapping) for n, mapping in tables.items()}
        for segment in cutter.segments(whole, readers):
            running.add(pool.submit(one, con.cursor(), segment))
            if len(running) > workers:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                parsed += [future.result() for future in done]
        parsed += [future.result() for future in running]
        return Batch(parsed, sieve.plain() if sieve else Plain())


_MEMORY_MB: Final = 1500


def _batches(
    files: Sequence[tuple[int, Source, Path]],
) -> Iterator[list[tuple[int, Source, Path]]]:
    batch: list[tuple[int, Source, Path]] = []
    size = 0
    for file in files:
        here = file[2].stat().st_size
        if batch and size + here > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += here
    if batch:
        yield batch


def _file(source: Source, work: Path) -> Path:
    """Return a file that can be read twice: what is a stream is copied first."""
    if source.path is not None and source.path.is_file():
        return source.path
    copy = work / f"stream-{secrets.token_hex(4)}"
    with copy.open("wb") as out:
        if source.path is None:
            shutil.copyfileobj(sys.stdin.buffer, out, 1 << 20)
        else:
            with source.path.open("rb") as stream:
                shutil.copyfileobj(stream, out, 1 << 20)
    return copy


@contextmanager
def _work_folder(store_path: Path) -> Iterator[Path]:
    """Make a folder beside the store while a load runs; clear away what killed ones left."""
    path = store_path.absolute()
    check_path(path)
    if not path.parent.is_dir():
        raise StoreError(
            f"The folder {path.parent} does not exist", hint="`wacost init` makes a workspace"
        )
    work = work_folder(path)
    try:
        clear_dead_work(path)
        work.mkdir()
        with spoken(path):
            yield work
    except OSError as error:
        raise trouble(path, error.strerror or str(error), error.errno) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
