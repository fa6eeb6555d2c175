"""The demo's report, made once."""

import json
import subprocess
import sys

import pytest

from wacost.cli import main


def run_cli(*arguments):
    """Run a command in a process of its own; return what it printed."""
    command = [sys.executable, "-m", "wacost", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "demo"
    assert main(["demo", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def report(demo):
    """The report of 2026-10 as a file."""
    printed = run_cli("report", "--month", "2026-10", "-w", demo, "--json")
    (file,) = json.loads(printed)["files"]
    return demo / "reports" / file.rpartition("/")[2]
