"""`wacost explain`: how a charge came about."""

from __future__ import annotations

from pathlib import Path

import click

from wacost.cli.common import debug_option, json_option, open_at, workspace_option, write_json


@click.command()
@click.argument("call_id")
@click.option(
    "--side",
    type=click.Choice(["cost", "sale"]),
    default="cost",
    show_default=True,
    help="What the supplier charges, or what the customer is charged.",
)
@workspace_option
@json_option
@debug_option
def command(*, call_id: str, side: str, workspace: Path | None, as_json: bool) -> None:
    """Tell how the charge of a call came about.

    Every step from the call to the amount, with the row of the rate card and where it was found.
    """
    explanation = open_at(workspace).explain(call_id, side=side)
    if as_json:
        write_json(explanation.as_dict())
    else:
        click.echo(explanation.text())
