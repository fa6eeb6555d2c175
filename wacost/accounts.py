"""From the accounts of wacost.toml to what the rooms want: claims, cards and terms."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from wacost.cards import load_card
from wacost.cards.reader import card_folder
from wacost.errors import ConfigError, InputError, RateCardError, RatingError
from wacost.money import NANO, SECONDS, parse_nanos
from wacost.months import month_span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.cards import RateCard
    from wacost.config import Account, Config, TermChange
    from wacost.config.model import ExternalMinutes, ObservedTier
    from wacost.errors import WacostError
    from wacost.rating import BilledAccount
    from wacost.rating.elsewhere import External, Observed


SIDES: Final = ("cost", "sale")


class Ratable(NamedTuple):
    """Who can be rated now, and who cannot.

    Attributes:
        billed: the accounts billed on each side.
        refused: why the others cannot be rated, by their names.
    """

    billed: Mapping[str, list[BilledAccount]]
    refused: Mapping[str, WacostError]


def billed_accounts(config: Config, rates_dir: Path, side: str) -> list[BilledAccount]:
    """Return the accounts billed on a side, as rating wants them: cards read and checked.

    Args:
        config: the workspace's wacost.toml.
        rates_dir: the workspace's own cards.
        side: "cost", or "sale": then only accounts that have a `sell_card` at some time.

    Raises:
        InputError: a card is missing or wrong.
    """
    found = (billed_account(config, rates_dir, name, side) for name in config.accounts)
    return [one for one in found if one.cards]


def ratable_accounts(config: Config, rates_dir: Path) -> Ratable:
    """Return who can be rated on each side: what is wrong with one account stops no other.

    Accounts that share a portfolio share its volume bands: none of them is rated without the
    others.
    """
    read: dict[str, list[BilledAccount]] = {}
    refused: dict[str, WacostError] = {}
    for name in config.accounts:
        try:
            read[name] = [_agreed(billed_account(config, rates_dir, name, side)) for side in SIDES]
        except (InputError, RatingError) as error:
            refused[name] = error
    broken = {config.portfolio_of(name): name for name in reversed(refused)}
    for name in list(read):
        first = broken.get(config.portfolio_of(name))
        if first is not None:
            refused[name] = _waits(name, first, config.portfolio_of(name))
            del read[name]
    sides = zip(*read.values(), strict=True) if read else ([], [])
    billed = {
        side: [one for one in accounts if one.cards]
        for side, accounts in zip(SIDES, sides, strict=True)
    }
    return Ratable(billed, refused)


def why(account: str, error: object) -> str:
    """Return why an account cannot be rated, for a line that names it.

    >>> why("acme", "accounts.acme: no rate card 'x'")
    "no rate card 'x'"
    """
    return str(error).removeprefix(f"accounts.{account}: ")


def _agreed(account: BilledAccount) -> BilledAccount:
    from wacost.rating.plans import month_of_policy  # noqa: PLC0415 - it brings the engine

    month_of_policy(account)
    return account


def _waits(name: str, broken: str, portfolio: str) -> ConfigError:
    return ConfigError(
        f"accounts.{name}: its volume bands depend on {broken}, of the same portfolio"
        f" {portfolio!r}, which cannot be rated",
        hint=f"put {broken} right, or take it out of [portfolios.{portfolio}]",
    )


def billed_account(config: Config, rates_dir: Path, name: str, side: str) -> BilledAccount:
    """Return one account as rating wants it: its cards of a side read and checked.

    Raises:
        InputError: a card is missing or wrong.
    """
    from wacost.rating import BilledAccount, Term  # noqa: PLC0415 - it brings the engine

    account = config.accounts[name]

    def card(holder: Account | TermChange) -> RateCard | None:
        name = holder.card if side == "cost" else holder.sell_card
        if name is None:
            return None
        try:
            card_folder(name, rates_dir)
        except RateCardError as error:
            raise ConfigError(f"accounts.{account.name}: {error}", hint=error.hint) from None
        return load_card(name, rates_dir=rates_dir)

    return BilledAccount(
        name=account.name,
        timezone=account.timezone,
        card=card(account),
        portfolio=config.portfolio_of(account.name),
        terms=tuple(Term(term.from_on, card(term), term.timezone) for term in account.terms),
    )


def is_current(con: DuckDBPyConnection, config: Config) -> bool:
    """Tell whether the store knows the accounts and source rules that wacost.toml tells now."""
    return stored_claims(con) == config.claims() and _stored_rules(con) == config.source_rules()


def used_elsewhere(config: Config, accounts: Sequence[BilledAccount]) -> list[External | Observed]:
    """Return what portfolios used through others and which tiers were observed, for rating.

    Args:
        config: the workspace's wacost.toml.
        accounts: those billed by the supplier's cards.

    Raises:
        ConfigError: an entry names a group or a tier that no card of its portfolio has, or a
            moment outside its month.
    """
    from wacost.rating.elsewhere import External, Observed  # noqa: PLC0415 - only where it is set

    found: list[External | Observed] = []
    for portfolio in config.portfolios.values():
        members = [one for one in accounts if one.portfolio == portfolio.name]
        cards = [card for one in members for card in one.cards]
        path = f"{config.folder / 'wacost.toml'}: portfolios.{portfolio.name}"
        for n, used in enumerate(portfolio.external_minutes):
            _check_group(used, cards, f"{path}.external_minutes[{n}]")
            seconds = _whole_seconds(used.minutes, f"{path}.external_minutes[{n}].minutes")
            told = (portfolio.name, used.month, seconds)
            found.append(External(*told, market=used.market, country=used.country))
        for n, tier in enumerate(portfolio.observed_tier):
            _check_group(tier, cards, f"{path}.observed_tier[{n}]")
            _check_tier(tier, cards, f"{path}.observed_tier[{n}].tier_from_minutes")
            _check_moment(tier, members, f"{path}.observed_tier[{n}].at")
            where = f"{path}.observed_tier[{n}].tier_from_minutes"
            told = (portfolio.name, tier.month, _whole_seconds(tier.tier_from_minutes, where))
            at = int(tier.at.timestamp() // 1)
            found.append(Observed(*told, at, market=tier.market, country=tier.country))
    return found


def _whole_seconds(minutes: str, path: str) -> int:
    seconds, rest = divmod(parse_nanos(minutes) * SECONDS, NANO)
    if rest or seconds < 0:
        raise ConfigError(f"{path}: {minutes} are no minutes of whole seconds", hint='like "48000"')
    return seconds


def _check_group(
    told: ExternalMinutes | ObservedTier, cards: Sequence[RateCard], path: str
) -> None:
    """Refuse an entry that would change nothing, because no card counts minutes that way."""
    from wacost.rating.elsewhere import no_group  # noqa: PLC0415 - only where it is set

    reasons = [no_group(told.market, told.country, card) for card in cards]
    if cards and all(reasons):
        raise ConfigError(f"{path}: {reasons[0]}", hint="as [tiers] scope of the card says")


def _check_tier(told: ObservedTier, cards: Sequence[RateCard], path: str) -> None:
    """Refuse a tier that begins where none of the cards does: a typing error, or Meta's "50,001".

    Raises:
        ConfigError: with the nearest bounds.
    """
    bounds = sorted({row.tier_from_minutes for card in cards for row in card.rows})
    minutes = Decimal(told.tier_from_minutes)
    if not cards or minutes in bounds:
        return
    names = " or ".join(dict.fromkeys(card.name for card in cards))
    below = [bound for bound in bounds if bound < minutes][-1:]
    near = [*below, *[bound for bound in bounds if bound > minutes][:1]]
    raise ConfigError(
        f"{path}: no tier of {names} begins above {told.tier_from_minutes} minutes",
        hint=f"the nearest: {' and '.join(map(str, near))}; a band printed as 50,001 to 250,000"
        " begins above 50000",
    )


def _check_moment(told: ObservedTier, accounts: Sequence[BilledAccount], path: str) -> None:
    """Refuse a moment that is in the tier's month for none of the accounts: it would do nothing."""
    from wacost.rating.plans import segment_at  # noqa: PLC0415 - only where it is set

    held = [segment_at(one, int(told.at.timestamp() // 1)) for one in accounts]
    zones = [one.card.zone_of(one.timezone) if one.card else one.timezone for one in held]
    at = told.at.astimezone(UTC).replace(tzinfo=None)
    spans = {zone: month_span(told.month, zone) for zone in zones}
    if not spans or any(begin <= at < end for begin, end in spans.values()):
        return
    zone, (begin, end) = next(iter(spans.items()))
    raise ConfigError(
        f"{path}: {told.at.isoformat()} is not in {told.month} in {zone}",
        hint=f"a moment from {begin.isoformat()}Z to before {end.isoformat()}Z, or another month",
    )


def stored_claims(con: DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Return the rows of the store's `claims` table, sorted."""
    return sorted(con.execute("SELECT kind, id, account FROM claims").fetchall())


def _stored_rules(con: DuckDBPyConnection) -> list[tuple[str, datetime, datetime, str]]:
    query = "SELECT account, from_at, to_at, source FROM source_rules"
    return sorted(con.execute(query).fetchall())


def replace_claims(con: DuckDBPyConnection, config: Config) -> None:
    """Make the store say what wacost.toml says: whose a call is, and which source counts.

    Where that changes, calls that two sources tell of are settled anew.
    """
    from wacost.ingest.tables.settle import settle  # noqa: PLC0415 - it brings the engine
    from wacost.store import transaction  # noqa: PLC0415 - it brings the engine

    if is_current(con, config):
        return
    claims, rules = config.claims(), config.source_rules()
    with transaction(con):
        con.execute("DELETE FROM claims")
        con.execute("DELETE FROM source_rules")
        if claims:
            con.executemany("INSERT INTO claims VALUES (?, ?, ?)", claims)
        if rules:
            con.executemany("INSERT INTO source_rules VALUES (?, ?, ?, ?)", rules)
        settle(con)
