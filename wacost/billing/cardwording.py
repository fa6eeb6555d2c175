"""What documents call what rate cards and workspaces set, and names that bundled cards have."""

from __future__ import annotations

from typing import Final

from wacost.language import mark

RULES: Final = {
    "increments.first": mark("First increment, seconds"),
    "increments.next": mark("Next increments, seconds"),
    "tiers.model": mark("How tiers price"),
    "tiers.scope": mark("What the minutes of a tier are counted over"),
    "tiers.accrual": mark("Which seconds count towards a tier"),
    "rounding.at": mark("What is rounded"),
    "rounding.places": mark("Places of a rounded amount"),
    "rounding.mode": mark("How it is rounded"),
    "limits.min_charge": mark("Least charge per call"),
    "limits.max_charge": mark("Most charge per call"),
    "policies.month_of": mark("Which moment of a call decides month, tier and rate"),
    "policies.answered_zero_seconds": mark("Calls answered for 0 seconds"),
    "policies.failed_with_duration": mark("Calls that failed after they were answered"),
    "policies.duration_conflict": mark("Calls whose duration contradicts their times"),
    "policies.contradiction": mark("Records that contradict each other"),
    "policies.source_of_record": mark("Which source counts where two tell of one call"),
}
"""Names of the rules that a card or a workspace sets."""

MARKETS: Final = (
    mark("North America"),
    mark("Other"),
    mark("Rest of Africa"),
    mark("Rest of Asia Pacific"),
    mark("Rest of Central & Eastern Europe"),
    mark("Rest of Latin America"),
    mark("Rest of Middle East"),
    mark("Rest of Western Europe"),
)
"""Markets of bundled cards that are no country; those that are have the country's name."""

CARD_TITLES: Final = (
    mark("Botmaker's fee per call and Meta's pulses, USD"),
    mark("Demonstration: both directions charged, USD"),
    mark("HighLevel WhatsApp calling, USD"),
    mark("Meta WhatsApp calling, INR"),
    mark("Meta WhatsApp calling, USD"),
    mark("Plivo WhatsApp calling, USD"),
    mark("Zernio's carrier leg, USD: the second of two billers"),
)
"""Titles of bundled cards."""
