"""Fixed costs that are known to come: what wacost.toml says that a month costs beside its calls.

The settings tell an amount for each month and no day, so it is taken off on the month's last day,
as its document has it. What the ledger has as fees of the month that goes on is not taken off
again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from wacost.balance.threshold import exact_text
from wacost.language import ENGLISH, Language
from wacost.money import amount_of, divide, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wacost.balance.fx import Rate


@dataclass(frozen=True, slots=True)
class Debit:
    """A fixed cost that will be taken off: whose, what it is, the local day, units."""

    account: str
    name: str
    on: date
    units: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; the amount is text."""
        told = {"account": self.account, "name": self.name, "on": self.on}
        return {**told, "amount": plain(amount_of(self.units))}


def in_currency(debit: Debit, rate: Rate) -> Debit:
    """Return a debit in another currency, rounded half up to the last unit."""
    worth = debit.units * rate.worth
    return replace(debit, units=divide(worth.numerator, worth.denominator, "half_up"))


def less_booked(debits: Iterable[Debit], booked: int) -> Iterator[Debit]:
    """Yield debits of a month without the fees that were taken off already, the first ones first.

    >>> seats = Debit("acme", "Seats", date(2026, 10, 31), 79)
    >>> [one.units for one in less_booked([seats, seats], 100)]
    [58]
    """
    for one in debits:
        taken = min(one.units, booked)
        booked -= taken
        if one.units > taken:
            yield replace(one, units=one.units - taken)


def not_booked(debits: Sequence[Debit], currency: str) -> str:
    """Say that fixed costs of months that are over are not taken off a balance, and what to do.

    >>> seats = Debit("acme", "Seats", date(2026, 10, 31), 300 * 10**9)
    >>> not_booked([seats], "USD").partition(": ")[0]
    '5.00 USD of fixed costs of months that are over are not taken off'
    """
    whole = f"{exact_text(sum(one.units for one in debits), currency)} {currency}"
    return (
        f"{whole} of fixed costs of months that are over are not taken off:"
        f" {named(debits, currency)}; `wacost balance add fee` books what has left this balance"
    )


def named(debits: Iterable[Debit], currency: str, language: Language = ENGLISH) -> str:
    """Name fixed costs, each once: the next one, and whether it comes again.

    >>> days = (date(2026, 10, 31), date(2026, 11, 30))
    >>> named([Debit("acme", "Seats", day, 300 * 10**9) for day in days], "USD")
    'Seats 5.00 USD on 2026-10-31, then monthly'
    """
    groups: dict[tuple[str, str], list[Debit]] = {}
    for one in debits:
        groups.setdefault((one.account, one.name), []).append(one)
    whose = len({account for account, _ in groups}) > 1
    told, say = [], language.say
    for (account, name), found in groups.items():
        first, *later = (language.figure(exact_text(one.units, currency)) for one in found)
        what = say("{name} of {account}", name=name, account=account) if whose else name
        amount = f"{what} {first} {currency}"
        text = say("{amount} on {day}", amount=amount, day=language.stamp(found[0].on))
        if later and later[0] != first:
            text = say("{cost}, then {amount} monthly", cost=text, amount=later[0])
        elif later:
            text = say("{cost}, then monthly", cost=text)
        told.append(text)
    return "; ".join(told)
