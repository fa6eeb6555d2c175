"""Every command of the tutorial is run, in its order, and what is shown of its output is real."""

import contextlib
import doctest
import io
import os
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from wacost.cli import main

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "audit-in-ten-minutes.md").read_text(encoding="utf-8")
LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SLOW = ("wacost report", "wacost lab")
"""Run at length only: they run notebooks."""


def steps():
    """Return (command, output shown) of every console block."""
    sessions = re.findall(r"^```console\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    parts = [part for text in sessions for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def follow(folder, *, slow):
    """Type the commands one after the other, from a folder that is empty."""
    with contextlib.chdir(folder):
        for command, shown in steps():
            program, *arguments = shlex.split(command)
            if program == "cd":
                os.chdir(arguments[0])
            elif slow or not command.startswith(SLOW):
                assert program == "wacost"
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    assert main(arguments) == 0, command
                right = doctest.OutputChecker().check_output(shown or "...\n", out.getvalue(), LIKE)
                assert right, (command, out.getvalue())


def test_every_command_works_and_prints_what_is_shown(tmp_path):
    assert len(steps()) >= 12
    follow(tmp_path, slow=False)


@pytest.mark.full
@pytest.mark.skipif(find_spec("nbclient") is None, reason="pip install 'wacost[notebook]'")
def test_the_report_of_the_tutorial_is_written(tmp_path):
    follow(tmp_path, slow=True)
    assert (tmp_path / "acme" / "reports" / "2026-10.html").stat().st_size < 8_000_000


def test_every_command_is_one_that_there_is():
    from wacost.cli.group import COMMANDS

    for name in re.findall(r"`?wacost ([a-z]+)", TEXT):
        assert name in COMMANDS, name
