"""The compiled reader of plain bodies keeps to its own memory, whatever comes, however little."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from payloads.bodies import lines, plain_bodies

from wacost.ingest import plain

DRIVER = Path(__file__).with_name("plain_driver.c")
SOURCES = Path(plain.__file__).parent
WATCHED = ("-std=c11", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
EMPTY = "int main(void) { return 0; }"
BIG_ENDIAN = ("-U__BYTE_ORDER__", "-D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__")


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    """Compiles the driver beside the reader; runs it on plain lines and returns what it says."""
    compiler = shutil.which("cc")
    if not compiler or said(compiler, *WATCHED, "-o", os.devnull, "-xc", "-", of=EMPTY).returncode:
        pytest.skip("needs a C compiler with sanitizers")
    folder = tmp_path_factory.mktemp("driver")
    told = folder / "told.jsonl"
    told.write_text(lines(*plain_bodies()), encoding="utf-8")

    def run(rounds, seed=1, flags=()):
        program = folder / f"driver-{len(flags)}"
        parts = [DRIVER, SOURCES / "walk.c", SOURCES / "judge.c"]
        made = said(compiler, *WATCHED, *flags, "-I", SOURCES, "-o", program, *parts)
        assert made.returncode == 0, made.stderr
        done = said(program, told, seed, rounds)
        assert done.returncode == 0, done.stderr
        return [int(line.rpartition(":")[2]) for line in done.stdout.splitlines()]

    return run


def said(*words, of=""):
    """Run a program on a text."""
    given = [str(word) for word in words]
    return subprocess.run(given, check=False, capture_output=True, text=True, input=of)


@pytest.mark.parametrize("rounds", [8000, pytest.param(400_000, marks=pytest.mark.full)])
def test_no_line_and_no_lack_of_memory_has_it_read_or_write_beside_its_memory(
    drive, rounds, request
):
    failed, changed, found = drive(rounds, request.config.getoption("--fuzz-seed"))
    assert failed > 100
    assert 0 < found < changed == rounds


def test_where_bytes_lie_the_other_way_round_it_finds_the_same(drive):
    assert drive(2000) == drive(2000, flags=BIG_ENDIAN)
