"""A rate card as it shows itself in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.language import mark
from wacost.markup import Sheet
from wacost.money import decimal_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wacost.cards.model import RateCard, RateRow
    from wacost.language import Language

_COLUMNS: Final = {
    mark("direction"): "",
    mark("destination"): "",
    mark("above min"): ">",
    mark("rate per minute"): ">",
    mark("from"): "",
    mark("status"): "",
}
_WHERE_SET: Final = {mark("from second"): "from_second", mark("fee"): "fee_nanos"}
"""Columns of those cards that have any: heads, and what rows have there."""
_WORDS: Final = frozenset({
    mark("whole_call"), mark("graduated"), mark("volume"), mark("market"), mark("country"),
    mark("card"), mark("call"), mark("line"), mark("unknown"), mark("n/a"), mark("outbound"),
    mark("inbound"), mark("published"), mark("derived"), mark("reported"), mark("contract"),
    mark("illustrative"),
})  # fmt: skip
"""Every word that a card has for its tiers, its rounding and how its figures are known: marked for
the catalogues."""

_FEW: Final = 12


def card_sheet(card: RateCard, language: Language) -> Sheet:
    """Return what is shown of a card: what it says of itself, and its first rows.

    Of many rows those of the first bands come first: they price nearly every call.
    """
    say, rows = language.say, card.rows
    if len(rows) > _FEW:
        rows = tuple(sorted(rows, key=lambda row: row.tier_from_minutes))
    gaps = sum(row.kind == "unknown" for row in rows)
    unknown = language.say_n("{number} rate is not known", "{number} rates are not known", gaps)
    more = [name for name, of in _WHERE_SET.items() if any(getattr(row, of) for row in rows)]
    first, following = card.increments
    tiers, rounding = card.tiers, card.rounding
    model = say(tiers.model).replace("_", " ")
    bands = say("{model} by {scope}", model=model, scope=say(tiers.scope))
    return Sheet(
        title=f"{language.name(card.title)} ({card.name}, {card.checksum[:12]})",
        facts=(
            (say("currency"), card.currency),
            (say("known as"), say(card.status)),
            (say("source"), language.name(card.source) or say("not told")),
            (
                say("retrieved"),
                language.cell(card.retrieved) if card.retrieved else say("not told"),
            ),
            (say("increments"), f"{first}/{following} s"),
            (say("bands"), bands),
            (
                say("rounding"),
                language.say_n(
                    "per {part}, {places} place",
                    "per {part}, {places} places",
                    rounding.places,
                    part=say(rounding.at),
                    places=rounding.places,
                ),
            ),
        ),
        columns=tuple(
            side + say(head) for head, side in (_COLUMNS | dict.fromkeys(more, ">")).items()
        ),
        rows=tuple(_row(row, card, language, more) for row in rows),
        notes=(unknown,) if gaps else (),
        most=_FEW,
        language=language,
    )


def _row(row: RateRow, card: RateCard, language: Language, more: Iterable[str]) -> tuple[str, ...]:
    kind = language.say(row.kind)
    set_ = {
        "from second": language.decimal(row.from_second),
        "fee": language.figure(plain(decimal_of(row.fee_nanos))),
    }
    return (
        language.say(row.direction),
        language.name(row.destination),
        language.decimal(row.tier_from_minutes),
        kind if row.rate_nanos is None else language.figure(plain(decimal_of(row.rate_nanos))),
        language.cell(row.effective_from),
        language.say(row.status or card.status),
        *(set_[name] for name in more),
    )
