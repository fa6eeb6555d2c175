"""The calls of a frame, priced by the set kernel in a store that is kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.dialplan import (
    COUNTRIES,
    checked_country,
    country_joins,
    digits_sql,
    load_sql_tables,
)
from wacost.errors import InputError
from wacost.months import checked_month
from wacost.names import nearest
from wacost.rating.elsewhere import External, no_group
from wacost.rating.framed.columns import calls_of
from wacost.rating.month import SetKernel
from wacost.rating.plans import BilledAccount, Plans
from wacost.rating.quote import MAX_SECONDS, seconds_of
from wacost.store import scratch_store
from wacost.zones import zone

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.cards.model import RateCard
    from wacost.rating.framed.kinds import Taken

_DIRECTIONS: Final = ("INBOUND", "OUTBOUND", "USER_INITIATED", "BUSINESS_INITIATED")
_SHOWN: Final = 40
_SOMEWHEN: Final = date(2000, 1, 15)
_EXTERNAL_KEYS: Final = ("account", "country", "market", "minutes", "month")
_EXTERNAL_LIKE: Final = '[{"month": "2026-10", "market": "Brazil", "minutes": "48000"}]'
_TWICE: Final = """
    SELECT call_id, min(row_no), max(row_no), count(*) FROM frame_given
    GROUP BY call_id HAVING count(*) > 1 OR call_id IS NULL ORDER BY min(row_no) LIMIT 1
"""
_TOO_LONG: Final = """
    SELECT duration_s, row_no FROM frame_given WHERE duration_s NOT BETWEEN -$most AND $most
    ORDER BY row_no LIMIT 1
"""
_STRANGE: Final = """
    SELECT {column}, min(row_no) FROM frame_given
    WHERE NOT list_contains(?, upper(trim({column}))) AND trim({column}) <> ''
    GROUP BY {column} ORDER BY min(row_no) LIMIT 1
"""
_DAYS: Final = """
    SELECT DISTINCT moment::DATE
    FROM (
        SELECT unnest([
            first_event_at, started_at, ended_at, started_at + to_seconds(duration_s)
        ]) AS moment
        FROM frame_calls
    )
    WHERE moment IS NOT NULL
"""
_CHARGES: Final = """
    SELECT charges.* REPLACE (
        nullif(charges.account, '') AS account,
        CASE WHEN frame_calls.timeless THEN NULL ELSE charges.month END AS month
    )
    FROM frame_calls JOIN charges USING (call_id)
    ORDER BY frame_calls.row_no
"""


def priced(
    frame: Taken,
    card: RateCard,
    *,
    timezone: str | Mapping[str, str],
    external_minutes: Iterable[Mapping[str, Any]],
) -> Any:
    """Return the charges of a frame's calls as an Arrow table, row by row. See `wacost.rate`."""
    given = calls_of(frame)
    by_account = "account" in frame.names
    with scratch_store() as con:
        con.register("frame_given", given)
        _check_values(con)
        _load(con, by_account=by_account, has_start="answered_at" in frame.names)
        names = _accounts(con) if by_account else [""]
        accounts = [
            BilledAccount(name, _zone_of(timezone, name, by_account=by_account), card, name)
            for name in names
        ]
        used = [_external(one, card, names) for one in _entries(external_minutes)]
        kernel = SetKernel(con, Plans(accounts, _months(con), elsewhere=used))
        kernel.price("frame_calls")
        kernel.keep("cost")
        return con.sql(_CHARGES).to_arrow_table()


def _check_values(con: DuckDBPyConnection) -> None:
    """Refuse ids that are not one each, and what no length, direction or country is."""
    for call_id, first, last, count in con.execute(_TWICE).fetchall():
        if call_id is None:
            raise InputError(f"column 'call_id', row {first}: null", hint="each call has its own")
        raise InputError(
            f"column 'call_id': {call_id!r} is there {count} times, in row {first} and row {last}",
            hint="a call is charged once: drop its duplicates, or give the calls their own ids",
        )
    for seconds, row in con.execute(_TOO_LONG, {"most": MAX_SECONDS}).fetchall():
        raise InputError(
            f"column 'duration_s', row {row}: {seconds} is no duration of a call",
            hint="whole seconds: are these milliseconds, or times?",
        )
    for word, row in _strange(con, "direction", _DIRECTIONS):
        raise InputError(
            f"column 'direction', row {row}: {word[:_SHOWN]!r} is no direction",
            hint="inbound or outbound; null where it is not known: such a call gets no price",
        )
    for word, row in _strange(con, "country", sorted(COUNTRIES)):
        try:
            checked_country(word[:_SHOWN])
        except InputError as problem:
            raise InputError(
                f"column 'country', row {row}: {problem.message}", hint=problem.hint
            ) from None


def _strange(con: DuckDBPyConnection, column: str, known: Sequence[str]) -> list[tuple[str, int]]:
    return con.execute(_STRANGE.format(column=column), [known]).fetchall()


def _load(con: DuckDBPyConnection, *, by_account: bool, has_start: bool) -> None:
    load_sql_tables(con)
    joins, country = country_joins("digits")
    texts = {"digits": digits_sql("contact"), "country": country, "joins": joins}
    sql = Path(__file__).with_name("calls.sql").read_text(encoding="utf-8")
    for name, text in texts.items():
        sql = sql.replace(f"{{{name}}}", text)
    con.execute(
        sql, {"by_account": by_account, "has_start": has_start, "countries": sorted(COUNTRIES)}
    )


def _accounts(con: DuckDBPyConnection) -> list[str]:
    found = con.execute(
        "SELECT DISTINCT account FROM frame_calls WHERE account IS NOT NULL ORDER BY account"
    )
    return [name for (name,) in found.fetchall()]


def _zone_of(timezone: str | Mapping[str, str], account: str, *, by_account: bool) -> str:
    """Return the zone of an account, or the one of all calls."""
    if isinstance(timezone, str):
        return zone(timezone).key
    if not isinstance(timezone, Mapping):
        raise InputError(
            f"{timezone!r} is no time zone",
            hint='text, like "America/Sao_Paulo", or a mapping of accounts to such',
        )
    if not by_account:
        raise InputError(
            "timezone has a zone for each account, and the frame has no column 'account'",
            hint='one zone for all: timezone="America/Sao_Paulo"',
        )
    if account not in timezone:
        raise InputError(
            f"timezone has no zone for the account {account!r}",
            hint=nearest(account, map(str, timezone), "account"),
        )
    return zone(timezone[account]).key


def _months(con: DuckDBPyConnection) -> list[str]:
    """Return every month that a call can be in: zones are up to a day away from UTC."""
    days = [day for (day,) in con.execute(_DAYS).fetchall()] or [_SOMEWHEN]
    around = {day + timedelta(step) for day in days for step in (-1, 1)}
    return sorted({day.isoformat()[:7] for day in around})


def _entries(told: Any) -> Iterable[Any]:
    """Return the entries of `external_minutes`; one alone is taken for a mistake."""
    if isinstance(told, Mapping | str) or not isinstance(told, Iterable):
        raise InputError(f"external_minutes: {told!r} is no list", hint=_EXTERNAL_LIKE)
    return told


def _external(told: Mapping[str, Any], card: RateCard, accounts: Sequence[str]) -> External:
    """Read one entry of `external_minutes`.

    Raises:
        InputError: a key is missing or unknown, or no call could be counted with the minutes.
    """
    if not isinstance(told, Mapping):
        raise InputError(
            f"external_minutes: {told!r} is no mapping",
            hint=_EXTERNAL_LIKE,
        )
    for key in told:
        if key not in _EXTERNAL_KEYS:
            raise InputError(
                f"external_minutes: {key!r} is no key",
                hint=nearest(str(key), _EXTERNAL_KEYS, "key"),
            )
    for key in ("month", "minutes"):
        if key not in told:
            raise InputError(f"external_minutes: {told!r} has no {key!r}", hint="one for each")
    account = told.get("account")
    if account is None and len(accounts) == 1:
        account = accounts[0]
    if not isinstance(account, str) or account not in accounts:
        raise InputError(
            f"external_minutes: {account!r} is no account of the frame",
            hint=nearest(str(account), accounts, "account")
            if any(accounts)
            else "leave it out: the frame has no column 'account'",
        )
    market, country = told.get("market") or "", told.get("country") or ""
    if reason := no_group(market, country, card):
        raise InputError(f"external_minutes: {reason}", hint="as the card's scope says")
    month, seconds = checked_month(told["month"]), seconds_of(told["minutes"])
    return External(account, month, seconds, market=market, country=country)
