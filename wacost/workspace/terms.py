"""What holds for an account at a time: its cards, its zone, and what one call would cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wacost.accounts import billed_account, billed_accounts
from wacost.workspace.intake import Intake

if TYPE_CHECKING:
    from wacost.cards import RateCard
    from wacost.rating import BilledAccount, Charge


class Terms(Intake):
    """The part of a workspace that needs no store: cards, terms and single calls."""

    def billed_accounts(self, side: str = "cost") -> list[BilledAccount]:
        """Return the accounts billed on a side, their cards read and checked."""
        return billed_accounts(self.config, self.folder / "rates", side)

    def card(self, name: str) -> RateCard:
        """Return a rate card: one of the workspace's `rates/`, a bundled one, or a path."""
        from wacost.cards import load_card  # noqa: PLC0415

        return load_card(name, rates_dir=self.folder / "rates")

    def terms_at(
        self, account: str, at: datetime | str | None, seconds: int = 0
    ) -> tuple[RateCard, str]:
        """Return the supplier's card and the time zone that hold for a call of an account.

        Args:
            account: its name.
            at: start of the call; without an offset on the account's clocks; None: now.
            seconds: how long it lasts: where the card counts a call by its end, that decides.
        """
        from wacost.rating.agreed import agreed  # noqa: PLC0415

        terms = agreed(self._billed(account), at, seconds)
        return terms.card, terms.timezone

    def quote(self, account: str, number: str | None = None, **asked: Any) -> Charge:
        """Price one answered call under an account's terms, as `rate` would.

        Args:
            account: its name.
            number: the contact's.
            **asked: seconds, direction, country, at, minutes_before: as for `RateCard.quote`.
        """
        from wacost.rating.agreed import quote_account  # noqa: PLC0415

        return quote_account(self._billed(account), number, **asked)

    def max_seconds(
        self, account: str, balance: str | int | Decimal, number: str | None = None, **asked: Any
    ) -> int | None:
        """Return how many seconds a call under an account's terms may last on a balance.

        Args:
            account: its name.
            balance: what there is, in the currency of the account's card.
            number: the contact's.
            **asked: direction, country, at, minutes_before: as for `RateCard.quote`.

        Returns:
            Whole seconds; None: unlimited, because the price stops rising below the balance.
        """
        from wacost.rating.estimate import max_seconds_of_account  # noqa: PLC0415

        return max_seconds_of_account(self._billed(account), balance, number, **asked)

    def _billed(self, account: str) -> BilledAccount:
        name = self.config.account(account).name
        return billed_account(self.config, self.folder / "rates", name, "cost")
