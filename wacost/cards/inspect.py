"""Everything that is wrong, doubtful or missing in a card, at once: what `cards check` tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.cards.doubts import price_doubts
from wacost.cards.finding import SEVERITIES, Finding, file_text, line_of, refused
from wacost.cards.reach import reach_doubts
from wacost.cards.reader import card_folder, read_card
from wacost.errors import RateCardError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.cards.model import RateCard

_FILES: Final = ("card.toml", "rates.csv", "markets.csv")
_NO_RATES: Final = "the card has no rates"
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def inspect(target: str, on: date, *, rates_dir: Path | None = None) -> list[Finding]:
    """Return what is to be said of one card: errors, warnings and known gaps.

    Args:
        target: a card's name, its folder, or one of its files; a CSV of rates alone will do.
        on: the day as of which the card is old or not.
        rates_dir: the workspace's own cards.

    Raises:
        RateCardError: there is no such card, folder or file.
    """
    path = Path(target)
    if path.is_file() and path.name not in _FILES:
        folder, rates = path.parent, path
    else:
        folder = path.parent if path.is_file() else card_folder(target, rates_dir)
        rates = folder / "rates.csv"
    errors: list[RateCardError] = []
    card = None
    try:
        card = read_card(folder, rates_file=rates, report=errors.append)
    except RateCardError as error:
        errors.append(error)
    findings = _refusals(errors, folder, rates)
    if path.is_file() and not (folder / "card.toml").exists():
        settings = str(folder / "card.toml")
        findings = [_alone(one) if one.file == settings else one for one in findings]
        if card is None or not card.rows:
            findings.append(_foreign(rates))
    if card is not None and card.rows:
        findings += _doubts(card, rates, folder, on, sound=not errors)
    return sorted(dict.fromkeys(findings), key=_place)


def _foreign(file: Path) -> Finding:
    told = "no row of this file is one of ours"
    hint = f"if it is a supplier's own: wacost cards import {file} --to FOLDER"
    return Finding("info", "not_ours", str(file), None, "", told, hint)


def _alone(missing: Finding) -> Finding:
    told = "there is no card.toml beside it: currency, increments and rounding are not checked"
    return replace(missing, severity="info", kind="no_settings", message=told)


def _refusals(errors: list[RateCardError], folder: Path, rates: Path) -> list[Finding]:
    settings = folder / "card.toml"
    texts = {str(settings): file_text(settings)}
    found = [refused(error, texts) for error in errors]
    found = [replace(one, file=str(rates)) if _is_rates(one, folder) else one for one in found]
    broken = {one.file for one in found if one.message != _NO_RATES}
    return [one for one in found if one.message != _NO_RATES or one.file not in broken]


def _is_rates(finding: Finding, folder: Path) -> bool:
    """Tell whether a finding is of the card's rates, in whatever file they are."""
    return Path(finding.file) == folder / "rates.csv"


def _doubts(
    card: RateCard, rates: Path, folder: Path, on: date, *, sound: bool
) -> Iterator[Finding]:
    """Yield what is doubtful; of a card that is refused only what its prices tell."""
    yield from price_doubts(card, str(rates))
    if sound:
        yield from reach_doubts(card, str(rates))
        yield from _age(card, folder / "card.toml", on)


def _age(card: RateCard, settings: Path, on: date) -> Iterator[Finding]:
    """Yield that the supplier may have published a new card since this one was read."""
    every = card.published_every
    if not every or card.retrieved is None:
        return
    known = max(card.retrieved, *(row.effective_from for row in card.rows))
    due = next_publication(known, every)
    if on >= due:
        yield Finding(
            "warning",
            "older_than_rhythm",
            str(settings),
            line_of(file_text(settings), "retrieved"),
            "retrieved",
            f"read on {card.retrieved}, and its supplier publishes on the first day of each"
            f" {every}: there may be a newer card since {due}",
            "look at the source, add the new rates, and set retrieved",
        )


def next_publication(after: date, every: str) -> date:
    """Return the first day after `after` on which a supplier of that rhythm publishes.

    >>> [str(next_publication(date(2026, 11, 22), every)) for every in ("week", "month", "quarter")]
    ['2026-11-23', '2026-12-01', '2027-01-01']
    """
    if every == "week":
        return after + timedelta(7 - after.weekday())
    length = _MONTHS[every]
    months = ((after.year * 12 + after.month - 1) // length + 1) * length
    return date(months // 12, months % 12 + 1, 1)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file, finding.line or 0, SEVERITIES.index(finding.severity), finding.kind
