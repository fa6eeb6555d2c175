"""The part of a workspace that tells of its contacts: permissions, windows, settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wacost.months import checked_month
from wacost.workspace.answering import Answering
from wacost.zones import zone_at

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.analytics.funnel import Funnel, ToldPrice
    from wacost.analytics.rows import Row
    from wacost.contacts.answer import Answer
    from wacost.contacts.availability import Offer
    from wacost.contacts.policies import Rulebook
    from wacost.contacts.reading import Line
    from wacost.contacts.timeline import Standing
    from wacost.contacts.typed import Asked as Typed
    from wacost.errors import InputError

Moment = datetime | str | None


class Contacts(Answering):
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

        Raises:
            InputError: nothing is known of the contact, or he has dealt with several numbers.
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

        Counted are requests that were answered, as webhooks tell of them, and those typed into
        `permission_requests.csv`.

        Args:
            contact: as for `may_call`.
            at: as for `may_call`.
            number: as for `may_call`.
            form: "free_form" within a conversation, or "template".

        Returns:
            An answer as that of `may_call`; raises as it does.
        """
        line, instant = self._line_at(contact, at, number)
        return line.may_request(self._rules(), instant, form)

    def window_open(
        self, contact: str, at: Moment = None, *, number: str | None = None
    ) -> datetime | None:
        """Return when the open customer service window of a contact closes; None: it is closed.

        It is open for 24 hours after a message of the contact, after his call, answered or not,
        and after he took a call of the business. What comes after `at` does not count.

        Args:
            contact: as for `may_call`.
            at: as for `may_call`.
            number: as for `may_call`.
        """
        from wacost.contacts.permission import window_open  # noqa: PLC0415
        from wacost.zones import local_datetime  # noqa: PLC0415

        line, instant = self._line_at(contact, at, number)
        window = window_open(line.acts, instant)
        zone = self._zone(line.account, instant)
        return None if window is None else local_datetime(zone, window[1])

    def standings(
        self, contact: str, at: Moment = None, *, number: str | None = None
    ) -> list[tuple[Standing, str]]:
        """Return what holds with a contact for each business number, and what led to it.

        Returns:
            Each with the account's zone. Arguments as for `may_call`.
        """
        from wacost.contacts.timeline import standing  # noqa: PLC0415

        rules = self._rules()
        found = []
        for line in self._lines(contact, number):
            instant = self._instant(at, line.account)
            zone = self._zone(line.account, instant)
            found.append((standing(line, rules, instant), zone))
        return found

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

    def windows(self, month: str | None = None, account: str | None = None) -> Any:
        """Return customer service windows as a frame with the columns of `service_windows`.

        Args:
            month: in which they opened, local to the account.
            account: only its own.
        """
        from wacost.analytics.listing import within_month  # noqa: PLC0415

        where, values = within_month("opened_at", month, self._named(account), self._zones())
        order = "ORDER BY opened_at, phone_number_id, contact"
        return self._frame(f"SELECT * FROM service_windows{where} {order}", values)  # noqa: S608

    # -- permissions -------------------------------------------------------------------------

    def permission_funnel(self, month: str, *, account: str | None = None) -> Funnel:
        """Return what became of a month's requests for permission to call, and what it cost.

        Args:
            month: in which they were made, local to the account.
            account: only its own.
        """
        from wacost.analytics.funnel import Prices, funnel, message_prices  # noqa: PLC0415
        from wacost.analytics.stage import Asked  # noqa: PLC0415
        from wacost.contacts.typed import requests  # noqa: PLC0415

        asked = Asked(checked_month(month), self._zones(), self._named(account))
        typed = requests(self.folder, self._zone(None))
        prices = message_prices(self.folder / "rates")
        with self.reading() as con:
            told = self._told_prices(con)
            return funnel(con, asked, self._placed(con, typed), Prices(prices, told))

    def _told_prices(self, con: DuckDBPyConnection) -> list[ToldPrice]:
        """Return what messages cost by `pricing_analytics`, for each account of the balance."""
        from wacost.balance.messages import told_prices  # noqa: PLC0415

        payers: dict[str, list[str]] = {}
        for account in self.config.accounts:
            payers.setdefault(self.config.balance_of(account), []).append(account)
        return [
            (account, *price[1:])
            for price in told_prices(con)
            for account in payers.get(price[0], ())
        ]

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

    def settings_over_time(self, account: str | None = None) -> list[Row]:
        """Return the calling settings of each number, from when until when.

        They come from settings events and from `channel_settings.csv`.

        Args:
            account: only its numbers; None: all.
        """
        from wacost.analytics.contacts_lists import settings_over_time  # noqa: PLC0415

        name = self._named(account)
        with self.reading() as con:
            self._stage_settings(con)
            found = settings_over_time(con, self._zones())
        return [row for row in found if name in {None, row["account"]}]

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

    def _zone(self, account: str | None, instant: int | None = None) -> str:
        """Return an account's zone at an instant, by default its newest.

        Of no account: that of the only one there is, else UTC.
        """
        zones = self._zones()
        if account is None and len(zones) == 1:
            account = next(iter(zones))
        spans = zones.get(account or "")
        if spans is None:
            return "UTC"
        return spans[-1][2] if instant is None else zone_at(spans, instant)


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC).replace(tzinfo=None)


def _which(contact: str, lines: list[Line]) -> InputError:
    from wacost.errors import InputError  # noqa: PLC0415 - only where something is wrong

    ids = ", ".join(line.phone_number_id or "none" for line in lines)
    return InputError(
        f"the contact {contact} has dealt with {len(lines)} business numbers: which one?",
        hint=f"name one of the phone number ids {ids}",
    )
