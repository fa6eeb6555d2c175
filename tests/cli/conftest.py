"""Run command lines in this process: the exit code, what was said, and what was printed."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from wacost.cli import main


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def wacost(capsys, monkeypatch):
    """Run `wacost ARGS…`."""
    monkeypatch.delenv("WACOST_WORKSPACE", raising=False)

    def run(*args: object) -> Result:
        code = main([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run
