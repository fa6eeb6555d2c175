"""Every command and every output of the README is run or compared."""

import contextlib
import doctest
import io
import re
import shlex
from pathlib import Path

import pytest

from wacost.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETUP = [
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/wacost demo",
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -q",
]
LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def steps(session: str) -> list[tuple[str, str]]:
    """Cut a session into (command, output)."""
    parts = re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def run(command: str) -> tuple[int, str]:
    """Run `wacost …` in this process; return the exit code and what was printed."""
    program, *arguments = shlex.split(command)
    assert program.endswith("wacost"), command
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(arguments)
    return code, out.getvalue()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A folder with the demo in it, and what the demo printed."""
    folder = tmp_path_factory.mktemp("readme")
    with contextlib.chdir(folder):
        code, out = run("wacost demo")
    assert code == 0
    return folder, out


def test_there_are_exactly_two_set_up_commands_each_one_line():
    assert [block.strip() for block in blocks("sh")] == SETUP


def test_the_check_from_nothing_runs_the_second_as_it_stands():
    assert SETUP[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_output_below_the_first_is_real(demo):
    shown = blocks("text")[0].replace(".venv/bin/wacost", "wacost")
    assert [line.split() for line in shown.splitlines()] == [
        line.split() for line in demo[1].splitlines()
    ]


def test_the_demo_fits_one_screen(demo):
    lines = demo[1].splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    ("command", "shown"),
    [step for session in blocks("console") for step in steps(session)],
    ids=lambda text: text[:40],
)
def test_a_session_prints_what_is_shown(demo, monkeypatch, command, shown):
    monkeypatch.chdir(demo[0])
    code, printed = run(command)
    assert code == 0
    assert doctest.OutputChecker().check_output(shown, printed, LIKE), printed


def test_the_library_answers_what_is_shown(demo, monkeypatch):
    monkeypatch.chdir(demo[0])
    source = "".join(blocks("python"))
    test = doctest.DocTestParser().get_doctest(source, {}, "README", "README.md", 0)
    assert len(test.examples) >= 5
    assert doctest.DocTestRunner(optionflags=LIKE).run(test).failed == 0


def test_every_command_is_named():
    from wacost.cli.group import COMMANDS

    for name in COMMANDS:
        assert f"wacost {name}" in README, name


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 120
