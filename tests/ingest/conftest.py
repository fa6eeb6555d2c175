"""A store to load into, and ways to look at it."""

import os
import shutil

import pytest

from wacost.ingest import ingest
from wacost.store import open_store


class Loader:
    """Loads texts as files into one store and reads it back."""

    def __init__(self, folder, empty):
        self.folder = folder
        self.path = folder / "s.duckdb"
        self.number = 0
        self.empty = empty
        self.clear()

    def clear(self):
        """Begin with an empty store: a copy is quicker than making one."""
        shutil.copyfile(self.empty, self.path)

    def file(self, content, name=None):
        self.number += 1
        path = self.folder / (name or f"in-{self.number:04}.jsonl")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def __call__(self, content, name=None):
        return ingest(self.path, [self.file(content, name)])

    def touched(self, path):
        """The same file, written a moment later: it is read again."""
        stat = path.stat()
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
        return path

    def query(self, sql):
        with open_store(self.path, read_only=True) as con:
            result = con.execute(sql)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def calls(self):
        """The whole calls table, without what law 1 leaves out."""
        return self.query("SELECT * EXCLUDE (source, line, call_key) FROM call_rows ORDER BY ALL")

    def call(self):
        (only,) = self.query("SELECT * EXCLUDE (call_key) FROM call_rows")
        return only

    def quarantine(self):
        return self.query("SELECT * FROM quarantine ORDER BY ALL")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "s.duckdb"
    with open_store(path):
        pass
    return path


@pytest.fixture
def load(tmp_path, empty_store):
    return Loader(tmp_path, empty_store)
