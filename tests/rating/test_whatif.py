"""A month priced under another card is what rating it would give, and leaves no trace."""

import pytest
from small_world import ACME, OTHER, put_calls

import wacost
from wacost.cards import RateCard, card_names, load_card
from wacost.rating.whatif import CALLS, priced_under, what_if
from wacost.store import open_store

SLOTTED = RateCard.from_rows(
    [
        {"direction": way, "destination": "*", "rate_per_minute": rate, "fee": fee,
         "from_second": second, "effective_from": "2025-01-01"}
        for way in ("inbound", "outbound")
        for second, rate, fee in ((0, "0.02", "0.07"), (30, "0.01", "0"))
    ],
    currency="EUR", rounding=("call", 3, "up"), name="slotted",
)  # fmt: skip
CARDS = [*(load_card(name) for name in card_names()), SLOTTED]


@pytest.fixture
def log(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    workspace = wacost.open(tmp_path)
    put_calls(workspace.store_path)
    return workspace


def rated_with(log, card):
    """Rate the month for good with a card in a workspace of its own, and sum the charges up."""
    from dataclasses import replace

    from wacost.rating import rate_month

    accounts = [replace(one, card=card) for one in log.billed_accounts()]
    with open_store(log.store_path) as con:
        rate_month(con, accounts, "2026-10")
        return con.execute(
            """
            SELECT account, direction, country, market, status, count(*),
                count(*) FILTER (WHERE list_contains(flags, 'tier_unknown')),
                coalesce(sum(billed_seconds), 0)::BIGINT,
                CASE WHEN count(amount_units) = count(*) THEN sum(amount_units) END,
                CASE WHEN count(amount) = count(*) THEN sum(amount) END
            FROM charges GROUP BY ALL ORDER BY ALL
            """
        ).fetchall()


@pytest.mark.parametrize("card", CARDS, ids=[card.name for card in CARDS])
def test_what_if_is_what_rating_would_keep(log, card):
    with log.reading() as con:
        found = what_if(con, log.billed_accounts(), "2026-10", card)
        assert con.execute("SELECT count(*) FROM charge_rows").fetchall() == [(0,)]
    told = [
        (g.account, g.direction, g.country, g.market, g.status, g.calls, g.tier_unknown,
         g.billed_seconds, g.amount_units, g.amount)
        for g in found
    ]  # fmt: skip
    assert sum(group.calls for group in found) == 5
    assert told == rated_with(log, card)


def test_without_a_card_each_account_keeps_its_own(log):
    with log.reading() as con:
        accounts = log.billed_accounts()
        own = what_if(con, accounts, "2026-10", None)
        acme = what_if(con, accounts, "2026-10", load_card("meta-usd"))
        other = what_if(con, accounts, "2026-10", load_card("demo-two-way"))
    assert own == [
        *(group for group in acme if group.account == "acme"),
        *(group for group in other if group.account == "other"),
    ]


def test_the_calls_are_told_one_by_one_and_gone_after(log):
    with log.reading() as con:
        with priced_under(con, log.billed_accounts(), "2026-10", SLOTTED) as calls:
            assert calls == CALLS
            amounts = con.execute(f"SELECT call_id, amount FROM {calls} ORDER BY ALL").fetchall()
        assert [(one, str(amount)) for one, amount in amounts] == [
            ("a1", "0.086000000000"),  # 30 s at 0.02, 36 s at 0.01, 0.07
            ("a2", "0E-12"),
            ("a3", "0.175000000000"),
            ("a4", "0.085000000000"),
            ("b1", "0.085000000000"),
        ]
        left = con.execute("SELECT view_name FROM duckdb_views() WHERE temporary").fetchall()
        assert CALLS not in {name for (name,) in left}
    with log.reading() as con:
        assert what_if(con, [], "2026-10", SLOTTED) == []


def test_sums_alone_see_the_lowest_of_the_bounds_that_share_a_group(log):
    """Two destinations of one market add up together and have bands of their own."""
    rows = [
        {"direction": "outbound", "destination": to, "tier_from_minutes": str(band),
         "rate_per_minute": rate, "effective_from": "2025-01-01"}
        for to, band, rate in (
            ("551198", 0, "0.03"), ("551198", 1, "0.02"), ("West", 0, "0.05"), ("West", 500, "0.04")
        )
    ]  # fmt: skip
    west = [{"market": "West", "country_or_prefix": "BR", "effective_from": "2025-01-01"}]
    card = RateCard.from_rows(rows, currency="USD", name="two-bounds", markets=west)
    with open_store(log.store_path) as con:  # one of acme's calls goes to another number
        con.execute("UPDATE call_rows SET contact = '5521987654321' WHERE call_id = 'a4'")
    with log.reading() as con:
        found = what_if(con, log.billed_accounts(), "2026-10", card)
    acme = sum(one.amount_units or 0 for one in found if one.account == "acme")
    # 66 s end beyond the first minute at 0.02; then 60 s at 0.05
    assert acme == 66 * 20_000_000 + 60 * 50_000_000
    told = [
        (g.account, g.direction, g.country, g.market, g.status, g.calls, g.tier_unknown,
         g.billed_seconds, g.amount_units, g.amount)
        for g in found
    ]  # fmt: skip
    assert told == rated_with(log, card)
