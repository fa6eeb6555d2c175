"""`wacost init`: an empty workspace."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from wacost.cli.common import debug_option, write_line
from wacost.config import make_workspace
from wacost.lab import place_notebooks


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@debug_option
def command(*, folder: Path) -> None:
    """Make an empty workspace.

    DIR gets a commented wacost.toml, the notebooks, and the folders inbox, invoices and rates. What
    is there already is left alone; a wacost.toml that is there already is not replaced.
    """
    file = make_workspace(folder)
    place_notebooks(folder)
    write_line(f"Made {file}")
    click.echo("Next: name your account, its card and its time zone there; then")
    write_line(f"  wacost ingest WEBHOOK-FILES -w {shlex.quote(str(folder))}")
