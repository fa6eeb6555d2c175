"""How far each market has come in its volume bands, and when the next one begins.

Only groups whose card has more than one band are told. Where a month still runs, the date of the
next band is an estimate: the pace of the month so far goes on. It changes no price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.days import month_days
from wacost.cards.stored import card_from_json
from wacost.language import ENGLISH, Language
from wacost.money import decimal_of, plain
from wacost.months import month_span
from wacost.rating.compiled import compiled
from wacost.zones import instant_of, local_datetime, zone_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.cards import RateCard
    from wacost.rating.compiled import Band, Slot
    from wacost.zones import Span

_UTC: Final = ((-(2**62), 2**62, "UTC"),)


@dataclass(frozen=True, slots=True)
class TierProgress:
    """One accrual group of a month.

    Attributes:
        portfolio: whose minutes accrue together.
        card: the card's name; `currency` is that of its rates.
        direction: inbound or outbound.
        destination: the market or country; "" where all of the card accrues together.
        used_seconds: accrued in the month, minutes used elsewhere included.
        tier_from_minutes: where the band begins that holds the last of them.
        rate_per_minute: of that band; None: not known, and no lower one either.
        rate_unknown: the supplier has a rate for the band that the card does not know.
        reached_on: the local day on which the band was reached; None: the lowest one.
        next_from_minutes: where the next band begins; None: it is the last.
        next_rate: of the next band; None: there is none, or it is not known.
        next_on: the local day on which the pace so far reaches it, an estimate; None: not in
            this month.
        over: no further call can fall into the month: the calls go on after its end.
    """

    portfolio: str
    card: str
    currency: str
    direction: str
    destination: str
    used_seconds: int
    tier_from_minutes: int
    rate_per_minute: Decimal | None
    rate_unknown: bool
    reached_on: date | None
    next_from_minutes: int | None
    next_rate: Decimal | None
    next_on: date | None
    over: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the group as plain values: rates are text, days ISO 8601."""
        return {
            "portfolio": self.portfolio,
            "card": self.card,
            "currency": self.currency,
            "direction": self.direction,
            "destination": self.destination,
            "used_seconds": self.used_seconds,
            "tier_from_minutes": self.tier_from_minutes,
            "rate_per_minute": _text(self.rate_per_minute),
            "rate_unknown": self.rate_unknown,
            "reached_on": _day(self.reached_on),
            "next_from_minutes": self.next_from_minutes,
            "next_rate": _text(self.next_rate),
            "next_on": _day(self.next_on),
            "over": self.over,
        }

    def as_row(self, language: Language = ENGLISH) -> dict[str, Any]:
        """Return the group as a row for people: minutes, days as such, and gaps in words."""
        told = self.as_dict() | {"used_minutes": self.used_seconds // 60}
        told |= {"reached_on": self.reached_on, "next_on": self.next_on}
        if self.next_rate is None and self.next_from_minutes is not None:
            told["next_rate"] = language.say("not known")
        if self.rate_unknown or self.rate_per_minute is None:
            told["rate_per_minute"] = language.say("not known")
        return told


@dataclass(frozen=True, slots=True)
class Holder:
    """An account as tiers want it: the portfolio it accrues in, and its time zones."""

    portfolio: str
    zones: Sequence[Span]


@dataclass
class _Group:
    """What one group has in common while its rows are gathered."""

    accounts: list[str]
    scope: str
    destination: str
    country: str | None
    contact: str | None
    used_s: int = 0


def tier_progress(
    con: DuckDBPyConnection,
    month: str,
    holders: Mapping[str, Holder],
    *,
    account: str | None = None,
    side: str = "cost",
) -> list[TierProgress]:
    """Return the groups of a rated month that have bands, the fullest first.

    Args:
        con: an open store; read-only will do.
        month: like "2026-10".
        holders: every account of wacost.toml.
        account: only groups in which it has calls; None: all.
        side: "cost" or "sale".
    """
    rows = con.execute(_sql("groups"), {"month": month, "side": side}).fetchall()
    cards = _cards(con, [row[1] for row in rows])
    groups: dict[tuple[str, str, str, str, str], _Group] = {}
    for row in rows:
        _gather(groups, row, cards, holders)
    ((newest,),) = con.execute(_sql("newest")).fetchall()
    found = []
    for (portfolio, checksum, direction, *_), group in groups.items():
        slot = _slot(cards[checksum], month, direction, group)
        if slot is None or len(slot.bands) < 2 or (account and account not in group.accounts):  # noqa: PLR2004
            continue
        reach = _Reach(con, month, side, checksum, direction, group, _zones(holders, group), newest)
        found.append(_progress(portfolio, cards[checksum], slot, reach))
    return sorted(found, key=lambda one: (-one.used_seconds, one.destination, one.direction))


def _cards(con: DuckDBPyConnection, checksums: Sequence[str]) -> dict[str, RateCard]:
    rows = con.execute(_sql("cards"), {"checksums": sorted(set(checksums))}).fetchall()
    return {checksum: card_from_json(content) for checksum, content in rows}


def _gather(
    groups: dict[tuple[str, str, str, str, str], _Group],
    row: Sequence[Any],
    cards: Mapping[str, RateCard],
    holders: Mapping[str, Holder],
) -> None:
    """Add one row of `groups` to the accrual group it belongs to; calls come most first."""
    account, checksum, direction, market, country, contact, _, used = row
    scope, destination = _scope(cards[checksum].tiers.scope, market, country)
    holder = holders.get(account)
    portfolio = holder.portfolio if holder else account
    key = (portfolio, checksum, direction, scope, destination)
    group = groups.setdefault(key, _Group([], scope, destination, country, contact))
    group.accounts.append(account)
    group.used_s = max(group.used_s, used)


def _scope(scope: str, market: str | None, country: str | None) -> tuple[str, str]:
    """Name the group that a call accrues in, as rating does.

    >>> _scope("market", "Brazil", "BR"), _scope("market", None, "US"), _scope("card", None, "US")
    (('market', 'Brazil'), ('unlisted', 'US'), ('card', ''))
    """
    if scope == "card":
        return "card", ""
    if scope == "market" and market:
        return "market", market
    if country:
        return ("unlisted" if scope == "market" else "country"), country
    return "rest", ""


def _slot(card: RateCard, month: str, direction: str, group: _Group) -> Slot | None:
    """Return the first slot of the rates in force for a group on the month's last day."""
    tables = compiled(card)
    version = tables.version_on(month_days(month)[-1].toordinal())
    route = tables.route(version, direction, tables.node(group.contact), group.country)
    return route.rates.slots[0] if route.rates and route.rates.slots else None


def _zones(holders: Mapping[str, Holder], group: _Group) -> Sequence[Span]:
    return next((holders[name].zones for name in group.accounts if name in holders), _UTC)


@dataclass(frozen=True)
class _Reach:
    """When a group was, or will be, above a bound."""

    con: DuckDBPyConnection
    month: str
    side: str
    checksum: str
    direction: str
    group: _Group
    zones: Sequence[Span]
    newest: datetime | None

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The month, in UTC without an offset, on the clocks of its first day."""
        return month_span(self.month, self.zones[0][2])

    @property
    def over(self) -> bool:
        """Whether calls go on after the month."""
        return self.newest is not None and self.newest >= self.span[1]

    def passed(self, bound_s: int) -> date | None:
        """Return the local day on which the group came above a bound."""
        told = {
            "month": self.month,
            "side": self.side,
            "accounts": self.group.accounts,
            "card": self.checksum,
            "direction": self.direction,
            "scope": self.group.scope,
            "destination": self.group.destination,
            "bound_s": bound_s,
        }
        ((at,),) = self.con.execute(_sql("reached"), told).fetchall()
        return None if at is None else self._local(at)

    def due(self, bound_s: int) -> date | None:
        """Estimate the local day on which a bound is passed at the pace so far."""
        since, until = self.span
        if self.newest is None or self.over or self.newest <= since or not self.group.used_s:
            return None
        at = since + (self.newest - since) * bound_s / self.group.used_s
        return self._local(at) if at < until else None

    def _local(self, at: datetime) -> date:
        instant = instant_of(at.replace(tzinfo=UTC), "UTC")
        return local_datetime(zone_at(self.zones, instant), instant).date()


def _progress(portfolio: str, card: RateCard, slot: Slot, reach: _Reach) -> TierProgress:
    used = reach.group.used_s
    band = slot.band_at(used)
    following = next((one for one in slot.bands if one.from_s > band.from_s), None)
    return TierProgress(
        portfolio=portfolio,
        card=card.name,
        currency=card.currency,
        direction=reach.direction,
        destination=reach.group.destination,
        used_seconds=used,
        tier_from_minutes=band.from_minutes,
        rate_per_minute=None if band.rate_nanos is None else decimal_of(band.rate_nanos),
        rate_unknown=band.unknown,
        reached_on=reach.passed(band.from_s) if band.from_s else None,
        next_from_minutes=None if following is None else following.from_minutes,
        next_rate=_known(following),
        next_on=reach.due(following.from_s) if following else None,
        over=reach.over,
    )


def _known(band: Band | None) -> Decimal | None:
    if band is None or band.unknown or band.rate_nanos is None:
        return None
    return decimal_of(band.rate_nanos)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _sql(name: str) -> str:
    queries = _queries()
    return queries[name].replace("{calls}", queries["calls"])


@cache
def _queries() -> dict[str, str]:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in text.split("-- name: ")[1:])
    return {name: query.strip().rstrip(";") for name, _, query in parts}
