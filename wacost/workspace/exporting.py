"""Calls and charges of a workspace as files for other tools."""

from __future__ import annotations

import contextlib
from pathlib import Path

from wacost.errors import InputError
from wacost.months import checked_month
from wacost.whole import draft_of, sweep_drafts
from wacost.workspace.issuing import Issuing


class Exporting(Issuing):
    """The part of a workspace that hands its tables on."""

    def export(
        self,
        what: str,
        file: str | Path,
        *,
        format: str = "csv",  # noqa: A002 - as the command line's --format
        month: str | None = None,
        account: str | None = None,
        side: str | None = None,
        numbers: str | None = None,
    ) -> int:
        """Write calls or charges to a file, whole or not at all, and return how many rows.

        Args:
            what: "calls" or "charges": the columns of that view.
            file: where to; one that is there is replaced.
            format: "csv", "parquet" or "xlsx"; see `wacost.analytics.export`.
            month: like "2026-10", local to each account; None: all.
            account: only its rows; None: all.
            side: of charges: "cost" or "sale"; None: both.
            numbers: how contacts are told: "masked" or "full"; default: what each account says,
                else masked.

        Raises:
            InputError: what cannot be exported, or a file that cannot be written.
        """
        from wacost.analytics.export import checked_export, export_file  # noqa: PLC0415

        checked_export(what, format)
        file = Path(file)
        beside = draft_of(file)
        asked = {"month": month and checked_month(month), "account": self._named(account)}
        full = [*self._full_numbers(numbers), *([""] if numbers == "full" else [])]
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            sweep_drafts(file.parent)
            with self.reading() as con:
                rows = export_file(
                    con,
                    beside,
                    what=what,
                    format=format,
                    side=side,
                    zones=self._zones(),
                    full_numbers=full,
                    **asked,
                )
            beside.replace(file)
        except OSError as error:
            raise InputError(
                f"{str(file)!r} cannot be written: {error.strerror or error}; what was begun is"
                " removed",
                hint="choose another place, or make room there",
            ) from None
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        return rows
