"""The worst case now: calls in progress burn, and a call may last as long as its price allows."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from balance.wallets import make, put, put_open

from wacost import load_card
from wacost.errors import InputError
from wacost.money import UNIT

TIERS = """direction,destination,rate_per_minute,effective_from,tier_from_minutes
outbound,*,0.60,2025-01-01,0
outbound,*,0.30,2025-01-01,2
inbound,*,0.06,2025-01-01,0
"""


def test_calls_in_progress_burn_what_their_next_minute_costs(log):
    log.balance_add("opening", "13.00", at="2026-10-01T00:00")
    put_open(log, "o1", "2026-10-05T12:00:00")
    put_open(log, "o2", "2026-10-05T12:01:00", direction="inbound", accepted=None)
    worst = log.balance("acme", "2026-10-05T12:02:00+00:00").worst
    assert worst.per_minute == 66 * UNIT // 100
    assert worst.units == 1300 * UNIT // 100 - (120 + 6) * UNIT // 100
    assert worst.until(worst.minimum_units) == timedelta(seconds=int(1.74 / 0.66 * 60))
    assert log.balance("acme", "2026-10-05T12:02:00+00:00").amount == "13.00"


def test_a_call_without_an_end_for_a_day_no_longer_burns(log):
    log.balance_add("opening", "13.00", at="2026-10-01T00:00")
    put_open(log, "o1", "2026-10-05T12:00:00")
    assert log.balance("acme", "2026-10-06T12:00:00+00:00").worst.calls == ()


def test_a_call_in_progress_without_a_price_is_told(log):
    log.balance_add("opening", "13.00", at="2026-10-01T00:00")
    put_open(log, "o1", "2026-10-05T12:00:00", contact=None, country=None)
    worst = log.balance("acme", "2026-10-05T12:02:00+00:00").worst
    assert (worst.unpriced, worst.per_minute, worst.until(0)) == (1, 0, None)


def test_the_band_of_the_month_decides_what_a_minute_costs(tmp_path):
    log = make(tmp_path, rows=TIERS)
    log.balance_add("opening", "13.00", at="2026-10-01T00:00")
    put(log, ("c1", "2026-10-05T11:00:00", 150))
    put_open(log, "o1", "2026-10-05T12:00:00")
    assert log.balance("acme", "2026-10-05T12:02:00+00:00").worst.per_minute == 30 * UNIT // 100


def test_a_call_may_last_until_the_worst_case_is_used_up(log):
    log.balance_add("opening", "2.00", at="2026-10-01T00:00")
    put_open(log, "o1", "2026-10-05T12:00:00")
    at = "2026-10-05T12:01:00+00:00"
    assert log.balance_seconds("+5511987654321", "acme", at=at) == 140
    log.balance_add("adjustment", "-5.00", at="2026-10-02T00:00")
    assert log.balance_seconds("+5511987654321", "acme", at=at) == 0
    with pytest.raises(InputError, match="is not a phone number"):
        log.balance_seconds("nobody", "acme", at=at)


def check_max_seconds(cases, seed):
    """The second that is allowed costs no more than the balance, and the next one does."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    cards = [load_card(name) for name in ("meta-usd", "plivo-usd", "demo-two-way")]
    numbers = ["+5511987654321", "+351912345678", "+447911123456", "+919876543210"]
    from wacost.rating.estimate import max_seconds

    for _ in range(cases):
        card, number = chance.choice(cards), chance.choice(numbers)
        balance = Decimal(chance.randrange(10 ** chance.randint(1, 7))).scaleb(-5)
        asked = {"at": "2026-10-05T12:00Z", "minutes_before": chance.randrange(300_000)}
        last = max_seconds(card, balance, number, **asked)
        if last is None:
            continue
        assert last == 0 or card.quote(number, seconds=last, **asked).amount <= balance
        assert card.quote(number, seconds=last + 1, **asked).amount > balance


def test_max_seconds_is_right_for_random_cases():
    check_max_seconds(1_000, seed=1)


@pytest.mark.full
def test_max_seconds_is_right_for_very_many_random_cases():
    check_max_seconds(50_000, seed=2)
