"""The command group: names and one line of help here, everything else in the command's module."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import click

_HELP: Final = """An exact second opinion on a WhatsApp Business calling bill.

\b
  wacost demo                                  three months of simulated calls, to the invoice
  wacost init acme && cd acme                  a workspace of your own
  wacost ingest webhooks/*.jsonl               load what your webhook received
  wacost rate --month 2026-10                  price the month, write the invoices
  wacost explain wacid.HBgM...                 how one charge came about
  wacost quote '+55 11 98765-4321' --seconds 61
"""

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("demo", "Three months of simulated calls: ingested, rated, invoiced."),
    "init": ("init", "Make an empty workspace."),
    "simulate": ("simulate", "Write simulated webhook files and the truth about them."),
    "ingest": ("ingest", "Load webhook files and tables into the workspace."),
    "serve": ("serve", "Receive webhooks into the workspace's inbox."),
    "quarantine": (
        "quarantine",
        "What was refused, and which calls are held: list, show, decide.",
    ),
    "rate": ("rate", "Price a month and write its invoices."),
    "invoices": ("invoices", "What was issued: list, show, verify, write."),
    "costs": ("costs", "What a rated month costs."),
    "margin": ("margin", "Cost, sale and margin of a rated month."),
    "balance": ("balance", "Prepaid balances: exact today, an honest range for tomorrow."),
    "missed": (
        "missed",
        "Missed calls of a month: how many, who still waits, who was called back.",
    ),
    "quality": (
        "quality",
        "Service quality of a month: ASR, ACD, NER, error codes, one-way audio.",
    ),
    "permissions": (
        "permissions",
        "Permissions to call: of one CONTACT, or the funnel of a month.",
    ),
    "agents": (
        "agents",
        "Agents: handled calls, talk time, occupancy, one call at a time checked.",
    ),
    "windows": ("windows", "Customer service windows: of a month, or those about to close."),
    "availability": (
        "availability",
        "Where calls are offered, and calls of a month that contradict it.",
    ),
    "settings": (
        "settings",
        "Calling settings of each number over time, and calls that contradict them.",
    ),
    "quote": ("quote", "Price one call."),
    "explain": ("explain", "Tell how the charge of a call came about."),
    "compare": ("compare", "The same calls under several rate cards."),
    "cards": ("cards", "List, show, check, compare and import rate cards."),
    "export": ("export", "Calls and charges for other tools: CSV, Parquet, XLSX."),
    "lab": ("lab", "JupyterLab on the notebooks of the workspace."),
    "report": ("report", "The notebooks of a month as one file."),
    "redact": ("redact", "Take the contacts out of calls that ended before a day."),
    "forget": ("forget", "Take one contact out of everything, for good."),
    "doctor": ("doctor", "Check every invariant of the store."),
}
"""Command -> (module of `wacost.cli`, one line of help)."""


def name_variables(command: click.Command, prefix: str) -> None:
    """Name every option's environment variable after its flag; click would take Python's name."""
    for option in command.params:
        if isinstance(option, click.Option) and option.envvar is None:
            flag = max(option.opts, key=len).lstrip("-")
            option.envvar = f"{prefix}_{flag}".replace("-", "_").upper()
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            name_variables(child, f"{prefix}_{name}")


class LazyGroup(click.Group):
    """A group that imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"wacost.cli.{COMMANDS[cmd_name][0]}").command
        name_variables(command, f"WACOST_{cmd_name}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of this name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            from wacost.names import nearest

            hint = nearest(args[0], COMMANDS, "command")
            raise click.UsageError(f"{problem.message} ({hint})", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    help=_HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="wacost", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def wacost(ctx: click.Context, debug: bool) -> None:
    """Print the help where no command is given."""
    remember_debug(ctx, debug)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def remember_debug(ctx: click.Context, *_: Any) -> None:
    """Keep for the error handler that a traceback is wanted."""
    if _ and _[-1]:
        ctx.meta["wacost.debug"] = True
