"""Keys that are known and checked but have no effect yet: `wacost doctor` tells of them."""

from __future__ import annotations

from wacost.config.model import Config


def inert_keys(config: Config) -> list[str]:
    """Return the paths of keys that are set and have no effect yet. None changes an amount."""
    return ["reporting_currency"] * bool(config.reporting_currency)
