"""Run a command line: every error becomes a sentence, a hint and an exit code.

0 fine; 1 a problem found or an action refused; 2 wrong usage; 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from wacost.cli.group import wacost
from wacost.errors import WacostError
from wacost.names import printable

FINE: Final = 0
PROBLEM: Final = 1
INTERRUPTED: Final = 130

_HINTS: Final = {
    errno.ENOSPC: "free some space and run it again: what is half done is not kept",
    errno.EDQUOT: "free some space and run it again: what is half done is not kept",
    errno.EFBIG: "choose a disk that takes files of this size, or lift the limit (ulimit -f)",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a folder that you may write to",
    errno.ENOENT: "check the path",
}


def run(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; nothing but the code and the output remains.

    Args:
        argv: the arguments after the program's name; None: those of the process.
    """
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal of another alphabet gets ? and no traceback
            stream.reconfigure(errors="replace")
    debug = _Debug()
    try:
        return _invoke(list(sys.argv[1:] if argv is None else argv), debug)
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", "", INTERRUPTED)
    except BrokenPipeError:
        _hush()
        return PROBLEM
    except Exception as problem:
        if debug.wanted:
            raise
        return _say(*_sentence(problem), PROBLEM)


class _Debug:
    """Whether a traceback is wanted, as far as the command line was read."""

    context: click.Context | None = None

    @property
    def wanted(self) -> bool:
        return self.context is not None and bool(self.context.meta.get("wacost.debug"))


def _invoke(args: list[str], debug: _Debug) -> int:
    try:
        with wacost.make_context("wacost", args, auto_envvar_prefix="WACOST") as context:
            debug.context = context
            code = wacost.invoke(context)
            sys.stdout.flush()
            return code if isinstance(code, int) else FINE
    except click.exceptions.Exit as problem:
        return problem.exit_code


def _sentence(problem: Exception) -> tuple[str, str]:
    """Turn an error into what happened and what to do."""
    if isinstance(problem, WacostError):
        return problem.message if not str(problem) else str(problem), problem.hint
    if isinstance(problem, MemoryError):
        return "there is not enough memory for this", "close other programs, or load fewer files"
    if isinstance(problem, OSError):
        what = problem.strerror or str(problem)
        where = f"{problem.filename}: " if problem.filename else ""
        return f"{where}{what[:1].lower()}{what[1:]}", _HINTS.get(problem.errno or 0, "")
    if type(problem).__module__.lstrip("_").startswith("duckdb"):
        first = str(problem).partition("\n")[0]
        hint = "ingest the raw files into a new workspace; --debug shows the traceback"
        return f"the store reports: {first}", hint
    return (
        f"wacost failed where it should not have: {type(problem).__name__}: {problem}",
        "this is a bug: run it again with --debug and report what you see",
    )


def _say(message: str, hint: str, code: int) -> int:
    click.echo(f"wacost: {printable(message)}", err=True)
    if hint:
        click.echo(f"hint: {printable(hint)}", err=True)
    return code


def _open_closed() -> None:
    """Let a stream that the shell has closed (`>&-`) lead to nothing: Python has None for it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
            setattr(sys, name, nowhere)


def _hush() -> None:
    """Point stdout at nothing, so that closing it at exit does not complain once more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        return
