"""The entries of prepaid balances as they were told: added, never changed.

Only what somebody told is kept: openings, top-ups, charges of messages, fees, adjustments, refunds,
corrections and observed balances. What follows from other tables is derived when it is read, so
that it cannot grow old: the call charges (a month that is priced again changes the ledger with it)
and by how much an observed balance differs from ours. See the view `ledger`.

An amount is an integer of 1/60 nano-currency. Times are UTC without an offset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wacost.errors import InputError
from wacost.money import NANO, SECONDS, UNIT, amount_of, divide, minor_digits, parse_nanos, plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS: Final = (
    "opening",
    "topup",
    "message",
    "fee",
    "adjustment",
    "refund",
    "correction",
    "observed",
)
"""What can be told of a balance."""
_LESS: Final = ("message", "fee")
_SIGNED: Final = ("adjustment", "correction", "opening", "observed")
_LONGEST: Final = 200
_MOST_PLACES: Final = 8
_MOST_NANOS: Final = 10**15 * NANO


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was told of a balance.

    Attributes:
        balance: the account, or the portfolio that shares one.
        entry_id: a reference, once in its balance.
        kind: one of `KINDS`.
        at: when, UTC without an offset.
        currency: ISO 4217.
        units: what the balance changes by; of an observed balance what it was.
        fee_units: of a top-up: what was paid on top.
        shown_places: of an observed balance that was shown rounded to so many places.
        note: a person's words, or "".
        source: the file that tells it; "" where a person typed it.
        line: its line there.
    """

    balance: str
    entry_id: str
    kind: str
    at: datetime
    currency: str
    units: int
    fee_units: int = 0
    shown_places: int | None = None
    note: str = ""
    source: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding entries: those that are new, and those that the ledger had already."""

    new: tuple[Entry, ...]
    known: tuple[Entry, ...]


def make_entry(
    balance: str,
    kind: str,
    amount: str,
    at: datetime,
    currency: str,
    *,
    fee: str | None = None,
    fee_percent: str = "0",
    entry_id: str | None = None,
    shown_places: int | None = None,
    note: str = "",
) -> Entry:
    """Make an entry of what a person tells.

    Args:
        balance: the account or portfolio.
        kind: one of `KINDS`.
        amount: decimal text. Of message and fee: what it cost; of topup and refund: what arrived;
            of adjustment and correction: what the balance changes by, with its sign; of opening
            and observed: what it was.
        at: when; without an offset it is UTC.
        currency: of the amount.
        fee: of a top-up: what was paid on top; None: `fee_percent` of the amount, rounded half up
            to the minor unit.
        fee_percent: decimal text.
        entry_id: a reference; None: one made of all that is told.
        shown_places: the amount of an observed balance was rounded to so many places.
        note: whatever else there is to say.

    Raises:
        InputError: it cannot be meant.

    >>> at = datetime(2026, 10, 1)
    >>> topup = make_entry("acme", "topup", "100", at, "USD", fee_percent="5.5")
    >>> amount_of(topup.units), amount_of(topup.fee_units)
    (Decimal('100'), Decimal('5.5'))
    """
    units = _units(kind, amount)
    fee_units = _fee_units(kind, units, fee, fee_percent, currency)
    if shown_places is not None and kind != "observed":
        raise InputError("only an observed balance can be one that is shown rounded")
    if shown_places is not None and (
        not 0 <= shown_places <= _MOST_PLACES or units % _step(shown_places)
    ):
        raise InputError(
            f"{amount} is no amount that is shown to {shown_places} decimal places",
            hint="tell it as it is displayed, or as exact",
        )
    if len(note) > _LONGEST or (note and not note.isprintable()):
        raise InputError("a note is one line of at most 200 characters")
    moment = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    told = Entry(
        balance,
        entry_id or "",
        kind,
        moment.replace(microsecond=0),
        currency,
        units,
        fee_units,
        shown_places,
        note,
    )
    return replace(told, entry_id=_checked_id(entry_id) if entry_id else _own_id(told))


def _step(places: int) -> int:
    """Return the units of the last of so many decimal places."""
    return UNIT // int(10**places)


def nanos_in(amount: str) -> int:
    """Read an amount of a balance in nanos: as `parse_nanos`, and below 10^15 of any currency.

    Sums of more would leave the store's integers.

    Raises:
        InputError: it is no such decimal.

    >>> nanos_in("-0.0108")
    -10800000
    """
    nanos = parse_nanos(amount)
    if abs(nanos) >= _MOST_NANOS:
        raise InputError(
            f"{amount[:40]} is no amount of a balance", hint="less than 1000000000000000"
        )
    return nanos


def _units(kind: str, amount: str) -> int:
    if kind not in KINDS:
        raise InputError(f"{kind!r} is no kind of entry", hint=f"one of {', '.join(KINDS)}")
    nanos = nanos_in(amount)
    if kind not in _SIGNED and nanos <= 0:
        raise InputError(
            f"{amount} is no amount of a {kind}: it is above 0",
            hint="what was wrong is put right by `wacost balance add correction`",
        )
    return -nanos * SECONDS if kind in _LESS else nanos * SECONDS


def _fee_units(kind: str, units: int, fee: str | None, percent: str, currency: str) -> int:
    if kind != "topup":
        if fee is not None:
            raise InputError("only a top-up has a fee on top", hint="a fee alone: kind fee")
        return 0
    if fee is not None:
        told = nanos_in(fee)
        if told < 0:
            raise InputError(f"{fee} is below zero", hint="a fee is 0 or more")
        return told * SECONDS
    return fee_of(units, percent, currency)


def fee_of(units: int, percent: str, currency: str) -> int:
    """Return the fee on top of a top-up, rounded half up to the currency's minor unit.

    >>> amount_of(fee_of(10 * UNIT, "5.5", "USD")), amount_of(fee_of(UNIT, "5.5", "JPY"))
    (Decimal('0.55'), Decimal('0'))
    """
    minor = _step(minor_digits(currency))
    return divide(units * parse_nanos(percent), 100 * 10**9 * minor, "half_up") * minor


def _checked_id(entry_id: str) -> str:
    if not entry_id.isprintable() or len(entry_id) > _LONGEST or entry_id.strip() != entry_id:
        raise InputError(f"{entry_id!r} is no reference", hint="one line, at most 200 characters")
    if entry_id.startswith("call:"):
        raise InputError(f"{entry_id!r} is the reference of a call", hint="choose another one")
    return entry_id


def _own_id(entry: Entry) -> str:
    told = "\x1f".join(map(str, astuple(replace(entry, entry_id=""))))
    return f"{entry.kind}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


_COLUMNS: Final = tuple("moved_at" if one.name == "at" else one.name for one in fields(Entry))
_NAMES: Final = ", ".join(_COLUMNS)
_MARKS: Final = ", ".join("?" * (len(_COLUMNS) + 1))


def entries_of(con: DuckDBPyConnection, balance: str) -> list[Entry]:
    """Return the entries of a balance in the order of their times."""
    query = (
        f"SELECT {_NAMES} FROM ledger_entries WHERE balance = ?"  # noqa: S608 - our own columns
        " ORDER BY moved_at, kind <> 'opening', entry_id"
    )
    return [Entry(*row) for row in con.execute(query, [balance]).fetchall()]


def add_entries(con: DuckDBPyConnection, entries: Sequence[Entry]) -> Added:
    """Add what the ledger does not have yet.

    Args:
        con: the store, open for writing, in a transaction.
        entries: all of one balance.

    Raises:
        InputError: a reference is taken by something else, or the opening would not be first.
    """
    if not entries:
        return Added((), ())
    kept = {one.entry_id: one for one in entries_of(con, entries[0].balance)}
    new, known = [], []
    for entry in entries:
        other = kept.get(entry.entry_id)
        if other is None:
            kept[entry.entry_id] = entry
            new.append(entry)
        elif _said(other) == _said(entry):
            known.append(entry)
        else:
            raise _taken(entry, other)
    _check_opening(list(kept.values()))
    now = datetime.now(UTC).replace(tzinfo=None)
    if new:
        insert = f"INSERT INTO ledger_entries ({_NAMES}, written_at) VALUES ({_MARKS})"  # noqa: S608
        con.executemany(insert, [(*astuple(entry), now) for entry in new])
    return Added(tuple(new), tuple(known))


def _said(entry: Entry) -> Entry:
    """Leave out where an entry was read: the same line of another file says the same."""
    return replace(entry, source="", line=None, note="")


def _taken(entry: Entry, other: Entry) -> InputError:
    told = f"{other.kind} of {plain(amount_of(abs(other.units)))} {other.currency}"
    place = f"{entry.source}, line {entry.line}: " if entry.source else ""
    return InputError(
        f"{place}the reference {entry.entry_id} is taken: {told} at {other.at} UTC",
        hint="an entry is never changed: add a correction, or choose another --id",
    )


def _check_opening(entries: Sequence[Entry]) -> None:
    openings = [one for one in entries if one.kind == "opening"]
    if len(openings) > 1:
        raise InputError(
            f"the balance of {openings[0].balance} is opened already",
            hint="what was wrong is put right by `wacost balance add correction`",
        )
    for opening in openings:
        early = min(one.at for one in entries)
        if early < opening.at:
            raise InputError(
                f"an entry of {early} UTC lies before the opening balance of {opening.at} UTC",
                hint="an opening balance holds all that was before it",
            )
