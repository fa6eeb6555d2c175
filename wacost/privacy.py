"""Take contacts out of a workspace, where its cards price the same without their numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final, NamedTuple

from wacost.accounts import SIDES, billed_account, why
from wacost.dialplan import digits_of
from wacost.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wacost.cards import RateCard
    from wacost.config import Config
    from wacost.errors import WacostError
    from wacost.ingest import Redaction


def redact(
    store_path: Path, config: Config, before: date | None, *, dry_run: bool = False
) -> Redaction:
    """Redact calls that ended before a day (UTC): contacts and call ids become keyed hashes.

    Order, tiers, amounts and statistics stay the same, in the store and in `inbox`.

    Args:
        store_path: the workspace's store.
        config: its wacost.toml.
        before: default: as many days ago as `redact_after_days` says.
        dry_run: only count.

    Raises:
        ConfigError: no day is given and wacost.toml has none; or a card prices by prefix.
    """
    from wacost.ingest import redact as redact_store  # noqa: PLC0415 - it brings the engine

    day = before or config.policies.redacted_before(datetime.now(UTC).date())
    refuse_prefixes(config)
    horizon = datetime.combine(day, time(), UTC)
    return redact_store(store_path, horizon, config.imports, dry_run=dry_run)


TABLE_HINT: Final = (
    "delete it, or move it away: what was ingested of it is in the store; a table is written anew"
    " where the [imports.NAME] that loaded it is in wacost.toml and reads every row"
)


def untouched(table: str) -> str:
    """Say that a table of the inbox still tells of persons.

    >>> untouched("inbox/a.csv")
    'inbox/a.csv still tells of persons that are redacted: it cannot be written anew'
    """
    return f"{table} still tells of persons that are redacted: it cannot be written anew"


def redact_due(store_path: Path, config: Config) -> list[WacostError]:
    """Redact what `redact_after_days` says, after a load; return what stands in the way of it.

    Args:
        store_path: the workspace's store.
        config: its wacost.toml.
    """
    if not config.policies.redact_after_days:
        return []
    try:
        done = redact(store_path, config, None, dry_run=True)
    except ConfigError as error:
        return [ConfigError(f"redact_after_days is not kept: {error}", hint=error.hint)]
    if done.calls or done.others:
        done = redact(store_path, config, None)
    return [InputError(untouched(table), hint=TABLE_HINT) for table in done.tables]


def forget(store_path: Path, config: Config, contact: str) -> Redaction:
    """Redact everything of one contact at once, with a key that is thrown away.

    That waits for no rate card: where one prices by prefix, or cannot be read and may do so, the
    calls can cost another amount when their month is rated again, and `left` says so.

    Args:
        store_path: the workspace's store.
        config: its wacost.toml.
        contact: a number in any format or a user id; its aliases are meant with it.

    Raises:
        InputError: the contact is neither.
    """
    from wacost.ingest import forget as forget_in_store  # noqa: PLC0415 - it brings the engine

    done = forget_in_store(store_path, checked_contact(contact), config.imports)
    told = [
        f"account {one.account}: {one.reason}: calls without their number may come out differently"
        " when their month is rated again"
        for one in (by_prefix(config) if done.calls else ())
    ]
    return replace(done, left=(*done.left, *told))


def checked_contact(told: str) -> str:
    """Return a contact that somebody typed: a number's digits or a user id, and nothing less.

    A shorter text would be found in the records of others.

    Raises:
        InputError: it is neither.

    >>> checked_contact(" +55 11 98765-4321 "), checked_contact("BR.123")
    ('5511987654321', 'BR.123')
    """
    if _USER_ID.fullmatch(told.strip()):
        return told.strip()
    digits = digits_of(told)
    if len(digits) < _FEWEST:
        raise InputError(
            f"{told!r} is too short for a number: it could be found in the records of others",
            hint="the whole number as in +55 11 98765-4321, or the user id",
        )
    return digits


_USER_ID: Final = re.compile(r"[A-Za-z]{2}\.[^\s]{2,128}")
_FEWEST: Final = 7


def refuse_prefixes(config: Config) -> None:
    """Refuse to redact where a card prices by the digits of a number: amounts would change.

    Raises:
        ConfigError: a card has rows or markets by prefix, or cannot be read.
    """
    for one in by_prefix(config):
        raise ConfigError(
            f"account {one.account}: {one.reason}: a call without its number would come out"
            " differently",
            hint=one.hint,
        )


class ByPrefix(NamedTuple):
    """An account under whose cards the digits of a number decide a price, or may.

    Attributes:
        account: its name.
        reason: which card and prefix, or why a card cannot be read.
        hint: what to do.
    """

    account: str
    reason: str
    hint: str


def by_prefix(config: Config) -> Iterator[ByPrefix]:
    """Yield the accounts under whose cards the digits of a number decide a price, or may."""
    for name in config.accounts:
        try:
            found = [billed_account(config, config.folder / "rates", name, one) for one in SIDES]
        except InputError as error:
            reason = f"its card cannot be read, and may price by prefix: {why(name, error)}"
            yield ByPrefix(name, reason, error.hint)
            continue
        told = [(card.name, _prefix(card)) for one in found for card in one.cards]
        for card, first in [pair for pair in told if pair[1]][:1]:
            hint = "a card by countries and markets can be redacted under"
            yield ByPrefix(name, f"card {card} prices by prefix ({first})", hint)


def _prefix(card: RateCard) -> str | None:
    """Return the first prefix that a card prices by, if there is one."""
    places = (*(row.destination for row in card.rows), *(row.member for row in card.markets))
    return next((place for place in places if place.isdigit()), None)
