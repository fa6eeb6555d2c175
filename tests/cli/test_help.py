"""Help comes at once, every command has some, and errors are sentences."""

import os
import subprocess
import sys

import click
import pytest

from wacost.cli.group import COMMANDS, LazyGroup
from wacost.cli.group import wacost as group

HEAVY = [
    "duckdb",
    "pandas",
    "polars",
    "plotly",
    "pyarrow",
    "statsmodels",
    "typst",
    "rich",
    "babel",
    "phonenumbers",
    "xlsxwriter",
    "zstandard",
    "starlette",
    "uvicorn",
]


def loaded_by(code: str) -> set[str]:
    """Run code in a fresh interpreter; return the top-level modules it loaded."""
    script = f"import sys\n{code}\nprint('\\n'.join({{m.partition('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_wacost_loads_nothing_heavy():
    loaded = loaded_by("import wacost")
    assert not loaded & {*HEAVY, "click"}


def test_a_quote_in_python_loads_nothing_heavy():
    loaded = loaded_by(
        "import wacost\nwacost.load_card('meta-usd').quote('+5511987654321', seconds=61)"
    )
    assert not loaded & {*HEAVY, "click"}


def test_help_loads_nothing_heavy():
    loaded = loaded_by("from wacost.cli import main\nmain(['--help'])")
    assert not loaded & set(HEAVY)


def test_a_quote_on_the_command_line_loads_no_engine():
    loaded = loaded_by(
        "from wacost.cli import main\nmain(['quote', '+5511987654321', '--seconds', '61'])"
    )
    assert not loaded & set(HEAVY)


def test_wacost_alone_prints_help_with_examples(wacost):
    result = wacost()
    assert result.code == 0
    assert "wacost rate --month 2026-10" in result.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_begins_with_its_line_in_the_list(wacost, name):
    result = wacost(name, "--help")
    assert result.code == 0
    assert COMMANDS[name][1] in result.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_debug_and_every_report_json(name):
    command = group.get_command(None, name)
    leaves = list(command.commands.values()) if hasattr(command, "commands") else [command]
    for leaf in leaves:
        options = {option for parameter in leaf.params for option in parameter.opts}
        assert "--debug" in options
        assert all(p.help for p in leaf.params if isinstance(p, click.Option)), leaf.name
        assert "--json" in options or name in {"init", "demo", "lab", "serve"}
        if name not in {"init", "demo", "simulate"}:
            assert {"-w", "--workspace"} <= options


def test_a_wrong_command_names_the_nearest(wacost):
    result = wacost("ingset")
    assert result.code == 2
    assert "did you mean ingest?" in result.err


def test_wrong_usage_exits_with_2(wacost):
    assert wacost("rate").code == 2
    assert wacost("rate", "--month", "2026-13").code == 2
    assert wacost("quote").code == 2


def test_a_wrong_month_is_told_in_a_sentence(wacost):
    assert (
        "'2026-13' is no month; write year and month: 2026-10"
        in wacost("rate", "--month", "2026-13").err
    )


def test_no_workspace_is_told_with_what_to_do(wacost, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = wacost("rate", "--month", "2026-10")
    assert result.code == 1
    assert "there is no wacost.toml" in result.err
    assert "hint: make a workspace with `wacost init`" in result.err
    assert "Traceback" not in result.err


def test_an_unforeseen_error_is_a_sentence_and_debug_shows_it(wacost, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError("no")

    monkeypatch.setattr("wacost.cards.load_card", broken)
    result = wacost("cards", "show", "meta-usd")
    assert result.code == 1
    assert "ZeroDivisionError: no" in result.err
    with pytest.raises(ZeroDivisionError):
        wacost("cards", "show", "meta-usd", "--debug")
    with pytest.raises(ZeroDivisionError):
        wacost("--debug", "cards", "show", "meta-usd")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (MemoryError(), "not enough memory"),
        (OSError(28, "No space left on device", "x.pdf"), "x.pdf: no space left on device"),
        (OSError(30, "Read-only file system", "d"), "d: read-only file system"),
        (PermissionError(13, "Permission denied", "d"), "hint: choose a folder that you may"),
    ],
)
def test_what_the_system_refuses_is_a_sentence(wacost, monkeypatch, problem, said):
    def broken(*_args, **_more):
        raise problem

    monkeypatch.setattr("wacost.cards.load_card", broken)
    result = wacost("cards", "show", "meta-usd")
    assert result.code in {1, 130}
    assert said in result.err
    assert "Traceback" not in result.err


def test_a_reader_that_closes_early_causes_no_traceback():
    line = f"{sys.executable} -m wacost cards show plivo-usd | head -1"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout.startswith("plivo-usd")
    assert done.stderr == ""


def test_the_workspace_comes_from_the_environment(wacost, tmp_path, monkeypatch):
    monkeypatch.setenv("WACOST_WORKSPACE", str(tmp_path / "nowhere"))
    assert "nowhere" in wacost("doctor").err


def test_options_come_from_the_environment(wacost, monkeypatch):
    monkeypatch.setenv("WACOST_QUOTE_SECONDS", "61")
    monkeypatch.setenv("WACOST_QUOTE_CARD", "plivo-usd")
    assert '"card": "plivo-usd"' in wacost("quote", "+5511987654321", "--json").out


def leaves(name):
    command = group.get_command(None, name)
    if not isinstance(command, click.Group):
        return [((name,), command)]
    return [((name, sub), leaf) for sub, leaf in command.commands.items()]


OPTIONS = [
    (path, option, next(flag for flag in option.opts if flag.startswith("--")))
    for name in COMMANDS
    for path, leaf in leaves(name)
    for option in leaf.params
    if isinstance(option, click.Option)
]


def test_no_help_shows_the_sign_that_keeps_its_lines_apart(wacost):
    for path in {path for path, _, _ in OPTIONS}:
        assert "\\b" not in wacost(*path, "--help").out, path
    assert "\n  topup       what arrived" in wacost("balance", "add", "--help").out


@pytest.mark.parametrize(("path", "option", "flag"), OPTIONS)
def test_every_option_comes_from_the_variable_that_its_flag_names(path, option, flag, monkeypatch):
    prefix = "_".join(("WACOST", *path)).upper()
    variable = f"{prefix}_{flag.removeprefix('--')}".replace("-", "_").upper()
    context = click.Context(click.Command(path[-1]), auto_envvar_prefix=prefix)
    assert option.resolve_envvar_value(context) is None
    monkeypatch.setenv("WACOST_WORKSPACE" if flag == "--workspace" else variable, "x")
    assert option.resolve_envvar_value(context) == "x"


def test_options_with_other_names_in_python_come_from_the_environment(wacost, monkeypatch):
    monkeypatch.setenv("WACOST_RATE_FORMAT", "nonsense")
    assert (
        "'nonsense' is none of annex-csv, annex-pdf, csv"
        in wacost("rate", "--month", "2026-10").err
    )
    monkeypatch.setenv("WACOST_CARDS_LIST_JSON", "1")
    assert "meta-usd" in [card["name"] for card in wacost("cards", "list").json]


def test_commands_are_listed_without_being_imported():
    assert isinstance(group, LazyGroup)
    assert "wacost.cli.doctor" not in loaded_modules_of_help()


def loaded_modules_of_help() -> set[str]:
    script = "import sys\nfrom wacost.cli import main\nmain([])\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_a_wacost_toml_stands_for_its_folder(wacost, tmp_path):
    wacost("init", tmp_path)
    assert wacost("doctor", "-w", tmp_path / "wacost.toml").code == 0


def test_a_file_in_the_place_of_a_folder_is_a_sentence_with_a_hint(wacost, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for args in (("init", file), ("init", file / "x"), ("doctor", "-w", file)):
        result = wacost(*args)
        assert result.code == 1
        assert "Errno" not in result.err
        assert "\nhint: name " in result.err


@pytest.mark.parametrize("key", ["card", "timezone"])
def test_a_missing_key_is_told_with_an_example(wacost, tmp_path, key):
    kept = {"card": 'timezone = "UTC"', "timezone": 'card = "meta-usd"'}[key]
    (tmp_path / "wacost.toml").write_text(f"[accounts.acme]\n{kept}\n")
    result = wacost("doctor", "-w", tmp_path)
    assert f"{key} is missing" in result.err
    assert f"{key} = " in result.err.partition("hint: ")[2]


def test_control_characters_of_names_reach_no_terminal(wacost, tmp_path):
    wacost("init", tmp_path)
    nasty = tmp_path / "a\x1b[2Jb\nc\x07\u202e.jsonl"
    nasty.write_text("broken\n")
    for args in (("ingest", nasty), ("ingest", tmp_path / "no\x1b[2J"), ("explain", "x\x1b[2J\n")):
        result = wacost(*args, "-w", tmp_path)
        assert not {*result.out, *result.err} & {"\x1b", "\x07", "\u202e"}
        assert "\\x1b[2J" in result.err


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_stream_that_the_shell_has_closed_is_no_bug(closed):
    line = f"{sys.executable} -m wacost cards list {closed}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
