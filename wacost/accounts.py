"""From the accounts of wacost.toml to what the rooms want: claims, cards and terms."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wacost.cards import load_card

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.cards import RateCard
    from wacost.config import Account, Config, TermChange
    from wacost.rating import BilledAccount


def billed_accounts(config: Config, rates_dir: Path, side: str) -> list[BilledAccount]:
    """Return the accounts billed on a side, as rating wants them: cards read and checked.

    Args:
        config: the workspace's wacost.toml.
        rates_dir: the workspace's own cards.
        side: "cost", or "sale": then only accounts that have a `sell_card` at some time.
    """
    from wacost.rating import BilledAccount, Term  # noqa: PLC0415 - it brings the engine

    def card(holder: Account | TermChange) -> RateCard | None:
        name = holder.card if side == "cost" else holder.sell_card
        return None if name is None else load_card(name, rates_dir=rates_dir)

    found = (
        BilledAccount(
            name=account.name,
            timezone=account.timezone,
            card=card(account),
            portfolio=config.portfolio_of(account.name),
            terms=tuple(Term(term.from_on, card(term), term.timezone) for term in account.terms),
        )
        for account in config.accounts.values()
    )
    return [one for one in found if one.card or any(term.card for term in one.terms)]


def is_current(con: DuckDBPyConnection, config: Config) -> bool:
    """Tell whether the store knows the accounts and source rules that wacost.toml tells now."""
    return stored_claims(con) == config.claims() and _stored_rules(con) == config.source_rules()


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
