"""What an ingest tells at a terminal: that nothing was lost, why records were refused, bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.cli.common import table
from wacost.names import noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.ingest import IngestReport
    from wacost.rating.summaries import SummaryBounds


def conservation(report: IngestReport) -> str:
    """Write the line that proves that no record was lost."""
    return (
        f"{report.records} records = {report.new} new + {report.duplicate} duplicate"
        f" + {report.quarantined} quarantined + {report.ignored} ignored;"
        f" {report.calls} {noun(report.calls, 'call')}"
    )


def bounds_of(rows: Sequence[SummaryBounds]) -> str:
    """List what the calls of summaries can have cost, then between which amounts all of it lies."""
    from wacost.rating.summaries import totals

    columns = ["month", "account", "country", "direction", ">calls", ">minutes", ">least", ">most"]
    cells = [
        [
            row.month,
            row.account or "-",
            row.country,
            row.direction,
            str(row.calls),
            f"{row.talk_seconds / 60:.2f}",
            "-" if row.least is None else str(row.least),
            "-" if row.most is None else str(row.most),
            " ".join(row.bounds.flags),
        ]
        for row in rows
    ]
    lines = [table([*columns, "flags"], cells, indent=2)]
    lines += [
        f"between {least} and {most} {currency} (bounds from a summary; no call is known)"
        for currency, (least, most) in totals(rows).items()
    ]
    if lacking := sum(row.least is None for row in rows):
        have = noun(lacking, "has no bounds, and is", "have no bounds, and are")
        lines.append(f"{lacking} of {len(rows)} {noun(len(rows), 'row')} {have} in no total")
    return "\n".join(lines)


def reasons(report: IngestReport) -> str:
    """List why records were quarantined or ignored, most frequent first."""
    most_first = sorted(report.reasons.items(), key=lambda item: (-item[1], item[0]))
    return table([">records", "reason"], [[str(n), reason] for reason, n in most_first], indent=2)
