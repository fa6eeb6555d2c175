"""`wacost simulate`: webhook files with the truth attached."""

from __future__ import annotations

from pathlib import Path

import click

from wacost.cli.common import MonthType, debug_option, json_option, progress, write_json, write_line
from wacost.names import noun


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--seed", default=1, show_default=True, help="Another seed, another world.")
@click.option(
    "--months", default=3, show_default=True, type=click.IntRange(1, 60), help="How many."
)
@click.option("--end", default="2026-10", show_default=True, type=MonthType(), help="Last month.")
@click.option(
    "--calls",
    default=10_000,
    show_default=True,
    type=click.IntRange(1, 100_000_000),
    help="In all months together.",
)
@json_option
@debug_option
def command(*, out: Path, seed: int, months: int, end: str, calls: int, as_json: bool) -> None:
    """Write simulated webhook files and the truth about them.

    OUT gets the files as a webhook would have received them, and truth.json: what really
    happened, call by call. The same arguments give the same bytes.
    """
    from wacost.simulate import simulate

    with progress("simulating") as tell:
        simulate(out, seed=seed, months=months, end=end, calls=calls, progress=tell)
    files = sorted(path for path in out.rglob("*") if path.is_file())
    if as_json:
        write_json({"seed": seed, "months": months, "end": end, "calls": calls, "files": files})
    else:
        told = f"{calls} {noun(calls, 'call')} in {len(files)} {noun(len(files), 'file')}"
        write_line(f"{told} in {out}, seed {seed}")
