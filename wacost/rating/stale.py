"""Which rated months no longer say what rating would say now: late calls, new cards or terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.rating.month import SetKernel
from wacost.rating.plans import Plans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from wacost.rating.elsewhere import External, Observed
    from wacost.rating.plans import BilledAccount

_COMPARE: Final = """
WITH fresh AS (
    SELECT
        a.account, m.month, t.status, count(*) AS calls,
        sum(p.billed_s) AS billed_seconds, sum(p.amount_units) AS amount_units
    FROM rate_priced AS p
    JOIN rate_account AS a USING (account_no)
    JOIN rate_month AS m USING (month_no)
    JOIN rate_status AS t USING (status_no)
    GROUP BY ALL
), kept AS (
    SELECT
        account, month, status, count(*) AS calls,
        nullif(sum(billed_seconds), 0) AS billed_seconds, sum(amount_units) AS amount_units
    FROM charge_rows
    WHERE side = $side AND NOT coalesce(list_contains($untouched::VARCHAR[], account), false)
    GROUP BY ALL
), different AS (
    (SELECT * REPLACE (nullif(billed_seconds, 0) AS billed_seconds) FROM fresh EXCEPT FROM kept)
    UNION ALL
    (FROM kept EXCEPT SELECT * REPLACE (nullif(billed_seconds, 0) AS billed_seconds) FROM fresh)
)
SELECT DISTINCT month, account FROM different ORDER BY ALL
"""


_ALL: Final = """
SELECT DISTINCT month, account FROM charge_rows
WHERE side = $side AND NOT coalesce(list_contains($untouched::VARCHAR[], account), false)
ORDER BY ALL
"""


def stale_months(
    con: DuckDBPyConnection,
    accounts: Sequence[BilledAccount],
    *,
    side: str = "cost",
    elsewhere: Sequence[External | Observed] = (),
    untouched: Sequence[str] = (),
) -> list[tuple[str, str | None]]:
    """Price the rated months again, without keeping it, and name those that came out differently.

    Args:
        con: an open store; read-only will do.
        accounts: everybody who is billed on this side.
        side: "cost" or "sale".
        elsewhere: as for `rate_month`.
        untouched: accounts that cannot be rated now: nothing is told of them.

    Returns:
        (month, account) pairs whose number of calls, billed seconds or exact amount by status
        is no longer what is stored: rate the month again.
    """
    asked = {"side": side, "untouched": list(untouched)}
    found = con.execute(
        "SELECT DISTINCT month FROM charge_rows WHERE side = ? AND month IS NOT NULL", [side]
    )
    months = [month for (month,) in found.fetchall()]
    if not months:
        return []
    if side == "sale" and not accounts:  # a sell_card that was taken out again
        return con.execute(_ALL, asked).fetchall()
    plans = Plans(accounts, months, unclaimed=side == "cost", elsewhere=elsewhere)
    kernel = SetKernel(con, plans)
    kernel.price("ratable_calls", ordered=False)
    stale = con.execute(_COMPARE, asked).fetchall()
    kernel.drop()
    return stale
