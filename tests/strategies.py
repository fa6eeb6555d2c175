"""Hypothesis strategies: valid rate cards, and calls that gather where prices change.

A card is a dict of file texts (`write_card` puts it on disk); a call is a dict with the columns of
the view `ratable_calls`, times as epoch seconds. `worlds` draws accounts, their cards and calls.

Everything is drawn flat and built by plain functions, so that an example is fast to make and
shrinks to a small one.
"""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from oracle import Elsewhere, OracleAccount, zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hypothesis.strategies import DrawFn, SearchStrategy

Texts = dict[str, str]
Ladder = list[tuple[int, str]]
Slots = list[tuple[int, int, str, str]]  # (from second, from minutes, rate, fee)
Version = tuple[date, date | None, tuple[int, int, str, str]]  # one row, with its own time
Term = tuple[date, int | None, str | None]

ZONES = (
    "UTC",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Europe/Lisbon",
    "Pacific/Kiritimati",
    "America/St_Johns",
    "Africa/Cairo",
)
MONTHS = ("2026-09", "2026-10", "2026-11", "2026-12")  # every month that a call may fall in

# Numbers whose prefixes nest, with the countries that the dial plan gives them.
NUMBERS = (
    ("5511987654321", "BR"),
    ("5511987650000", "BR"),
    ("5521998765432", "BR"),
    ("919812345678", "IN"),
    ("919876543210", "IN"),
    ("351911234567", "PT"),
    ("12125551234", "US"),
    ("14165551234", "CA"),
    ("18095551234", "DO"),
    ("441534123456", "JE"),
    ("447400123456", "GB"),
    ("77011234567", "KZ"),
    ("79161234567", "RU"),
    ("201001234567", "EG"),
    ("94771234567", "LK"),
    ("999123456", None),
)
CONTACTS: tuple[tuple[str | None, str | None, str | None], ...] = (
    *[(number, country, "number" if country else None) for number, country in NUMBERS],
    ("BR.13491208655302741918", "BR", "user_id"),
    ("IN.a1b2c3", "IN", "profile"),
    ("nobody", None, None),
    (None, None, None),
)
COUNTRIES = tuple(sorted({country for _, country in NUMBERS if country}))
MARKETS = ("Rest of Asia Pacific", "Brazil", "North America", "Iles, Iberia & co", "Ilhas São Tomé")
DATES = tuple(
    date.fromisoformat(text)
    for text in (
        "2025-08-01",
        "2026-09-30",
        "2026-10-01",
        "2026-10-18",
        "2026-10-25",
        "2026-10-31",
        "2026-11-01",
        "2026-11-15",
    )
)
RATES = (
    "0.6",
    "0.0108",
    "0.3",
    "0",
    "12.5",
    "0.0095",
    "0.00",
    "0.000000001",
    "0.123456789",
    "1",
    "2.50",
    "99999.999999999",
)
BOUNDS = (1, 2, 5, 60)
INCREMENTS = ((6, 6), (1, 1), (60, 60), (30, 6), (60, 1), (7, 5))
CURRENCIES = ("USD", "BRL", "INR", "JPY", "KWD")

# ----------------------------------------------------------------------- cards

POLICIES = {
    "month_of": ("end", "start"),
    "answered_zero_seconds": ("first_increment", "free"),
    "failed_with_duration": ("bill", "free"),
    "duration_conflict": ("hold", "times", "field"),
}
ROUNDING = {
    "at": ('"line"', '"call"'),
    "places": tuple(str(places) for places in range(7)),
    "mode": ('"half_up"', '"half_even"', '"up"', '"down"'),
}
RATE_COLUMNS = (
    "direction",
    "destination",
    "rate_per_minute",
    "effective_from",
    "effective_to",
    "tier_from_minutes",
    "from_second",
    "increment_seconds",
    "fee",
    "status",
    "source",
    "note",
)


def _decimal_text(digits: int, places: int) -> str:
    whole, rest = divmod(digits, 10**places)
    return f"{whole}.{rest:0{places}d}" if places else str(whole % 10**6)


# Strategies that need no argument are made once: making them is dearer than drawing.
rate_texts = st.sampled_from(RATES) | st.builds(
    _decimal_text, st.integers(0, 10**10 - 1), st.integers(0, 9)
)
PREFIXES = tuple(dict.fromkeys(number[:length] for length in range(1, 10) for number, _ in NUMBERS))
MARKET_MARKS = tuple(range(len(MARKETS)))  # stand for a market of the card, if it has any
destinations = st.sampled_from(
    ("*",) * 12 + PREFIXES[:40] + tuple(COUNTRIES) * 2 + MARKET_MARKS * 6 + PREFIXES[40:]
)
ONE_VERSION: list[Version] = [(DATES[0], None, (0, 0, "0.6", "0"))]
SLOT_STARTS = (1, 6, 30, 60, 61, 600)
SLOT_INCREMENTS = ("", "", "", "6", "60/6", "1", "7/5", "30")
FEES = ("0",) * 9 + ("0.05", "0.000000001", "1.25", "0.005")
FREE: Ladder = [(0, "0")]
SPECIAL: tuple[Ladder, ...] = (
    *[FREE] * 5,
    [(0, "0.000"), (1, "0")],
    [(0, "n/a")],
    [(0, "n/a")],
    [(0, "unknown")],
    [(0, "unknown"), (2, "unknown")],
)


def _ladders(first_rates: SearchStrategy[str]) -> SearchStrategy[Ladder]:
    """Bands of one version: flat, or up to four (some unknown), free, or without a price."""
    higher = st.dictionaries(
        st.sampled_from(BOUNDS), rate_texts | rate_texts | st.just("unknown"), max_size=3
    )
    banded = st.builds(
        lambda first, bands: [(0, first), *sorted(bands.items())], first_rates, higher
    )
    return st.one_of(*[banded] * 6, st.sampled_from(SPECIAL))


def _slots(ladders: SearchStrategy[Ladder]) -> SearchStrategy[Slots]:
    """One ladder, and now and then further slots and fees; n/a and unknown stay alone."""
    more = st.dictionaries(st.sampled_from(SLOT_STARTS), ladders, max_size=2)
    return st.builds(
        _slotted,
        ladders,
        st.one_of(st.just({}), st.just({}), more),
        st.one_of(st.just(("0",)), st.lists(st.sampled_from(FEES), min_size=1, max_size=4)),
    )


def _slotted(first: Ladder, more: dict[int, Ladder], fees: Sequence[str]) -> Slots:
    if first[0][1] == "n/a":
        return [(0, 0, "n/a", "0")]
    ladders = {
        0: first,
        **{start: ladder for start, ladder in more.items() if ladder[0][1] != "n/a"},
    }
    rows = [(start, *band) for start in sorted(ladders) for band in ladders[start]]
    return [(*row, fees[number % len(fees)]) for number, row in enumerate(rows)]


def _versions(ladders: SearchStrategy[Ladder]) -> SearchStrategy[list[Version]]:
    """One to four versions of one destination; the last may end, for good."""
    return st.builds(
        _dated,
        st.dictionaries(
            st.sampled_from((DATES[0],) * 8 + DATES), _slots(ladders), min_size=1, max_size=4
        ),
        st.sampled_from((None,) * 20 + DATES),
        st.booleans(),
        st.booleans(),
    )


def _dated(
    begun: dict[date, Slots], ends_on: date | None, tell_ends: bool, go_on: bool
) -> list[Version]:
    """Give every row its time; with `go_on` those that a later date does not repeat go on."""
    starts = sorted(begun)
    done: list[Version] = []
    held: dict[tuple[int, int], tuple[date, tuple[int, int, str, str]]] = {}
    for day in starts:
        new = {row[:2]: row for row in begun[day]}
        alone = "n/a" in {row[2] for row in new.values()} | {row[2] for _, row in held.values()}
        stay = go_on and not alone and new.keys() <= held.keys()
        for key, (start, row) in list(held.items()):
            if key in new or not stay:
                done.append((start, day if tell_ends or key not in new else None, row))
                del held[key]
        held |= {key: (day, row) for key, row in new.items()}
    last = ends_on if ends_on is not None and ends_on > starts[-1] else None
    return done + [(start, last, row) for start, row in held.values()]


# Countries and prefixes in a market from the beginning, some of which move to another on a day.
memberships = st.dictionaries(
    st.sampled_from(COUNTRIES + PREFIXES),
    st.tuples(
        st.integers(0, len(MARKETS) - 1),
        st.integers(1, len(MARKETS) - 1),
        st.none() | st.sampled_from(DATES[1:]),
    ),
    max_size=8,
)


def _stay_rows(key: str, market: int, step: int, moves_on: date | None) -> list[list[str]]:
    first = MARKETS[market]
    if moves_on is None:
        return [[first, key, DATES[0].isoformat(), ""]]
    second = MARKETS[(market + step) % len(MARKETS)]
    return [
        [first, key, DATES[0].isoformat(), moves_on.isoformat()],
        [second, key, moves_on.isoformat(), ""],
    ]


def _some(options: dict[str, tuple[str, ...]]) -> SearchStrategy[dict[str, str]]:
    """Some of the keys, each with one of its values; the others keep their defaults."""
    return st.fixed_dictionaries(
        {}, optional={key: st.sampled_from(values) for key, values in options.items()}
    )


LIMITS: tuple[dict[str, str], ...] = (
    *[{}] * 5,
    {"min_charge": "0.07"},
    {"max_charge": "2.5"},
    {"min_charge": "0.000000001", "max_charge": "0.3"},
)
settings_of_a_card = st.fixed_dictionaries(
    {
        "increments": st.sampled_from(INCREMENTS),
        "currency": st.sampled_from(CURRENCIES),
        "timezone": st.sampled_from(("account",) * len(ZONES) + ZONES),
        "scope": st.sampled_from(("market", "country", "card")),
        "accrual": st.sampled_from(("billed", "actual")),
        "rounding": _some(ROUNDING),
        "policies": _some(POLICIES),
        "model": st.sampled_from(("whole_call", "whole_call", "graduated", "volume")),
        "limits": st.sampled_from(LIMITS),
        "slot_increments": st.lists(
            st.sampled_from(SLOT_INCREMENTS), min_size=1, max_size=len(SLOT_STARTS)
        ),
    }
)


def _card_parts(first_rates: SearchStrategy[str]) -> SearchStrategy[Any]:
    versions = _versions(_ladders(first_rates))
    return st.tuples(
        settings_of_a_card,
        memberships,
        st.one_of(versions, versions, versions, st.none()),
        st.dictionaries(destinations, versions, max_size=7),
        st.dictionaries(destinations, versions, max_size=3),
        st.booleans(),
        st.booleans(),
    )


PARTS = _card_parts(rate_texts)
PARTS_UNKNOWN_FIRST = _card_parts(rate_texts | st.just("unknown"))


def cards(*, name: str = "drawn", unknown_first: bool = False) -> SearchStrategy[Texts]:
    """Valid cards, as file texts by file name.

    With `unknown_first` a known band may stand above an unknown one.
    """
    parts = PARTS_UNKNOWN_FIRST if unknown_first else PARTS
    return parts.map(lambda drawn: _card_texts(name, *drawn))


def _card_texts(  # noqa: PLR0917
    name: str,
    settings: dict[str, Any],
    stays: dict[str, tuple[int, int, date | None]],
    catch_all: list[Version] | None,
    outbound: dict[str | int, list[Version]],
    inbound: dict[str | int, list[Version]],
    wide: bool,
    upwards: bool,
) -> Texts:
    markets = [row for key in sorted(stays) for row in _stay_rows(key, *stays[key])]
    known = sorted({row[0] for row in markets})
    if catch_all is not None or not outbound:
        outbound = outbound | {"*": catch_all or ONE_VERSION}
    offers = {"outbound": _named(outbound, known), "inbound": _named(inbound, known)}
    texts = {
        "card.toml": _card_toml(name, settings),
        "rates.csv": _rates_text(offers, settings["slot_increments"], wide=wide, upwards=upwards),
    }
    if markets:
        head = ["market", "country_or_prefix", "effective_from", "effective_to"]
        texts["markets.csv"] = _csv_text([head, *markets])
    return texts


def _named(
    offers: dict[str | int, list[Version]], markets: Sequence[str]
) -> dict[str, list[Version]]:
    """Put the names of the card's markets for their marks; without markets they stand for `*`."""
    return {
        (markets[key % len(markets)] if markets else "*") if isinstance(key, int) else key: versions
        for key, versions in offers.items()
    }


def _card_toml(name: str, settings: dict[str, Any]) -> str:
    first, following = settings["increments"]
    return "\n".join(
        [
            f'name = "{name}"',
            f'title = "{name}, drawn"',
            f'currency = "{settings["currency"]}"',
            'status = "illustrative"',
            'source = "drawn by Hypothesis"',
            "retrieved = 2026-11-22",
            f'timezone = "{settings["timezone"]}"',
            f"[increments]\nfirst = {first}\nnext = {following}",
            f'[tiers]\nmodel = "{settings["model"]}"',
            f'scope = "{settings["scope"]}"\naccrual = "{settings["accrual"]}"',
            "[rounding]",
            *(f"{key} = {value}" for key, value in settings["rounding"].items()),
            "[limits]",
            *(f'{key} = "{value}"' for key, value in settings["limits"].items()),
            "[policies]",
            *(f'{key} = "{value}"' for key, value in settings["policies"].items()),
            "",
        ]
    )


def _rates_text(
    offers: dict[str, dict[str, list[Version]]],
    increments: Sequence[str],
    *,
    wide: bool,
    upwards: bool,
) -> str:
    rows = [
        {
            "direction": direction,
            "destination": destination,
            "rate_per_minute": rate,
            "effective_from": start.isoformat(),
            "effective_to": end.isoformat() if end else "",
            "tier_from_minutes": str(minutes),
            "from_second": str(second),
            "increment_seconds": _increment_of(second, increments),
            "fee": fee,
        }
        for direction, by_destination in offers.items()
        for destination, dated in by_destination.items()
        for start, end, (second, minutes, rate, fee) in dated
    ]
    ends = any(row["effective_to"] for row in rows)
    tiers = any(row["tier_from_minutes"] != "0" for row in rows)
    needed = [
        *RATE_COLUMNS[:4],
        *(["effective_to"] if ends else []),
        *(["tier_from_minutes"] if tiers else []),
        *(
            column
            for column in ("from_second", "increment_seconds", "fee")
            if any(row[column] not in ("", "0") for row in rows)
        ),
    ]
    columns = list(RATE_COLUMNS) if wide else needed
    body = [[row.get(column, "") for column in columns] for row in rows]
    return _csv_text([columns, *(body if upwards else reversed(body))])


def _increment_of(second: int, increments: Sequence[str]) -> str:
    """Return the increment of a slot, the same in all rows of a card; a later slot has one."""
    place = 0 if second == 0 else 1 + SLOT_STARTS.index(second)
    text = increments[place] if place < len(increments) else ""
    return text.partition("/")[0] if second else text


def _csv_text(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def write_card(texts: Texts, folder: Path) -> Path:
    """Write a drawn card into a new folder and return the folder."""
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return folder


# ----------------------------------------------------------------------- calls


@dataclass(frozen=True)
class Shape:
    """What happened to a call, and what was told of it."""

    disposition: str = "answered"
    status: str | None = "COMPLETED"
    skew: int = 0  # told duration - real duration
    lacks: tuple[str, ...] = ()
    backwards: bool = False
    conflict: bool = False


NO_TALK = ("started_at", "ended_at", "duration_s", "accepted_at")
SHAPES = (
    *[Shape()] * 12,
    *[Shape(skew=skew) for skew in (1, -1, 2, -2, 60, -60)],
    *[Shape(status="FAILED")] * 2,
    Shape(status="FAILED", skew=2),
    Shape(status=None),
    Shape(status="ODD"),
    Shape(lacks=("duration_s",)),
    Shape(lacks=("ended_at",)),
    Shape(lacks=("ended_at", "duration_s")),
    Shape(status="FAILED", lacks=("duration_s",)),
    Shape(backwards=True),
    Shape(backwards=True, lacks=("duration_s",)),
    Shape(conflict=True),
    *[
        Shape(disposition, "COMPLETED", lacks=NO_TALK)
        for disposition in ("rejected", "declined", "missed", "no_answer", "unknown")
    ],
    Shape("failed", "FAILED", lacks=NO_TALK),
    Shape("no_answer", lacks=("started_at", "duration_s")),
    Shape("open", None, lacks=NO_TALK),
    Shape("open", None, lacks=NO_TALK, conflict=True),
    Shape("incomplete", lacks=("started_at",)),
    Shape("incomplete", "FAILED", lacks=("started_at", "ended_at")),
    Shape("missed", lacks=NO_TALK, conflict=True),
)


def _midnight(day: date, zone_name: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)).timestamp())


def _utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


CLOCK_CHANGES = (
    _utc("2026-10-25T01:00"),  # Lisbon
    _utc("2026-10-29T21:00"),  # Cairo: 24:00 becomes 23:00
    _utc("2026-11-01T04:30"),  # St. John's, in the night of a month's first day
)
MIDNIGHTS = tuple(
    sorted({_midnight(day, name) for day in (*DATES[1:], date(2026, 12, 1)) for name in ZONES})
)
MIDDLES = (_utc("2026-10-10T12:00"), _utc("2026-11-10T12:00"))  # where minutes gather in one month
NEW_MONTHS = tuple(
    sorted({_midnight(date(2026, month, 1), name) for month in (10, 11, 12) for name in ZONES})
)
ANCHORS = MIDDLES * 16 + MIDNIGHTS + NEW_MONTHS + CLOCK_CHANGES * 3
OFFSETS = (0, 0, 1, -1, 3, 6, 30, 59, -60, 60, 240, -3600) * 20 + tuple(range(-90_000, 90_000, 997))
DURATIONS = (
    (66, 6, 0, 1, 5, 7, 12, 29, 30, 31, 54, 59, 60, 61, 120, 240, 300, 600, 3600) * 8
    + tuple(range(0, 600, 6))
    + tuple(range(0, 4000, 60))
    + tuple(range(0, 4001, 41))
)
ID_HEADS = (
    "",
    "wacid.",
    "Z",
    "é",
    "\uff5e",
    "😀",
)  # as bytes the last two stand the other way round
NO_ACCOUNT = 24

call_parts = st.tuples(
    st.integers(0, NO_ACCOUNT),
    st.sampled_from(SHAPES),
    st.sampled_from(ANCHORS),
    st.sampled_from(OFFSETS),
    st.sampled_from(DURATIONS),
    st.sampled_from(CONTACTS),
    st.sampled_from(("outbound",) * 12 + ("inbound",) * 3 + (None,)),
    st.sampled_from(ID_HEADS),
)


def calls(
    account_names: Sequence[str], *, min_size: int = 0, max_size: int = 80
) -> SearchStrategy[list[dict[str, Any]]]:
    """Lists of calls with ids of their own, for these accounts and some for none."""

    def account(number: int) -> str | None:
        return None if number == NO_ACCOUNT else account_names[number % len(account_names)]

    return st.lists(call_parts, min_size=min_size, max_size=max_size).map(
        lambda drawn: [
            _call(line, account(number), *parts)
            for line, (number, *parts) in enumerate(drawn, start=1)
        ]
    )


def _call(  # noqa: PLR0917
    line: int,
    account: str | None,
    shape: Shape,
    anchor: int,
    offset: int,
    duration: int,
    who: tuple[str | None, str | None, str | None],
    direction: str | None,
    head: str,
) -> dict[str, Any]:
    end = anchor + offset
    start = end - duration
    contact, country, country_source = who
    told: dict[str, Any] = {
        "first_event_at": start - 7,
        "ringing_at": start - 5,
        "accepted_at": start,
        "started_at": end + 1 if shape.backwards else start,
        "ended_at": end,
        "duration_s": max(duration + shape.skew, 0),
    }
    told |= dict.fromkeys(shape.lacks)
    return {
        "call_id": f"{head}{line}",
        "waba_id": "102290129340398",
        "phone_number_id": f"pn-{account}",
        "business_number": "15550783881",
        "contact": contact,
        "contact_user_id": None if contact is None or contact.isdigit() else contact,
        "direction": direction,
        "disposition": shape.disposition,
        "answered": shape.disposition == "answered",
        "terminate_status": shape.status,
        **told,
        "country": country,
        "country_source": country_source,
        "error_code": None,
        "tracking": None,
        "source": "drawn.jsonl",
        "line": line,
        "conflict": shape.conflict,
        "account": account,
    }


# ---------------------------------------------------------------------- worlds


@dataclass(frozen=True)
class DrawnAccount:
    """An account; cards by their number, terms as (from date, card number, zone)."""

    name: str
    timezone: str
    card: int
    portfolio: str
    terms: tuple[Term, ...] = ()


def sorted_terms(terms: list[Term]) -> tuple[Term, ...]:
    """Return terms by date."""
    return tuple(sorted(terms, key=lambda term: term[0]))


SHOWN = (
    "call_id",
    "account",
    "direction",
    "contact",
    "country",
    "disposition",
    "terminate_status",
    "first_event_at",
    "started_at",
    "ended_at",
    "duration_s",
    "conflict",
)


MOST_SHOWN = 25_000
"""Characters: Hypothesis warns of longer examples, which would hide the failure itself."""


@dataclass(frozen=True, repr=False)
class World:
    """Cards, accounts and calls that belong together."""

    cards: tuple[Texts, ...]
    accounts: tuple[DrawnAccount, ...]
    calls: list[dict[str, Any]]
    elsewhere: tuple[Elsewhere, ...] = ()

    def __repr__(self) -> str:
        """Return what matters of the world, short enough for the report of a failure."""
        cards = "\n".join(text for texts in self.cards for text in texts.values())
        calls = "\n".join(" ".join(str(call[key]) for key in SHOWN) for call in self.calls)
        held = f"{self.accounts}\n{self.elsewhere}"
        whole = f"{cards}\n{held}\n{' '.join(SHOWN)}\n{calls}"
        return whole if len(whole) <= MOST_SHOWN else f"{whole[:MOST_SHOWN]}\n… cut here"

    def write(self, root: Path) -> list[Path]:
        """Write the cards below a folder and return their folders."""
        return [
            write_card(texts, root / f"card-{number}") for number, texts in enumerate(self.cards)
        ]

    def oracle_accounts(self, folders: Sequence[Path]) -> dict[str, OracleAccount]:
        """Return the accounts as the oracle takes them."""
        return {
            account.name: OracleAccount(
                account.name,
                account.timezone,
                folders[account.card],
                account.portfolio,
                [
                    (from_on, None if card is None else folders[card], timezone)
                    for from_on, card, timezone in account.terms
                ],
            )
            for account in self.accounts
        }


NAMES = ("acme", "bébé", "o'neil", "zen")
term_parts = st.lists(
    st.tuples(
        st.sampled_from(DATES[1:]),
        st.none() | st.integers(0, 1),
        st.none() | st.sampled_from(ZONES),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda term: term[0],
).map(sorted_terms)
account_parts = st.tuples(
    st.sampled_from(ZONES),
    st.integers(0, 1),
    st.sampled_from(("group", "others")),
    st.one_of(st.just(()), st.just(()), st.just(()), term_parts),
)
used_elsewhere = st.one_of(
    st.just(()),
    st.just(()),
    st.lists(
        st.builds(
            Elsewhere,
            portfolio=st.sampled_from(("group", "others")),
            month=st.sampled_from(MONTHS[1:3]),
            minutes=st.sampled_from((1, 2, 4, 5, 59, 60, 61)),
            at=st.sampled_from((None, None, *MIDDLES, *NEW_MONTHS)),
            market=st.sampled_from(("", *MARKETS)),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
)
all_accounts = st.lists(account_parts, min_size=1, max_size=len(NAMES))


@st.composite
def worlds(
    draw: DrawFn, *, max_calls: int = 80, terms: bool = True, unknown_first: bool = False
) -> World:
    """Two cards, one to four accounts in one or two portfolios, and their calls."""
    accounts = tuple(
        DrawnAccount(name, *parts[:3], terms=parts[3] if terms else ())
        for name, parts in zip(NAMES, draw(all_accounts), strict=False)
    )
    texts = [draw(cards(name=f"card-{n}", unknown_first=unknown_first)) for n in (0, 1)]
    if draw(st.sampled_from((False, False, False, True))):
        texts[1] = _derived(texts[0], *draw(derivations))
    many = draw(st.sampled_from((0, max_calls // 4, max_calls // 2)))
    names = [account.name for account in accounts]
    drawn = draw(calls(names, min_size=many, max_size=max_calls))
    if draw(st.booleans()):  # all to one or two numbers: then groups grow long and cross bounds
        numbers = draw(st.sampled_from((1, 2, 4)))
        drawn = [call | _to(CONTACTS[n % numbers]) for n, call in enumerate(drawn)]
    return World(
        tuple(texts),
        tuple(_without_riddles(account, texts) for account in accounts),
        drawn,
        draw(used_elsewhere),
    )


def _to(who: tuple[str | None, str | None, str | None]) -> dict[str, Any]:
    return {
        "contact": who[0],
        "contact_user_id": None,
        "country": who[1],
        "country_source": who[2],
        "direction": "outbound",
    }


derivations = st.tuples(
    st.sampled_from(("1", "0.95", "0.9", "0", "0.500000001")),
    st.sampled_from(("0", "0.0045", "0.000000001")),
    st.integers(0, 9),
    st.sampled_from(ROUNDING["mode"]),
    st.sampled_from(("", "outbound,*,0.6,2025-08-01\n", "outbound,BR,0.3,2025-08-01\n")),
)


def _derived(  # noqa: PLR0917
    origin: Texts, factor: str, add: str, places: int, mode: str, own: str
) -> Texts:
    """Return a card made from card-0; its limits and policies are told again, the rest is not."""
    told = origin["card.toml"]
    if ",999999999." in origin["rates.csv"]:  # rounded up it would be no price that a card may have
        places = 9
    toml = (
        f'name = "card-1"\n[derive]\nfrom = "card-0"\nfactor = "{factor}"\n'
        f'add_per_minute = "{add}"\nplaces = {places}\nmode = {mode}\n'
        + told[told.index("[limits]") :]
    )
    head = "direction,destination,rate_per_minute,effective_from\n"
    return {"card.toml": toml} | ({"rates.csv": head + own} if own else {})


def _without_riddles(account: DrawnAccount, texts: Sequence[Texts]) -> DrawnAccount:
    """Keep an account to one card where its cards differ in which moment of a call decides.

    Which card such a call is under would depend on the moment, and the moment on the card.
    """
    policies = [tomllib.loads(text["card.toml"])["policies"] for text in texts]
    if len({policy.get("month_of", "end") for policy in policies}) == 1:
        return account
    terms = tuple((from_on, None, timezone) for from_on, _, timezone in account.terms)
    return replace(account, terms=terms)
