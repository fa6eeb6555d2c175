"""What keeps a business number from calling or asking, whoever the contact is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wacost.contacts.answer import Answer
from wacost.contacts.availability import availability
from wacost.contacts.policies import DAY_S
from wacost.dialplan import country_of
from wacost.zones import instant_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.contacts.typed import Switched

NOT_ENABLED: Final = 138000
NOT_IN_COUNTRY: Final = 138013
PAUSED: Final = 138014
_PAUSE_S: Final = 7 * DAY_S
"""How long calling is paused where no end is told (Meta, calling: negative feedback, 7 days)."""
BUSINESS_NUMBERS: Final = """(
    SELECT phone_number_id, business_number AS digits FROM call_rows
    UNION ALL
    SELECT phone_number_id, business_number::VARCHAR FROM other_events
)"""
"""SQL: the digits of business numbers, as calls, messages and replies tell them."""
_PAUSES: Final = (
    "RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING",
    "RESTRICTED_BUSINESS_INITIATED_CALLING",
)


@dataclass(frozen=True, slots=True)
class Block:
    """A time in which a business number cannot call.

    Attributes:
        from_at: first instant.
        to_at: first instant no longer; None: no end is known.
        rule: a short name.
        reason: one sentence.
        error_code: what Meta answers.
        asks_too: it cannot ask for permission either.
        source: where it is told.
    """

    from_at: int
    to_at: int | None
    rule: str
    reason: str
    error_code: int
    asks_too: bool
    source: str


def blocks_of(
    con: DuckDBPyConnection, phone_number_id: str, typed: Sequence[Switched] = ()
) -> list[Block]:
    """Return when a business number could not call, by settings and by what Meta said.

    Args:
        con: an open store.
        phone_number_id: of the number.
        typed: settings that a person typed in.
    """
    return [*_switched_off(con, phone_number_id, typed), *_paused(con, phone_number_id)]


def business_country(con: DuckDBPyConnection, phone_number_id: str) -> str | None:
    """Return the country of a business number, where its digits are known."""
    query = f"SELECT max(digits) FROM {BUSINESS_NUMBERS} WHERE phone_number_id = $1"  # noqa: S608
    digits = con.execute(query, [phone_number_id]).fetchall()[0][0]
    return None if digits is None else country_of(digits)


def unblocked(
    decide: Callable[[int], Answer],
    blocks: Sequence[Block],
    country: str | None,
    at: int,
    *,
    asks: bool = False,
) -> Answer:
    """Answer by permission and limits, unless something keeps the number from it altogether.

    Args:
        decide: what permission and limits say at an instant.
        blocks: of the number.
        country: of the number; None: not known.
        at: the instant asked.
        asks: it is about asking, not calling.
    """
    block = _block_at(blocks, country, at, asks=asks)

    def first_after(instant: int | None) -> int | None:
        if instant is None:
            return None
        return unblocked(decide, blocks, country, instant, asks=asks).possible_at

    if block is None:
        answer = decide(at)
        return answer or replace(answer, possible_at=first_after(answer.possible_at))
    return Answer(
        allowed=False,
        at=at,
        rule=block.rule,
        reason=block.reason,
        policy="any set",
        status="read",
        source=block.source,
        possible_at=first_after(block.to_at),
        error_code=block.error_code,
    )


def _block_at(blocks: Sequence[Block], country: str | None, at: int, *, asks: bool) -> Block | None:
    for block in blocks:
        in_time = block.from_at <= at and (block.to_at is None or at < block.to_at)
        if in_time and (block.asks_too or not asks):
            return block
    return None if asks else _not_offered(country, at)


def _not_offered(country: str | None, at: int) -> Block | None:
    if country is None:
        return None
    offer = availability(country, "outbound", "business", datetime.fromtimestamp(at, UTC))
    if offer or not offer.rules:
        return None
    reason = f"calls by numbers of {country} are not offered"
    source = offer.rules[0].source
    return Block(at, None, "availability", reason, NOT_IN_COUNTRY, asks_too=False, source=source)


def _switched_off(
    con: DuckDBPyConnection, phone_number_id: str, typed: Sequence[Switched]
) -> list[Block]:
    query = "SELECT event_at, upper(calling) FROM settings WHERE phone_number_id = $1"
    told = [(row[0], row[1]) for row in con.execute(query, [phone_number_id]).fetchall()]
    told += [(row[1], row[2]) for row in typed if row[0] == phone_number_id]
    turns = sorted((instant_of(at, "UTC"), word) for at, word in told if word is not None)
    ends = [*(at for at, _ in turns), None][1:]
    off = Block(0, None, "calling is off", "calling is not enabled for the number", NOT_ENABLED,
                asks_too=False, source="settings of the number")  # fmt: skip
    return [
        replace(off, from_at=at, to_at=end)
        for (at, word), end in zip(turns, ends, strict=True)
        if word == "DISABLED"
    ]


_CHANGES: Final = f"""
    SELECT c.event_at, c.restrictions, c.restricted_until
    FROM account_changes AS c
    WHERE c.event = 'ACCOUNT_RESTRICTION' AND (
        c.business_number IN (SELECT digits FROM {BUSINESS_NUMBERS} WHERE phone_number_id = $1)
        OR (c.business_number IS NULL
            AND c.waba_id IN (SELECT waba_id FROM call_rows WHERE phone_number_id = $1))
    )
"""  # noqa: S608 - our own text


def _paused(con: DuckDBPyConnection, phone_number_id: str) -> list[Block]:
    found = []
    for at, restrictions, ends in con.execute(_CHANGES, [phone_number_id]).fetchall():
        begun = instant_of(at, "UTC")
        for word in restrictions or ():
            if word in _PAUSES:
                told = [instant_of(end, "UTC") for end in ends or () if end is not None]
                end = max(told, default=begun + _PAUSE_S)
                reason = f"Meta paused calling: {word}"
                found.append(Block(begun, end, "paused", reason, PAUSED, True, "account_update"))  # noqa: FBT003
    return sorted(found, key=lambda block: (block.from_at, block.to_at or 0))
