"""Files are there whole or not at all, and an error of the disk is told once."""

import errno
import gc
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from wacost.config import add_import, make_workspace, read_config
from wacost.whole import write_whole
from wacost.workbooks import written_workbook

MAPPING = """
[imports.p]
columns = { call_id = "ID", contact = "Phone", started = "At", duration = "S", outcome = "O" }
timezone = "UTC"
words = { outbound = ["Out"], answered = ["Yes"] }
direction = "outbound"
"""


@contextmanager
def no_room():
    """Let no file of this process grow, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("old")
    with no_room(), pytest.raises(OSError, match=r"a\.txt") as caught:
        write_whole(file, b"new")
    assert caught.value.errno == errno.EFBIG
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
    write_whole(file, b"new")
    assert file.read_text() == "new"


def test_a_full_disk_leaves_no_workspace_that_is_none(tmp_path):
    with no_room(), pytest.raises(OSError, match=r"new/wacost\.toml"):
        make_workspace(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
    assert make_workspace(tmp_path / "new").is_file()


def test_a_mapping_that_finds_no_room_costs_no_wacost_toml(tmp_path):
    text = make_workspace(tmp_path).read_text()
    with no_room(), pytest.raises(OSError, match=r"wacost\.toml"):
        add_import(read_config(tmp_path), "p", MAPPING)
    assert (tmp_path / "wacost.toml").read_text() == text


def test_init_on_a_full_disk_is_a_sentence_that_names_the_file(tmp_path):
    program = (
        "import resource, sys\n"
        "from wacost.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, -1))\n"
        "sys.exit(main(['init', sys.argv[1]]))\n"
    )
    args = [sys.executable, "-c", program, str(tmp_path / "new")]
    done = subprocess.run(args, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first == f"wacost: {tmp_path}/new/wacost.toml: file too large"
    assert second.startswith("hint: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk at hand")
def test_a_workbook_on_a_full_disk_tells_so_once():
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - closed by the next line
    with full, pytest.raises(OSError, match="No space left"), written_workbook(full) as book:
        book.add_worksheet("a").write_string(0, 0, "x")
    gc.collect()  # what is raised where nobody can catch it would fail this test
