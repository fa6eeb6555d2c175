"""The command line: the only place that prints, exits or reads argv.

A command's module is imported when the command is used, so that help comes at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (see `wacost.cli.run`)."""
    from wacost.cli.run import run

    return run(argv)
