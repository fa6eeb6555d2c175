"""A `RateCard` → the files of its folder. Reading them again gives the same card."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from wacost.money import decimal_of, plain
from wacost.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from wacost.cards.model import RateCard, RateRow

_ALWAYS: Final = ("direction", "destination", "rate_per_minute", "effective_from")


def write_card(card: RateCard, folder: Path, *, comment: str = "") -> None:
    """Write card.toml, rates.csv and, where it has markets, markets.csv into a folder.

    Args:
        card: a checked card; of a derived one, the rows it has come to.
        folder: exists, and has none of these files.
        comment: lines that stand above the settings.
    """
    _write(folder / "card.toml", _settings(card, comment))
    rows = [_rate_cells(row) for row in card.rows]
    used = [name for name in rows[0] if name in _ALWAYS or any(row[name] for row in rows)]
    _write(folder / "rates.csv", _csv(used, rows))
    if card.markets:
        cells = [
            {
                "market": row.market,
                "country_or_prefix": row.member,
                "effective_from": row.effective_from.isoformat(),
                "effective_to": row.effective_to.isoformat() if row.effective_to else "",
            }
            for row in card.markets
        ]
        _write(folder / "markets.csv", _csv(list(cells[0]), cells))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _rate_cells(row: RateRow) -> dict[str, str]:
    return {
        "direction": row.direction,
        "destination": row.destination,
        "rate_per_minute": row.kind if row.rate_nanos is None else _price(row.rate_nanos),
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else "",
        "tier_from_minutes": str(row.tier_from_minutes or ""),
        "from_second": str(row.from_second or ""),
        "increment_seconds": "/".join(map(str, row.increments or ())),
        "fee": _price(row.fee_nanos) if row.fee_nanos else "",
        "status": row.status,
        "source": row.source,
        "note": row.note,
    }


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return text.getvalue()


def _settings(card: RateCard, comment: str) -> str:
    """Write card.toml."""
    lines = [f"# {printable(line)}".rstrip() for line in comment.splitlines()]
    top = {
        "name": card.name,
        "title": card.title,
        "currency": card.currency,
        "status": card.status,
        "source": card.source,
        "retrieved": card.retrieved,
        "published_every": card.published_every,
        "timezone": card.timezone,
    }
    sections: dict[str, dict[str, Any]] = {
        "increments": {"first": card.increments[0], "next": card.increments[1]},
        "tiers": {key: getattr(card.tiers, key) for key in ("model", "scope", "accrual")},
        "rounding": {key: getattr(card.rounding, key) for key in ("at", "places", "mode")},
        "limits": _limits(card),
        "policies": {key: getattr(card.policies, key) for key in card.policies.__slots__},
    }
    lines += [f"{key} = {_toml(value)}" for key, value in top.items() if value not in {None, ""}]
    for name, values in sections.items():
        if values:
            lines += ["", f"[{name}]", *(f"{key} = {_toml(one)}" for key, one in values.items())]
    return "\n".join([*lines, ""])


def _limits(card: RateCard) -> dict[str, str]:
    found = {"min_charge": card.limits.min_nanos or None, "max_charge": card.limits.max_nanos}
    return {key: _price(nanos) for key, nanos in found.items() if nanos is not None}


def _toml(value: Any) -> str:
    r"""Write a value as TOML does.

    >>> print(_toml('say "a"\n\x7f'), _toml(6))
    "say \"a\"\n\u007f" 6
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _price(nanos: int) -> str:
    return plain(decimal_of(nanos))
