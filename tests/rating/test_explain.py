"""An explanation leads from the card's rows to the amount that is really charged."""

import pytest

from wacost.cards import RateCard

ROW = {"direction": "outbound", "destination": "*", "effective_from": "2026-01-01"}
AT = "2026-10-10T12:00:00Z"


@pytest.mark.parametrize(
    ("limits", "rounding", "steps"),
    [
        # 61 s are 66: 0.0113 × 66 ÷ 60 = 0.01243
        (
            {},
            None,
            ["0.01243 USD, exact; its invoice line is rounded once, to 2 places, half up"],
        ),
        ({}, ("call", 4, "up"), ["once, for each call, to 4 places, up", "0.0125 USD"]),
        (
            {"min_charge": "0.05001"},
            ("call", 4, "up"),
            ["0.01243 → 0.05001 USD, the card's least per call", "0.05001 → 0.0501", "0.0501 USD"],
        ),
        (
            {"max_charge": "0.009"},
            ("call", 2, "down"),
            ["0.01243 → 0.009 USD, the card's most per call", "0.009 → 0.00 USD", "0.00 USD"],
        ),
    ],
)
def test_the_last_word_is_the_amount_that_is_really_charged(limits, rounding, steps):
    rows = [ROW | {"rate_per_minute": "0.0113"}]
    card = RateCard.from_rows(rows, currency="USD", limits=limits, rounding=rounding)
    charge = card.quote(country="GE", seconds=61, at=AT)
    lines = charge.explain().splitlines()
    assert lines[-len(steps) - 1].endswith("0.0113 × 66 ÷ 60 = 0.01243 USD")
    assert all(told in line for told, line in zip(steps, lines[-len(steps) :], strict=True))
    assert lines[-1].split()[:2] == ["charged", f"{charge.amount:f}"]
