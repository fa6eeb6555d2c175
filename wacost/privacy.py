"""Take contacts out of a workspace, where its cards price the same without their numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from wacost.accounts import billed_accounts
from wacost.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pathlib import Path

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

    Args:
        store_path: the workspace's store.
        config: its wacost.toml.
        contact: a number in any format or a user id; its aliases are meant with it.

    Raises:
        ConfigError: a card prices by prefix.
    """
    from wacost.ingest import forget as forget_in_store  # noqa: PLC0415 - it brings the engine

    refuse_prefixes(config)
    return forget_in_store(store_path, contact, config.imports)


def refuse_prefixes(config: Config) -> None:
    """Refuse to redact where a card prices by the digits of a number: amounts would change.

    Raises:
        ConfigError: a card has rows or markets by prefix, or cannot be read.
    """
    try:
        accounts = [
            account
            for side in ("cost", "sale")
            for account in billed_accounts(config, config.folder / "rates", side)
        ]
    except InputError as error:
        raise ConfigError(
            f"nothing is redacted while a card cannot be read, it may price by prefix: {error}",
            hint=error.hint,
        ) from error
    for account in accounts:
        for card in filter(None, (account.card, *(term.card for term in account.terms))):
            digits = [row.destination for row in card.rows if row.destination.isdigit()]
            digits += [row.member for row in card.markets if row.member.isdigit()]
            if digits:
                raise ConfigError(
                    f"card {card.name} of account {account.name} prices by prefix ({digits[0]}):"
                    " a call without its number would come out differently",
                    hint="a card by countries and markets can be redacted under",
                )
