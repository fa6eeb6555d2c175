"""What one ingest did, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wacost.errors import StoreError
from wacost.language import ENGLISH, Language, mark
from wacost.markup import Sheet, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wacost.errors import Problem, WacostError

_FEW: Final = 5
_HEADS: Final = {
    "records": mark("records"),
    "new": mark("new"),
    "duplicate": mark("duplicate"),
    "quarantined": mark("quarantined"),
    "ignored": mark("ignored"),
    "calls": mark("calls"),
}


@dataclass(frozen=True)
class IngestReport(Shown):
    """The counts of one ingest: records = new + duplicate + quarantined + ignored, always.

    Attributes:
        records: items of bodies, unreadable lines and changes without items.
        new: events that the store did not have.
        duplicate: events that it had, with the same content.
        quarantined: records refused, each with a reason.
        ignored: records rightly left out, each with a reason.
        calls: calls that are new or have changed.
        problems: the first of the quarantined records.
        summary_months: months that rows of summaries tell of, new or not: they have bounds.
        reasons: how many records were quarantined or ignored, by reason code.
        warnings: what should follow the load and could not, such as a redaction that is due.
    """

    records: int = 0
    new: int = 0
    duplicate: int = 0
    quarantined: int = 0
    ignored: int = 0
    calls: int = 0
    problems: tuple[Problem, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    summary_months: tuple[str, ...] = ()
    warnings: tuple[WacostError, ...] = ()

    def __post_init__(self) -> None:
        """Hold the law of conservation: a record that got lost is a bug, not a figure."""
        if self.records != self.new + self.duplicate + self.quarantined + self.ignored:
            raise StoreError(
                f"{self.records} records were read, but {self!r} adds up to another number",
                hint="this is a bug in wacost: nothing was written; please report it",
            )

    def as_dict(self) -> dict[str, int]:
        """Return the six counts.

        >>> IngestReport(records=3, new=2, ignored=1, calls=1).as_dict()["new"]
        2
        """
        return {
            "records": self.records,
            "new": self.new,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
            "ignored": self.ignored,
            "calls": self.calls,
        }

    def sheet(self, language: Language = ENGLISH) -> Sheet:
        """Show the counts, why records were left out, and the first of those refused."""
        records = language.say("records")
        return Sheet(
            title=language.say("Loaded"),
            facts=tuple(
                (language.say(_HEADS[name]), language.decimal(count))
                for name, count in self.as_dict().items()
            ),
            columns=(language.say("left out because"), f">{records}") if self.reasons else (),
            rows=tuple((name, language.decimal(count)) for name, count in self.reasons.items()),
            notes=(
                *(f"{one.source}, line {one.line}: {one.message}" for one in self.problems[:_FEW]),
                *(warning.message for warning in self.warnings),
            ),
        )
