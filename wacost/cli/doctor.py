"""`wacost doctor`: every invariant of the store, and what is worth knowing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wacost.accounts import why
from wacost.cli.common import (
    PROBLEM,
    debug_option,
    json_option,
    open_at,
    workspace_option,
    write_json,
    write_line,
)
from wacost.errors import ConfigError, RateCardError
from wacost.names import noun

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.analytics.health import Finding
    from wacost.cards import RateCard
    from wacost.workspace import Workspace

_ONE: Final = {
    "bodies": "body",
    "calls": "call",
    "changes": "change",
    "entries": "entry",
    "records": "record",
    "requests": "request",
    "sources": "source",
    "tables": "table",
}


@click.command()
@click.option(
    "--open-hours",
    type=click.IntRange(min=1, max=1_000_000),
    default=24,
    show_default=True,
    metavar="N",
    help="Tell of calls that are open for more than N hours.",
)
@workspace_option
@json_option
@debug_option
def command(*, open_hours: int, workspace: Path | None, as_json: bool) -> int:
    """Check every invariant of the store.

    Nothing is changed. Exit code 1: an invariant or a rate card is broken. Notices are no
    problems: gaps that have a name.
    """
    log = open_at(workspace)
    found = check(log, open_hours)
    report = as_dict(log, found)
    if as_json:
        write_json(report)
    else:
        for line in lines(report, found):
            write_line(line)
    return 0 if report["ok"] else PROBLEM


def check(log: Workspace, open_hours: int) -> list[Finding]:
    """Check a workspace; one without a store has nothing to check but what was refused."""
    from wacost.analytics.health import findings

    if not log.store_path.exists():
        return refused(log)
    with log.reading() as con:
        return [*findings(con, open_hours), *overdue(log, con), *refused(log)]


def refused(log: Workspace) -> list[Finding]:
    """Count the requests that `wacost serve` has refused, and those it took unsigned."""
    from wacost.analytics.health import notice
    from wacost.serve.refused import UNSIGNED, refused_counts

    counts = refused_counts(log.folder)
    unsigned = counts.pop(UNSIGNED, 0)
    found = [notice(f"requests that serve refused: {reason}", n) for reason, n in counts.items()]
    if unsigned:
        found.append(notice("bodies that serve took unsigned, by a token alone", unsigned))
    return found


def overdue(log: Workspace, con: DuckDBPyConnection) -> list[Finding]:
    """Count the calls that should have been redacted by now."""
    from wacost.analytics.health import notice
    from wacost.ingest import due, tables_telling

    policies = log.config.policies
    if not policies.redact_after_days:
        return []
    today = datetime.now(UTC).date()
    before = datetime.combine(policies.redacted_before(today), time(), UTC)
    name = "calls older than redact_after_days, not redacted: wacost redact"
    tables = "tables in inbox/ that tell of such calls and cannot be redacted: delete them"
    return [
        notice(name, due(con, before)),
        notice(tables, len(tables_telling(con, log.folder, before, log.config.imports))),
        *_unkept(log),
    ]


def _unkept(log: Workspace) -> list[Finding]:
    """Tell why nothing can be redacted, where a card stands in the way."""
    from wacost.analytics.health import notice
    from wacost.privacy import refuse_prefixes

    try:
        refuse_prefixes(log.config)
    except RateCardError:
        return []  # told among the cards
    except ConfigError as error:
        name = f"reason that redact_after_days is not kept: {error}"
        return [notice(name, 1)]
    return []


def read_cards(log: Workspace) -> tuple[dict[str, RateCard], list[str]]:
    """Read every card of the workspace: (those that accounts use, what is wrong with any)."""
    from wacost.cards import card_names

    used: dict[str, RateCard] = {}
    wrong: list[str] = []
    named = log.config.card_names()
    for name in dict.fromkeys((*named, *card_names(log.folder / "rates"))):
        try:
            card = log.card(name)
        except RateCardError as problem:
            wrong.append(f"{problem}; {problem.hint}" if problem.hint else str(problem))
        else:
            used |= {name: card} if name in named else {}
    return used, wrong


def settings(log: Workspace, cards: dict[str, RateCard]) -> dict[str, Any]:
    """Return what decides results beside the calls: schema, zones, accounts, cards by checksum."""
    from wacost.store import SCHEMA_VERSION

    return {
        "schema": SCHEMA_VERSION,
        "tzdata": version("tzdata"),
        "accounts": {a.name: a.timezone for a in log.config.accounts.values()},
        "cards": dict(sorted((card.name, card.checksum) for card in cards.values())),
    }


def as_dict(log: Workspace, found: list[Finding]) -> dict[str, Any]:
    """Return the whole report as plain values; months are priced again where cards can be read."""
    from wacost.config import inert_keys

    cards, wrong = read_cards(log)
    return {
        "ok": all(finding.ok for finding in found) and not wrong and not log.refused_accounts(),
        "checks": {f.name: f.count for f in found if not f.notice},
        "notices": {f.name: f.count for f in found if f.notice},
        "details": {f.name: f.detail for f in found if f.detail},
        "broken_cards": wrong,
        "not_rated": not_rated(log),
        "stale": stale(log) if log.store_path.exists() else [],
        "left_by_killed_loads": left_behind(log),
        "settings": settings(log, cards),
        "without_effect": inert_keys(log.config, log.folder),
    }


def stale(log: Workspace) -> list[dict[str, Any]]:
    """Return the rated months that would come out differently now."""
    keys = ("month", "account", "side")
    return [dict(zip(keys, one, strict=True)) for one in log.stale_months()]


def not_rated(log: Workspace) -> list[dict[str, Any]]:
    """Return the accounts that cannot be rated, why, and the months whose charges are older."""
    refused = log.refused_accounts()
    if not refused:
        return []
    query = "SELECT DISTINCT account, month FROM charges ORDER BY ALL"
    kept: list[tuple[str, str]] = []
    if log.store_path.exists():
        with log.reading() as con:
            kept = con.execute(query).fetchall()
    return [
        {
            "account": name,
            "reason": str(error),
            "months": [month for account, month in kept if account == name],
        }
        for name, error in refused.items()
    ]


def left_behind(log: Workspace) -> list[str]:
    """Return the work folders of loads that were killed: they hold raw bodies."""
    from wacost.store.work import dead_work

    return [str(folder) for folder in dead_work(log.store_path.absolute())]


def lines(report: dict[str, Any], found: list[Finding]) -> list[str]:
    """Write the report for people."""
    text = [f"{'ok' if f.ok else 'BROKEN'}  {f.meaning}{_broken(f)}" for f in found if not f.notice]
    text += [f"BROKEN  rate card: {problem}" for problem in report["broken_cards"]]
    text += [f"BROKEN  {_not_rated(one)}" for one in report["not_rated"]]
    text += [f"note  {f.count} {_named(f)}{_detail(f)}" for f in found if f.notice and f.count]
    text += [
        f"note  {one['month']} of {one['account'] or 'no account'} ({one['side']}) would come out"
        f" differently now: wacost rate --month {one['month']}"
        for one in report["stale"]
    ]
    text += [
        f"note  {folder} holds raw bodies of a load that was killed: the next ingest removes it"
        for folder in report["left_by_killed_loads"]
    ]
    text += [
        f"note  {key} is set and has no effect: there is no fx.csv with rates"
        for key in report["without_effect"]
    ]
    if all(f.notice for f in found):
        text.append("note  no store yet: load webhook files with `wacost ingest`")
    about = report["settings"]
    text.append(f"schema {about['schema']}, time zones of tzdata {about['tzdata']}")
    text += [f"account {name} in {zone}" for name, zone in about["accounts"].items()]
    text += [f"card {name} {checksum}" for name, checksum in about["cards"].items()]
    return text


def _not_rated(told: dict[str, Any]) -> str:
    reason = why(told["account"], told["reason"])
    months = ", ".join(told["months"])
    stay = f"; its charges of {months} stay as they were" if months else ""
    return f"account {told['account']} cannot be rated: {reason}{stay}"


def _named(finding: Finding) -> str:
    """Name what is counted; its key in JSON is that of many."""
    if finding.count != 1:
        return finding.name
    counted = re.compile(rf"\b({'|'.join(_ONE)})\b")
    name = counted.sub(lambda found: _ONE[found[0]], finding.name, count=1)
    for many, one in (("were", "was"), ("tell", "tells"), ("hold", "holds")):
        name = name.replace(f" that {many} ", f" that {one} ")
    return name


def _detail(finding: Finding) -> str:
    return f" ({finding.detail})" if finding.detail else ""


def _broken(finding: Finding) -> str:
    return "" if finding.ok else f": {finding.count} {noun(finding.count, 'row')}"
