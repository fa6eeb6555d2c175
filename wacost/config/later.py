"""Keys that are known and checked but have no effect yet.

A key that would change an amount must never be passed over in silence: while it is set, nothing
is rated. The others are told by `wacost doctor`.
"""

from __future__ import annotations

from collections.abc import Iterator

from wacost.config.model import Config
from wacost.errors import ConfigError


def refuse_unpriced_settings(config: Config) -> None:
    """Refuse to rate while a key is set that would change an amount in a later version.

    Raises:
        ConfigError: such a key is set.
    """
    for path in _changes_an_amount(config):
        raise ConfigError(
            f"{config.folder / 'wacost.toml'}: {path} would change amounts, and its part of wacost"
            " comes in a later version",
            hint="take the key out to rate without it",
        )


def inert_keys(config: Config) -> list[str]:
    """Return the paths of keys that are set, change no amount, and have no effect yet."""
    keys: list[str] = []
    for account in config.accounts.values():
        keys += [f"accounts.{account.name}.call_hours"] * bool(account.call_hours)
    return keys


def _changes_an_amount(config: Config) -> Iterator[str]:
    if config.reporting_currency:
        yield "reporting_currency"
