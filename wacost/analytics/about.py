"""What every figure says of itself: its month, whose clocks, which cards, what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.days import month_days
from wacost.analytics.words import HEADS, WORDS
from wacost.language import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

_SEPARATOR: Final = " · "
_FEW: Final = 3
_MONTH: Final = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])")
_CARDS: Final = """
    SELECT h.card, k.status, count(*) AS calls FROM charge_rows AS h
    JOIN cards AS k ON k.checksum = h.card_checksum
    WHERE h.month = $month AND h.side = 'cost' AND ($account IS NULL OR h.account = $account)
    GROUP BY ALL ORDER BY calls DESC, h.card, k.status
"""
_GAPS: Final = """
    SELECT
        count(*),
        count(*) FILTER (WHERE amount IS NULL),
        count(*) FILTER (WHERE flag_bits & 1 <> 0 AND amount IS NOT NULL)
    FROM charge_rows
    WHERE month = $month AND side = 'cost' AND ($account IS NULL OR account = $account)
"""


@dataclass(frozen=True, slots=True)
class About:
    """What a figure is about.

    Attributes:
        month: like "2026-10".
        account: the only account told of; None: all. `title` is its name for people.
        zones: on whose clocks: IANA names, each once.
        cards: (name, how its figures are known), the one that priced most calls first.
        calls: of the month.
        unpriced: calls among them that are in no amount.
        tier_unknown: calls priced at the next lower known band.
        locale: how numbers are written, and in which language, where there is a catalogue of it.
        refused: accounts told of that cannot be rated now: their charges are as last made.
    """

    month: str
    account: str | None
    title: str | None
    zones: tuple[str, ...]
    cards: tuple[tuple[str, str], ...]
    calls: int
    unpriced: int
    tier_unknown: int
    locale: str
    refused: tuple[str, ...] = ()

    @property
    def days(self) -> list[date]:
        """Every day of the month."""
        return month_days(self.month)

    @property
    def end(self) -> str:
        """The last second of the month, as a clock time: ISO 8601 without an offset."""
        return f"{self.days[-1]}T23:59:59"

    @property
    def next_end(self) -> date:
        """The last day of the month after."""
        return month_days(f"{self.days[-1] + timedelta(days=1):%Y-%m}")[-1]

    @property
    def month_text(self) -> str:
        """The month for a reader of the locale, like "October 2026"."""
        return self.language.month(self.days[0])

    @property
    def language(self) -> Language:
        """The language of what figures and tables say."""
        return Language.near(self.locale)

    def say(self, message: str, /, **values: object) -> str:
        """Translate a message and fill in its values."""
        return self.language.say(message, **values)

    def say_n(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Translate a message that counts: `{number}` is written the locale's way."""
        return self.language.say_n(one, many, number, **values)

    def word(self, text: str) -> str:
        """Translate a word of the field or a month; a name from outside stays as it is."""
        if _MONTH.fullmatch(text):
            return self.language.month(month_days(text)[0], short=True)
        if text not in WORDS and text not in HEADS:
            return text
        return self.language.say(text).replace("_", " ")

    @property
    def caption(self) -> str:
        """One line: period, account, clocks, cards with their status, what is missing."""
        return _SEPARATOR.join(self._parts())

    def _parts(self) -> Iterator[str]:
        yield self.month_text
        if self.title:
            yield self.title
        yield self._few(self.zones)
        if self.cards:
            yield self._few([f"{name} ({self.word(status)})" for name, status in self.cards])
        if self.unpriced:
            yield self.say_n(
                "{number} call without a price, in no amount",
                "{number} calls without a price, in no amount",
                self.unpriced,
            )
        if self.tier_unknown:
            yield self.say_n(
                "{number} call in a band whose rate is not known",
                "{number} calls in a band whose rate is not known",
                self.tier_unknown,
            )
        if self.refused:
            yield self.say("not priced anew: {names}", names=self._few(self.refused))

    def _few(self, names: Sequence[str]) -> str:
        """List names; of many only the first."""
        first, more = ", ".join(names[:_FEW]), len(names) - _FEW
        return self.say("{names} and {more} more", names=first, more=more) if more > 0 else first

    def _repr_html_(self) -> str:
        """Show the caption in a notebook."""
        from html import escape  # noqa: PLC0415

        return f"<p>{escape(self.caption)}</p>"

    def __str__(self) -> str:
        """Return the caption, so that `print` shows it."""
        return self.caption


def about_month(con: DuckDBPyConnection, month: str, account: str | None, **told: Any) -> About:
    """Return what a rated month's figures are about.

    Args:
        con: an open store.
        month: like "2026-10".
        account: the account's name; None: all.
        **told: title, zones and locale, as wacost.toml says, and who is refused.
    """
    asked = {"month": month, "account": account}
    cards = con.execute(_CARDS, asked).fetchall()
    ((calls, unpriced, unknown),) = con.execute(_GAPS, asked).fetchall()
    return About(
        month=month,
        account=account,
        title=told["title"],
        zones=tuple(dict.fromkeys(told["zones"])) or ("UTC",),
        cards=tuple((name, status) for name, status, _ in cards),
        calls=calls,
        unpriced=unpriced,
        tier_unknown=unknown,
        locale=told["locale"],
        refused=tuple(told["refused"]),
    )
