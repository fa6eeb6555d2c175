"""A checkpoint that is cut short, even amid a block, loses nothing and leaves nothing behind."""

import shutil
import subprocess
import sys

import pytest

from wacost.errors import StoreError, StoreVersionError
from wacost.store import open_store, transaction
from wacost.store.undo import undo_of

HEADERS = 3 * 4096
WORDS = "SELECT count(*), sum(records)::BIGINT FROM words"
FOUND = [(3000, 4498500)]


def add(con, first, count):
    with transaction(con):
        con.execute(
            "INSERT INTO words SELECT 'field', 'word ' || n, 'source', n FROM range(?, ?) AS r(n)",
            [first, first + count],
        )


def beside(path):
    return sorted(one.name for one in path.parent.iterdir())


def words(path, *, read_only):
    with open_store(path, read_only=read_only) as con:
        return con.execute(WORDS).fetchall()


def copied(path, folder):
    """Copy a store as a killed process leaves it, with its log and what was kept; return where."""
    folder.mkdir()
    for one in path.parent.glob(f"{path.name}*"):
        shutil.copy(one, folder)
    return folder / path.name


@pytest.fixture
def cut(tmp_path):
    """A store whose process was killed before its checkpoint, and one for which it got through."""
    (tmp_path / "through").mkdir()
    path = tmp_path / "through" / "wacost.duckdb"
    with open_store(path) as con:
        add(con, 0, 1000)
    with open_store(path) as con:
        add(con, 1000, 2000)
        before = copied(path, tmp_path / "before")
    return before, path


def blocks(undo):
    """Return where the kept blocks begin."""
    kept = undo.read_bytes()
    size = int.from_bytes(kept[HEADERS : HEADERS + 8])
    starts = range(HEADERS + 8, len(kept), 8 + size)
    return [int.from_bytes(kept[start : start + 8]) for start in starts]


def spoil(before, through):
    """Write the begin of each block over the old one, as a write does that is cut short."""
    new = through.read_bytes()
    with before.open("r+b") as file:
        for at in blocks(undo_of(before)):
            file.seek(at)
            file.write(new[at : at + 4096])


@pytest.mark.parametrize("read_only", [False, True])
def test_a_block_that_was_written_by_half_is_put_back(cut, read_only):
    before, through = cut
    spoil(before, through)
    assert words(before, read_only=read_only) == FOUND
    assert not undo_of(before).exists()
    assert words(before, read_only=False) == FOUND
    assert beside(before) == ["wacost.duckdb"]


def test_without_what_was_kept_such_a_store_would_be_lost(cut):
    before, through = cut
    spoil(before, through)
    undo_of(before).unlink()
    with pytest.raises(StoreVersionError, match="damaged"):
        words(before, read_only=True)


def test_a_checkpoint_that_got_through_is_not_taken_back(cut):
    before, through = cut
    shutil.copy(undo_of(before), through.parent)  # its process was killed before it removed them
    now = through.read_bytes()
    assert words(through, read_only=True) == FOUND
    assert through.read_bytes() == now
    assert words(through, read_only=False) == FOUND
    assert beside(through) == ["wacost.duckdb"]


def test_what_was_kept_of_another_store_is_not_put_into_this_one(cut, tmp_path):
    before, _ = cut
    path = tmp_path / "wacost.duckdb"
    with open_store(path) as con:
        add(con, 0, 1000)
    shutil.copy(undo_of(before), undo_of(path))
    now = path.read_bytes()
    assert words(path, read_only=True) == [(1000, 499500)]
    assert path.read_bytes() == now
    assert not undo_of(path).exists()


def test_nobody_takes_it_away_while_its_process_is_at_work(tmp_path):
    path = tmp_path / "wacost.duckdb"
    look = "import sys, pathlib, wacost.store.undo as u; u.mend(pathlib.Path(sys.argv[1]))"
    with open_store(path) as con:
        add(con, 0, 1000)
        kept = undo_of(path).read_bytes()
        subprocess.run([sys.executable, "-c", look, path], check=True)
        assert undo_of(path).read_bytes() == kept
    assert beside(path) == ["wacost.duckdb"]


def test_what_cannot_be_kept_is_not_committed(tmp_path):
    path = tmp_path / "wacost.duckdb"
    with open_store(path) as con:
        add(con, 0, 1000)
    with open_store(path) as con:
        undo_of(path).mkdir()
        with pytest.raises(StoreError, match="cannot be used") as refused:
            add(con, 1000, 2000)
    assert refused.value.hint
    undo_of(path).rmdir()
    assert words(path, read_only=True) == [(1000, 499500)]
    assert beside(path) == ["wacost.duckdb"]
