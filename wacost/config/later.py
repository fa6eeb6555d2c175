"""Keys that are set and have no effect: `wacost doctor` tells of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from wacost.config.model import Config

RATES_FILE: Final = "fx.csv"


def inert_keys(config: Config, folder: Path) -> list[str]:
    """Return the paths of keys that are set and have no effect. None changes an amount.

    Without rates nothing can be told in another currency.
    """
    no_rates = not (folder / RATES_FILE).exists()
    return ["reporting_currency"] * (config.reporting_currency is not None and no_rates)
