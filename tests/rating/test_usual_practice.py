"""What telephone billing does everywhere, in months that a pocket calculator can check.

Each month goes three ways, call by call through a quote, as a frame through `wacost.rate`, and as
webhooks through a workspace; all must come to the figures worked out by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from payloads.bodies import AT, USER, body, terminate, value
from replay import replay

import wacost
from wacost.cards import RateCard
from wacost.cards.write import write_card
from wacost.rating import explain

ROW = {"direction": "outbound", "destination": "*", "effective_from": "2026-01-01"}
HEAD = ("rate_per_minute", "from_second", "tier_from_minutes", "increment_seconds", "fee")
SECOND = {"increments": (1, 1)}
MINUTE = {"increments": (60, 60)}
UNITS = [("7", "0", "0"), ("6.5", "0", "5"), ("6", "0", "10")]


@dataclass(frozen=True)
class Month:
    """A card, the seconds of calls one after the other, and what each of them costs."""

    rows: list[tuple[str, ...]]
    seconds: list[int]
    amounts: list[str]
    facts: dict[str, Any] = field(default_factory=dict)

    def card(self, name: str = "mine") -> RateCard:
        rows = [ROW | dict(zip(HEAD, row, strict=False)) for row in self.rows]
        return RateCard.from_rows(rows, **{"currency": "USD", "name": name} | self.facts)


MONTHS = {
    # 60/1, 30/6 and 60/60: at least the first increment, then whole further ones
    "sixty-one": Month(
        [("0.015",)], [1, 60, 61, 150], ["0.015", "0.015", "0.01525", "0.0375"],
        {"increments": (60, 1)},
    ),
    "thirty-six": Month(
        [("0.012",)], [1, 30, 31, 37], ["0.006", "0.006", "0.0072", "0.0084"],
        {"increments": (30, 6)},
    ),
    "sixty-sixty": Month([("0.02",)], [1, 60, 61, 125], ["0.02", "0.02", "0.04", "0.06"], MINUTE),
    # 0.05 for being put through, and 0.024 a minute by the second; a call of 0 seconds has one
    "put-through": Month(
        [("0.024", "0", "0", "", "0.05")], [125, 0, 1], ["0.1", "0.0504", "0.0504"], SECOND
    ),
    # 0.4 and a whole first minute of 0.2, then 0.1 a minute by the second
    "first-minute": Month(
        [("0.2", "0", "0", "60", "0.4"), ("0.1", "60", "0", "1")],
        [60, 65, 120, 10],
        ["0.6", "0.608333333333", "0.7", "0.6"],
    ),
    # whole minutes of 0.1 for the first three, pulses of 0.004 after
    "after-three": Month(
        [("0.1", "0", "0", "60"), ("0.04", "180", "0", "6")],
        [61, 180, 181, 200],
        ["0.2", "0.3", "0.304", "0.316"],
    ),
    # a package of two minutes, then 0.3 a minute: 90 seconds, 30 of the next 60, and none are left
    "package": Month(
        [("0", "0", "0"), ("0.3", "0", "2")], [90, 60, 10], ["0", "0.15", "0.05"],
        {**SECOND, "tiers": "graduated"},
    ),
    # 5 units at 7, 5 at 6.5 and 10 at 6 are 127.5; 20 units at 6 are 120
    "graduated": Month(
        UNITS, [300, 60, 840], ["35", "6.5", "86"], {**MINUTE, "tiers": "graduated"}
    ),
    "volume": Month(UNITS, [300, 60, 840], ["30", "6", "84"], {**MINUTE, "tiers": "volume"}),
    "volume-of-six": Month(UNITS, [300, 60], ["32.5", "6.5"], {**MINUTE, "tiers": "volume"}),
    "volume-of-five": Month(UNITS, [240, 60], ["28", "7"], {**MINUTE, "tiers": "volume"}),
    # the call that crosses a bound has the lower rate as a whole
    "whole-call": Month(UNITS, [300, 60, 840], ["35", "6.5", "84"], MINUTE),
    # at least 0.1 a call, and never more than 1: a call for one price
    "least": Month([("0.6",)], [6, 12], ["0.1", "0.12"], {"limits": {"min_charge": "0.1"}}),
    "most": Month(
        [("0.05",)], [1194, 1200, 7200], ["0.995", "1", "1"], {"limits": {"max_charge": "1"}}
    ),
    # 7 seconds of 0.0113 are 0.00131833…, each call rounded up to four places
    "rounded-up": Month(
        [("0.0113",)], [7, 60, 0], ["0.0014", "0.0113", "0.0002"],
        {**SECOND, "rounding": ("call", 4, "up")},
    ),
    # 0.125 and 0.375 lie in the middle: to the even cent, 0.12 and 0.38
    "half-even": Month(
        [("0.125",)], [60, 180, 120], ["0.12", "0.38", "0.25"],
        {"rounding": ("call", 2, "half_even")},
    ),
    # the fee and the limit come before the rounding: 0.011 + 0.004, at least 0.0195
    "fee-limit-rounding": Month(
        [("0.01", "0", "0", "", "0.004")], [66, 120], ["0.02", "0.03"],
        {"limits": {"min_charge": "0.0195"}, "rounding": ("call", 2, "up")},
    ),
    # a currency without cents
    "yen": Month(
        [("7",)], [61, 6], ["8", "1"], {"currency": "JPY", "rounding": ("call", 0, "half_up")}
    ),
    # a call of no length that the supplier lets go
    "let-go": Month(
        [("0.6", "0", "0", "", "0.25")], [0, 6], ["0", "0.31"],
        {"policies": {"answered_zero_seconds": "free"}},
    ),
}  # fmt: skip
BY_NAME = pytest.mark.parametrize("name", MONTHS)


def ends(month):
    """Return when each call ends; each begins three hours after the one before."""
    return [AT + 3600 * 3 * number + seconds for number, seconds in enumerate(month.seconds)]


@pytest.fixture(scope="module")
def charged(tmp_path_factory):
    """All months in one workspace, an account for each: ingested and rated, then read."""
    folder = tmp_path_factory.mktemp("practice")
    accounts, bodies = [], []
    for waba, (name, month) in enumerate(MONTHS.items(), start=1):
        place = folder / "rates" / name
        place.mkdir(parents=True)
        write_card(month.card(name), place)
        told = f'waba_ids = ["{waba}"]\ntimezone = "UTC"\ncard = "{name}"\n'
        accounts.append(f"[accounts.{name}]\n{told}")
        calls = zip(month.seconds, ends(month), strict=True)
        for number, (seconds, at) in enumerate(calls):
            item = terminate(f"wacid.{name}.{number}", at=at, seconds=seconds)
            bodies.append(json.dumps(body(value(calls=[item]), waba=str(waba))))
    (folder / "wacost.toml").write_text("\n".join(accounts))
    (folder / "told.jsonl").write_text("\n".join(reversed(bodies)))
    log = wacost.open(folder)
    assert log.ingest(folder / "told.jsonl").calls == len(bodies)
    log.invoices("2026-09")
    query = "SELECT account, call_id, amount FROM charges WHERE side = 'cost' ORDER BY call_id"
    with log.reading() as con:
        rows = con.execute(query).fetchall()
        return [(account, explain(con, call_id), amount) for account, call_id, amount in rows]


@BY_NAME
def test_webhooks_come_to_the_figures_worked_out_by_hand(charged, name):
    amounts = [Decimal(amount) for amount in MONTHS[name].amounts]
    assert [amount for account, _, amount in charged if account == name] == amounts
    told = [explained for account, explained, _ in charged if account == name]
    last = [dict(one.steps)["charged"].split()[0].rstrip(",") for one in told]
    assert list(map(Decimal, last)) == amounts
    assert [replay(json.dumps(one.as_dict())) for one in told] == [[]] * len(told)


@BY_NAME
def test_a_frame_comes_to_the_same_figures(name):
    pl = pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    pytest.importorskip("pyarrow", reason="pip install 'wacost[frames]'")
    month = MONTHS[name]
    frame = pl.DataFrame(
        {
            "call_id": [str(number) for number in range(len(month.seconds))],
            "direction": "outbound",
            "contact": USER,
            "duration_s": month.seconds,
            "ended_at": [datetime.fromtimestamp(at, UTC) for at in ends(month)],
            "answered": True,
        }
    )
    rated = wacost.rate(frame, month.card())
    assert rated["amount"].to_list() == [Decimal(amount) for amount in month.amounts]


@BY_NAME
def test_quotes_one_after_the_other_come_to_the_same_figures(name):
    month = MONTHS[name]
    card, before = month.card(), 0
    alone = [card.quote(f"+{USER}", seconds=n).billed_seconds or 0 for n in month.seconds]
    for seconds, billed, amount in zip(month.seconds, alone, month.amounts, strict=True):
        used = sum(alone) - billed if card.tiers.model == "volume" else before
        tiered = len(card.rows) > 1 and card.rows[1].tier_from_minutes
        minutes = Decimal(used) / 60 if tiered else 0
        charge = card.quote(f"+{USER}", seconds=seconds, minutes_before=minutes)
        assert charge.amount == Decimal(amount)
        before += billed
