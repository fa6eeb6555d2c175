"""`wacost margin`: what is earned on calls that are sold on, and which are sold below cost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.analytics.margin import MARGIN_COLUMNS
from wacost.cli.common import (
    MonthType,
    by_option,
    debug_option,
    json_option,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
)
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.analytics.margin import Margin


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option("--account", help="Only this account.")
@by_option(MARGIN_COLUMNS, "country")
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str,
    account: str | None,
    by: tuple[str, ...],
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Cost, sale and margin of a rated month.

    Rate the month first. Two currencies are never set off against each other: where cost and sale
    are in different ones, both are shown and no margin.
    """
    log = open_at(workspace)
    rows = log.margin_rows(month=month, by=by, account=account)
    below = [row for row in rows if row.below_cost]
    if as_json:
        told = [row.as_dict(by) for row in rows]
        write_json({"month": month, "by": list(by), "rows": told,
                    "below_cost": [row for row in told if row["below_cost"]]})  # fmt: skip
    elif rows:
        click.echo(margin_table(rows, by))
    if not rows:
        say(f"no call of {month} is sold on: set a sell_card, and rate the month")
    for row in below:
        say(f"sold below cost: {name_of(row)}: {amount(row.margin)} {row.sale_currency}")
    for cost, sale in two_currencies(rows):
        say(f"no margin where the cost is in {cost} and the sale in {sale}")
    if gaps := sum(row.unpriced for row in rows):
        say(f"without a price on one side, in no sum: {gaps}")


def two_currencies(rows: Sequence[Margin]) -> list[tuple[str, str]]:
    """Return the pairs of currencies that are never set off against each other."""
    pairs = {(row.cost_currency or "", row.sale_currency or "") for row in rows}
    return sorted(one for one in pairs if all(one) and one[0] != one[1])


def name_of(row: Margin) -> str:
    """Name what a row is about."""
    return " ".join("?" if value is None else str(value) for value in row.by)


def amount(value: Decimal | None) -> str:
    """Write an amount; "" where there is none."""
    return "" if value is None else plain(trimmed(value))


def margin_table(rows: Sequence[Margin], by: Sequence[str]) -> str:
    """List margins, the least first."""
    columns = [*by, ">calls", ">cost", "", ">sale", "", ">margin", ""]
    cells = [
        [
            *("?" if value is None else str(value) for value in row.by),
            *(str(row.calls), amount(row.cost), row.cost_currency or ""),
            *(amount(row.sale), row.sale_currency or "", amount(row.margin)),
            "below cost" if row.below_cost else "",
        ]
        for row in rows
    ]
    return table(columns, cells)
