"""The part of a workspace that tells of its contacts: permissions, windows, missed calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.issuing import Issuing
from wacost.months import checked_month

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.analytics.funnel import Funnel
    from wacost.analytics.missed import Missed
    from wacost.analytics.quality import Quality
    from wacost.analytics.rows import Row
    from wacost.analytics.stage import Asked
    from wacost.contacts.answer import Answer
    from wacost.contacts.availability import Offer
    from wacost.contacts.policies import Rulebook
    from wacost.contacts.reading import Line
    from wacost.contacts.timeline import Standing
    from wacost.contacts.typed import Asked as Typed
    from wacost.errors import InputError

Moment = datetime | str | None
_A_MONTH: Final = timedelta(days=31)  # calls of a month may have begun before it


class Contacts(Issuing):
    """Who may be asked and called, whose window is open, who waits for a call back."""

    def may_call(self, contact: str, at: Moment = None, *, number: str | None = None) -> Answer:
        """Tell whether the business may call a contact.

        Args:
            contact: a number in any format or a user id.
            at: when; without an offset on the account's clocks; None: now.
            number: from which business number: its phone number id or digits. May be left out
                where the contact has dealt with one only.

        Returns:
            An answer that is true or false, with its rule, the count used, the limit and the
            time when it will be possible.
        """
        line, instant = self._line_at(contact, at, number)
        return line.may_call(self._rules(), instant)

    def may_request(
        self,
        contact: str,
        at: Moment = None,
        *,
        number: str | None = None,
        form: str = "free_form",
    ) -> Answer:
        """Tell whether the business may ask a contact for permission to call.

        Args:
            contact: as for `may_call`.
            at: as for `may_call`.
            number: as for `may_call`.
            form: "free_form" within a conversation, or "template".
        """
        line, instant = self._line_at(contact, at, number)
        return line.may_request(self._rules(), instant, form)

    def window_open(
        self, contact: str, at: Moment = None, *, number: str | None = None
    ) -> datetime | None:
        """Return when the open customer service window of a contact closes; None: it is closed.

        Args:
            contact: as for `may_call`.
            at: as for `may_call`.
            number: as for `may_call`.
        """
        from wacost.contacts.permission import window_open  # noqa: PLC0415
        from wacost.zones import local_datetime  # noqa: PLC0415

        line, instant = self._line_at(contact, at, number)
        window = window_open(line.acts, instant)
        return None if window is None else local_datetime(self._zone(line.account), window[1])

    def standings(
        self, contact: str, at: Moment = None, *, number: str | None = None
    ) -> list[tuple[Standing, str]]:
        """Return what holds with a contact for each business number, and what led to it.

        Returns:
            Each with the account's zone. Arguments as for `may_call`.
        """
        from wacost.contacts.timeline import standing  # noqa: PLC0415

        rules = self._rules()
        return [
            (standing(line, rules, self._instant(at, line.account)), self._zone(line.account))
            for line in self._lines(contact, number)
        ]

    def permissions(self, month: str | None = None, account: str | None = None) -> Any:
        """Return permissions to call as a frame with the columns of the view `permissions`.

        Args:
            month: in which they were given, local to the account.
            account: only its own.
        """
        from wacost.analytics.listing import within_month  # noqa: PLC0415

        where, values = within_month("given_at", month, self._named(account), self._zones())
        order = "ORDER BY given_at, phone_number_id, contact, reply_id"
        return self._frame(f"SELECT * FROM permissions{where} {order}", values)  # noqa: S608

    # -- calls of a month --------------------------------------------------------------------

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

        Arguments as for `missed`.
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

        Arguments as for `quality`.
        """
        from wacost.analytics.quality import quality  # noqa: PLC0415

        with self._staged(month, account) as (con, _):
            return quality(con, month, by, short_s)

    def agents_report(self, month: str, *, account: str | None = None) -> list[Row]:
        """Return who answered a month's calls: counts, talk and span in seconds, occupancy.

        Args:
            month: local to the account.
            account: only its calls.
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

    # -- permissions -------------------------------------------------------------------------

    def permission_funnel(self, month: str, *, account: str | None = None) -> Funnel:
        """Return what became of a month's requests for permission to call, and what it cost.

        Args:
            month: in which they were made, local to the account.
            account: only its own.
        """
        from wacost.analytics.funnel import funnel, message_prices  # noqa: PLC0415
        from wacost.analytics.stage import Asked  # noqa: PLC0415
        from wacost.contacts.typed import requests  # noqa: PLC0415

        asked = Asked(checked_month(month), self._zones(), self._named(account))
        typed = requests(self.folder, self._zone(None))
        prices = message_prices(self.folder / "rates")
        with self.reading() as con:
            return funnel(con, asked, self._placed(con, typed), prices)

    def _placed(self, con: DuckDBPyConnection, typed: Sequence[Typed]) -> list[Any]:
        """Return typed requests with the account and number that they belong to."""
        from wacost.contacts.reading import placed  # noqa: PLC0415

        return [placed(con, each) for each in typed]

    # -- windows, settings, countries --------------------------------------------------------

    def windows_report(self, month: str, *, account: str | None = None) -> list[Row]:
        """Return the customer service windows that opened in a month, by account.

        Args:
            month: local to the account.
            account: only its own.

        Returns:
            Counts of windows and contacts, how many were opened by calls alone with the share
            and its bounds, and how long they stayed open, in seconds.
        """
        from wacost.analytics.contacts_lists import windows_opened  # noqa: PLC0415

        with self._staged(month, account) as (con, _):
            return windows_opened(con)

    def windows_closing(
        self, hours: int = 3, at: Moment = None, *, account: str | None = None
    ) -> list[Row]:
        """Return the service windows that are open at a moment and close within some hours.

        Args:
            hours: how soon.
            at: when; without an offset on the account's clocks; None: now.
            account: only its own.
        """
        from wacost.analytics.contacts_lists import windows_closing  # noqa: PLC0415

        name = self._named(account)
        moment = _utc(self._instant(at, name))
        with self.reading() as con:
            return windows_closing(con, moment, hours, name, self._zones())

    def settings_over_time(self) -> list[Row]:
        """Return the calling settings of each number, from when until when.

        They come from settings events and from `channel_settings.csv`.
        """
        from wacost.analytics.contacts_lists import settings_over_time  # noqa: PLC0415

        with self.reading() as con:
            self._stage_settings(con)
            return settings_over_time(con, self._zones())

    def _stage_settings(self, con: DuckDBPyConnection) -> None:
        from wacost.analytics.contacts_lists import stage_settings  # noqa: PLC0415
        from wacost.contacts.typed import settings  # noqa: PLC0415

        stage_settings(con, settings(self.folder, self._zone(None)))

    def against_settings(self, month: str, *, account: str | None = None) -> list[Row]:
        """Return the calls of a month that contradict the settings of their number.

        Args:
            month: local to the account.
            account: only its own.
        """
        from wacost.analytics.contacts_lists import against_settings  # noqa: PLC0415

        with self._staged(month, account, hours=True) as (con, asked):
            self._stage_settings(con)
            return against_settings(con, asked.zones)

    def availability(
        self,
        country: str,
        direction: str = "outbound",
        at: Moment = None,
        *,
        side: str = "business",
    ) -> Offer:
        """Tell whether calls are offered in a country; see `contacts.availability`.

        Args:
            country: ISO 3166 alpha-2.
            direction: inbound or outbound.
            at: when; None: now.
            side: "business": for numbers of that country; "contact": with people there.
        """
        from wacost.contacts.availability import availability  # noqa: PLC0415

        return availability(country, direction, side, _utc(self._instant(at, None)).date())

    def against_availability(self, month: str, *, account: str | None = None) -> list[Row]:
        """Return the calls of a month that a rule of availability says cannot be.

        Args:
            month: local to the account.
            account: only its own.
        """
        from wacost.analytics.contacts_lists import against_availability  # noqa: PLC0415
        from wacost.contacts.availability import kept_out  # noqa: PLC0415

        with self._staged(month, account) as (con, asked):
            return against_availability(con, kept_out(), asked.zones)

    # -- one contact -------------------------------------------------------------------------

    def _lines(self, contact: str, number: str | None) -> list[Line]:
        from wacost.contacts.reading import lines_of  # noqa: PLC0415
        from wacost.contacts.typed import requests, settings  # noqa: PLC0415

        zone = self._zone(None)
        asked, switched = requests(self.folder, zone), settings(self.folder, zone)
        with self.reading() as con:
            return lines_of(con, contact, asked, number, switched)

    def _line_at(self, contact: str, at: Moment, number: str | None) -> tuple[Line, int]:
        lines = self._lines(contact, number)
        if len(lines) > 1:
            raise _which(contact, lines)
        return lines[0], self._instant(at, lines[0].account)

    def _instant(self, at: Moment, account: str | None) -> int:
        from wacost.rating.quote import told_time  # noqa: PLC0415
        from wacost.zones import instant_of  # noqa: PLC0415

        return instant_of(told_time(at), self._zone(account))

    def _rules(self) -> Rulebook:
        from wacost.contacts.policies import rulebook  # noqa: PLC0415

        return rulebook(self.config.policies.permission)

    # -- clocks ------------------------------------------------------------------------------

    def _zone(self, account: str | None) -> str:
        """Return the newest zone of an account; of none: the only account's, else UTC."""
        accounts = self.config.accounts
        if account is None and len(accounts) == 1:
            account = next(iter(accounts))
        known = account is not None and account in accounts
        return accounts[account].zone_spans()[-1][2] if known and account else "UTC"


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC).replace(tzinfo=None)


def _which(contact: str, lines: list[Line]) -> InputError:
    from wacost.errors import InputError  # noqa: PLC0415 - only where something is wrong

    ids = ", ".join(line.phone_number_id or "none" for line in lines)
    return InputError(
        f"the contact {contact} has dealt with {len(lines)} business numbers: which one?",
        hint=f"name one of the phone number ids {ids}",
    )
