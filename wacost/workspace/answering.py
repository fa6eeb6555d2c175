"""The part of a workspace that tells how calls went: missed calls, quality, agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.months import checked_month
from wacost.workspace.issuing import Issuing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.analytics.missed import Missed
    from wacost.analytics.quality import Quality
    from wacost.analytics.rows import Row
    from wacost.analytics.stage import Asked

_A_MONTH: Final = timedelta(days=31)  # calls of a month may have begun before it


class Answering(Issuing):
    """Reports on a month's calls as contacts and agents met them."""

    def missed(
        self,
        month: str,
        *,
        by: Sequence[str] = ("number",),
        account: str | None = None,
        fold_hours: int = 24,
    ) -> Any:
        """Return calls of contacts and how many nobody took, as a frame.

        Args:
            month: local to each account.
            by: some of hour, weekday, country, number, contact, account.
            account: only its calls.
            fold_hours: how long a further attempt is part of the same need.

        Returns:
            The columns of `by`, then counts: calls, answered, missed, declined, failed, unknown;
            ring_s, the median of how long it rang; lost_in_hours, lost_out_of_hours; needs, met
            (in time), waiting; pickup with pickup_low and pickup_high in percent (Wilson, 95 %).

        Raises:
            InputError: calls cannot be told by that, or the month is none.
        """
        from wacost.analytics.missed import missed_sql, prepare  # noqa: PLC0415
        from wacost.frames import frame, need  # noqa: PLC0415

        query = missed_sql(by)
        need(self.config.frames)
        with self._staged(month, account, hours=True) as (con, _):
            prepare(con, fold_hours)
            return frame(con, query, [], self.config.frames)

    def missed_report(
        self,
        month: str,
        *,
        by: Sequence[str] = (),
        account: str | None = None,
        fold_hours: int = 24,
    ) -> Missed:
        """Return missed calls, the needs behind them, who waits, and who would have been needed.

        Arguments as for `missed`; see `analytics.missed.Missed` for what it says.
        """
        from wacost.analytics.missed import missed  # noqa: PLC0415

        with self._staged(month, account, hours=True) as (con, asked):
            return missed(con, asked, by, fold_hours)

    def quality(
        self,
        month: str,
        *,
        by: Sequence[str] = ("number", "direction"),
        account: str | None = None,
        short_s: int = 10,
    ) -> Any:
        """Return ASR, NER, ACD, failed, short and one-way calls as a frame, shares with bounds.

        Args:
            month: local to each account.
            by: some of number, country, hour, weekday, direction, account, contact.
            account: only its calls.
            short_s: an answered call shorter than this is a short one, in seconds.

        Returns:
            The columns of `by`, then counts: calls, answered, reached, failed, unknown, short,
            one_way; talk_s and acd_s in seconds; asr, ner, short_share and one_way_share in
            percent, each with _low and _high (Wilson, 95 %).

        Raises:
            InputError: calls cannot be told by that, or the month is none.
        """
        from wacost.analytics.quality import prepare, quality_sql  # noqa: PLC0415
        from wacost.frames import frame, need  # noqa: PLC0415

        query = quality_sql(by)
        need(self.config.frames)
        with self._staged(month, account) as (con, _):
            prepare(con, short_s)
            return frame(con, query, [], self.config.frames)

    def quality_report(
        self,
        month: str,
        *,
        by: Sequence[str] = (),
        account: str | None = None,
        short_s: int = 10,
    ) -> Quality:
        """Return the quality of a month's calls with the error codes and their meaning.

        Arguments as for `quality`; see `analytics.quality.Quality` for what it says.
        """
        from wacost.analytics.quality import quality  # noqa: PLC0415

        with self._staged(month, account) as (con, _):
            return quality(con, month, by, short_s)

    def agents_report(self, month: str, *, account: str | None = None) -> list[Row]:
        """Return who answered a month's calls: counts, talk and span in seconds, occupancy.

        Args:
            month: local to the account.
            account: only its calls.

        Returns:
            By account and agent: handled, inbound, outbound, total_talk_s, active_days,
            total_span_s (from the first call to the last of each day), occupancy in percent,
            at_once (calls begun while another of the same agent ran) with an example.
        """
        from wacost.analytics.contacts_lists import agents  # noqa: PLC0415
        from wacost.contacts.typed import agents as typed_agents  # noqa: PLC0415

        typed = typed_agents(self.folder)
        with self._staged(month, account) as (con, _):
            return agents(con, typed)

    @contextmanager
    def _staged(
        self, month: str, account: str | None, *, hours: bool = False
    ) -> Iterator[tuple[DuckDBPyConnection, Asked]]:
        """Open the store with the calls of a month staged."""
        from wacost.analytics.stage import Asked, stage  # noqa: PLC0415
        from wacost.contacts.typed import people  # noqa: PLC0415

        checked_month(month)
        known = people(self.folder)
        asked = Asked(month, self._zones(), self._named(account), known)
        with self.reading() as con:
            stage(con, asked)
            if hours:
                self._stage_hours(con, asked)
            yield con, asked

    def _stage_hours(self, con: DuckDBPyConnection, asked: Asked) -> None:
        from wacost.analytics.missed import stage_hours  # noqa: PLC0415
        from wacost.contacts.hours import from_config, open_spans  # noqa: PLC0415

        weeks = {
            each.name: from_config(each.timezone, each.call_hours)
            for each in self.config.accounts.values()
            if each.call_hours
        }
        windows = asked.windows()
        begin, end = min(w[1] for w in windows), max(w[2] for w in windows)
        stage_hours(con, *open_spans(con, weeks, begin - _A_MONTH, end))
