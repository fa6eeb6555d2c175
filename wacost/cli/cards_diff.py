"""`wacost cards diff`: what differs between two cards, and what that means for a month's calls."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wacost.cli.common import (
    MonthType,
    debug_option,
    json_option,
    open_at,
    rates_folder,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
    wrong_usage,
)
from wacost.cli.leftout import FINE, tell_left_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wacost.analytics.comparison import Comparison, Sum
    from wacost.cards import RateCard
    from wacost.cards.diff import Diff, Difference

_MOST_PLACES: Final = 9


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--by", type=click.Choice(["destination", "country"]),
              help="Line up by the places that they name, or by country and prefix.")  # fmt: skip
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="Only what is in force on that day.")  # fmt: skip
@click.option("--places", type=click.IntRange(0, _MOST_PLACES), default=2, show_default=True,
              help="Decimals of a percentage, rounded half up.")  # fmt: skip
@click.option("--month", type=MonthType(), help="What it means for this month's calls.")
@click.option("--account", "accounts", multiple=True, help="With --month: only its calls.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV to stdout.")
@workspace_option
@json_option
@debug_option
def diff_two(
    *,
    old: str,
    new: str,
    by: str | None,
    on: datetime | None,
    places: int,
    month: str | None,
    accounts: tuple[str, ...],
    as_csv: bool,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Compare two cards: new, gone, dearer and cheaper prices, by destination and date.

    With --month the calls of that month are priced under both, exactly and without keeping it,
    and what is told is the effect in money; an account whose own card is missing or wrong is left
    out and named, and the exit code is 1.
    """
    from wacost.cards import load_card
    from wacost.cards.diff import diff_cards

    if accounts and month is None:
        raise click.UsageError("--account goes with --month")
    if month is not None and (on or by == "destination"):
        raise click.UsageError(
            f"{'--on' if on else '--by destination'} does not go with --month:"
            " its calls are priced as of their own days, and told by country"
        )
    cards = [load_card(name, rates_dir=rates_folder(workspace)) for name in (old, new)]
    found = diff_cards(cards[0], cards[1], by=by, on=on.date() if on else None, places=places)
    effect = None
    if month is not None:
        effect = Effect(cards, _priced(cards, month, accounts, workspace), places)
    if as_json:
        write_json(_as_dict(found) | ({"effect": effect.as_dict()} if effect else {}))
    elif as_csv:
        rows = effect.rows() if effect else [one.as_dict() for one in found.differences]
        click.echo(_csv(rows, _EFFECT if effect else _COLUMNS), nl=False)
    elif effect:
        effect.tell()
    else:
        _tell(found, cards)
    return tell_left_out(effect.refused, "is left out") if effect else FINE


def _priced(
    cards: Sequence[RateCard], month: str, accounts: tuple[str, ...], workspace: Path | None
) -> Comparison:
    """Price the month under both; they may have one name, as two editions of a card do."""
    log = open_at(workspace)
    renamed = [replace(card, name=name) for card, name in zip(cards, "ab", strict=True)]
    with wrong_usage():
        return log.compare(month, renamed, accounts=accounts)


class Effect:
    """What a month's calls cost under both cards, country by country."""

    def __init__(self, cards: Sequence[RateCard], priced: Comparison, places: int) -> None:
        """Take the sums of the two cards out of a comparison."""
        self.names = [card.name for card in cards]
        self.currency = cards[0].currency
        self.month, self.accounts, self.places = priced.month, priced.accounts, places
        self.refused = priced.refused
        sides = {one.card: one for one in priced.cards}
        self.old, self.new = sides["a"], sides["b"]

    def rows(self) -> list[dict[str, Any]]:
        """Return the countries, those with the greatest change first, and a row for all."""
        countries = {*self.old.countries, *self.new.countries}
        pairs = [(c, self.old.countries.get(c), self.new.countries.get(c)) for c in countries]
        rows = sorted((self._row(*pair) for pair in pairs), key=_greatest_first)
        return [*rows, self._row("all", self.old.total, self.new.total)]

    def _row(self, country: str | None, old: Sum | None, new: Sum | None) -> dict[str, Any]:
        from wacost.analytics.comparison import Sum, shown
        from wacost.cli.compare import change_bounds
        from wacost.money import plain

        old, new = old or Sum(), new or Sum()
        sides = {"old": old, "new": new}
        row: dict[str, Any] = {"country": country or "unknown", "currency": self.currency}
        for name, side in sides.items():
            row |= {f"{name}_calls": side.calls, f"{name}_unpriced": side.unpriced}
            told = side.as_dict()
            row[f"{name}_amount"] = told["amount"]
            row |= {f"{name}_{key}": told[key] for key in ("at_least", "at_most", "tier_unknown")}
        whole = old.prices_as(new) and (old.bounded_below or not old.calls)
        bounds = change_bounds(old, new) if whole else (None, None)
        low, high = (None if one is None else plain(shown(one)) for one in bounds)
        single = low is not None and bounds[0] == bounds[1]
        percent = self._percent(old.exact, new.exact) if single else None
        return {
            **row,
            "difference": low if single else None,
            "percent": percent,
            "difference_at_least": low,
            "difference_at_most": high,
        }

    def _percent(self, old: Fraction, new: Fraction) -> str | None:
        from wacost.cards.diff import percent_of

        scale = old.denominator * new.denominator
        return percent_of(int(old * scale), int(new * scale), self.places)

    def of_both(self) -> tuple[str | None, str | None]:
        """Return the difference over the countries whose calls both cards price, or its bounds."""
        from wacost.money import plain, trimmed

        told = [_bounds(row) for row in self.rows()[:-1]]
        both = [bounds for bounds in told if any(one is not None for one in bounds)]
        sums = (
            None if None in ends else sum(filter(None, ends), Decimal(0))
            for ends in (zip(*both, strict=True) if both else [(), ()])
        )
        low, high = (None if one is None else plain(trimmed(one)) for one in sums)
        return low, high

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        low, high = self.of_both()
        return {
            "month": self.month,
            "currency": self.currency,
            "difference_of_both": low if low == high else None,
            "difference_of_both_at_least": low,
            "difference_of_both_at_most": high,
            "accounts": list(self.accounts),
            "not_rated": [
                {"account": name, "reason": str(error)} for name, error in self.refused.items()
            ],
            "old": self.names[0],
            "new": self.names[1],
            "countries": self.rows(),
        }

    def tell(self) -> None:
        """Write it for people."""
        from wacost.cli.compare import doubt_text

        rows = self.rows()
        old, new = (name if self.names[0] != self.names[1] else side
                    for name, side in zip(self.names, ("A", "B"), strict=True))  # fmt: skip
        write_line(f"{self.month}, {self.currency}: the calls of {', '.join(self.accounts)}")
        columns = ["country", ">calls", f">{old}", f">{new}", ">difference", ">%", ">no price"]
        click.echo(table(columns, [self._cells(row) for row in rows]))
        if not any(_bounds(rows[-1])):
            say(f"over the countries whose calls both cards price: {_between(*self.of_both())}")
        for name, side in ((old, self.old), (new, self.new)):
            if side.total.tier_unknown:
                say(f"{name}: {doubt_text(side.total)}")
        say("amounts are those of the calls alone: no tax, no fixed fee, no rounding of lines")

    def _cells(self, row: dict[str, Any]) -> list[str]:
        lacking = [row["old_unpriced"], row["new_unpriced"]]
        calls = [row["old_calls"], row["new_calls"]]
        return [
            row["country"],
            _pair(calls),
            _between(row["old_at_least"], row["old_at_most"]),
            _between(row["new_at_least"], row["new_at_most"]),
            _between(row["difference_at_least"], row["difference_at_most"]),
            row["percent"] or "",
            _pair(lacking) if any(lacking) else "",
        ]


def _pair(numbers: Sequence[int]) -> str:
    """Write two numbers as one where they are the same.

    >>> _pair([2, 2]), _pair([2, 3])
    ('2', '2 / 3')
    """
    return " / ".join(str(number) for number in dict.fromkeys(numbers))


def _between(least: str | None, most: str | None) -> str:
    """Write an amount, or between what it lies.

    >>> _between("1", "1"), _between("1", "2"), _between("1", None), _between(None, None)
    ('1', '1 to 2', '1 or more', '-')
    """
    from wacost.cli.compare import range_text

    if least is not None and least == most:
        return least
    return range_text(*(None if one is None else Fraction(one) for one in (least, most))) or "-"


def _bounds(row: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    low, high = row["difference_at_least"], row["difference_at_most"]
    return None if low is None else Decimal(low), None if high is None else Decimal(high)


def _greatest_first(row: dict[str, Any]) -> tuple[Decimal, str]:
    return -max(abs(one or Decimal(0)) for one in _bounds(row)), row["country"]


_COLUMNS: Final = (
    *("direction", "destination", "from", "to", "tier_from_minutes", "from_second", "change"),
    *("old_rate", "new_rate", "percent", "old_fee", "new_fee"),
    *("old_increments", "new_increments"),
)
_EFFECT: Final = (
    *("country", "currency", "old_calls", "new_calls", "old_amount", "new_amount"),
    *("difference", "percent", "old_unpriced", "new_unpriced"),
    *("old_tier_unknown", "old_at_least", "old_at_most"),
    *("new_tier_unknown", "new_at_least", "new_at_most"),
    *("difference_at_least", "difference_at_most"),
)


def _csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    from wacost.billing.documents.csv import cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(_bare(name, row[name])) for name in columns] for row in rows)
    return text.getvalue()


def _bare(name: str, value: Any) -> Any:
    """Write a percentage as a number: a + would make a spreadsheet calculate."""
    return value.removeprefix("+") if name == "percent" and value else value


def _as_dict(found: Diff) -> dict[str, Any]:
    return {
        "since": found.since,
        "by": found.by,
        "differences": [one.as_dict() for one in found.differences],
        "settings": [{"key": key, "old": old, "new": new} for key, old, new in found.settings],
        "markets": [
            {"member": member, "from": day, "old": old or None, "new": new or None}
            for member, day, old, new in found.markets
        ],
    }


def _tell(found: Diff, cards: Sequence[RateCard]) -> None:
    """Write the differences for people; what changes alike stands in one line."""
    for key, old, new in found.settings:
        write_line(f"{key}: {old} -> {new}")
    for line in _market_lines(found):
        write_line(line)
    lines = _grouped(found.differences)
    if lines:
        columns = ["direction", found.by, "from", "to", ">above", ">change", ">A", ">B", ">%"]
        click.echo(table(columns, [_cells(*line) for line in lines]))
    counts: dict[str, int] = defaultdict(int)
    for one in found.differences:
        counts[one.change] += 1
    told = ", ".join(f"{number} {change}" for change, number in counts.items())
    since = f"{cards[0].name} and {cards[1].name} since {found.since}, by {found.by}"
    same = "no rate differs, but what stands above" if found.settings else "no price differs"
    say(f"{since}: {told.replace('_', ' ') or same}")


def _grouped(
    differences: Sequence[Difference],
) -> list[tuple[Difference, list[str], tuple[int, ...]]]:
    """Put together what changes alike: (one of them, destinations, bands)."""
    bands: dict[Difference, list[int]] = defaultdict(list)
    for one in differences:
        bands[replace(one, tier_from_minutes=0)].append(one.tier_from_minutes)
    places: dict[tuple[Difference, tuple[int, ...]], list[str]] = defaultdict(list)
    for one, tiers in bands.items():
        places[replace(one, destination=""), tuple(tiers)].append(one.destination)
    return [(one, names, tiers) for (one, tiers), names in places.items()]


def _cells(one: Difference, names: Sequence[str], tiers: Sequence[int]) -> list[str]:
    from wacost.cards.finding import few

    above = ", ".join(map(str, tiers)) if any(tiers) else ""
    slot = f"second {one.from_second}" if one.from_second else ""
    return [
        one.direction,
        few(names),
        one.from_on.isoformat(),
        one.to_on.isoformat() if one.to_on else "",
        "; ".join(filter(None, (above, slot))),
        one.change.replace("_", " "),
        one.old.text if one.old else "",
        one.new.text if one.new else "",
        one.percent or "",
    ]


def _market_lines(found: Diff) -> Iterator[str]:
    from wacost.cards.finding import few

    grouped: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for member, day, old, new in found.markets:
        grouped[day, old, new].append(member)
    for (day, old, new), members in grouped.items():
        yield f"market from {day}: {few(members)}: {old or '(none)'} -> {new or '(none)'}"
