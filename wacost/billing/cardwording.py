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

CARD_NOTES: Final = (
    mark("Meta has this band; its rate is not known"),
    mark("Zernio bills this leg; its rate is not documented; the date is that of reading"),
    mark("all countries that the table does not list"),
    mark("both tables give this list rate"),
    mark("both tables give this list rate; a public test project has the same figure"),
    mark(
        "both tables give this list rate; a public test project has the same figure;"
        " Plivo adds 0.0040 here"
    ),
    mark("both tables give this list rate; so does Botmaker"),
    mark("both tables give this list rate; so does Meta's card of 2026-10-01"),
    mark("highest rate of the range on the page"),
    mark("illustrative figure: nobody charges it"),
    mark(
        "inferred from the reseller table of HighLevel; https://github.com/akashnand1/whatsapp-calling-lab"
    ),
    mark("inferred from the reseller table of Plivo"),
    mark("inferred from the reseller tables of HighLevel and Plivo"),
    mark("left Rest of Africa"),
    mark("left Rest of Asia Pacific"),
    mark("left Rest of Central & Eastern Europe"),
    mark("left Rest of Middle East"),
    mark("list rate"),
    mark("lowest rate of the range on the page; taken for the last band"),
    mark("made up for demonstrations"),
    mark("market of its own at unchanged rates; the list rate of Other"),
    mark("market of its own at unchanged rates; the list rate of Rest of Africa"),
    mark("market of its own at unchanged rates; the list rate of Rest of Asia Pacific"),
    mark("market of its own at unchanged rates; the list rate of Rest of Central & Eastern Europe"),
    mark("market of its own at unchanged rates; the list rate of Rest of Middle East"),
    mark("not settled: Other 0.0132 or Russia 0.0097"),
    mark("public brief that cites Meta's INR rate card of 2026-07-01"),
    mark("public copy of Meta's PDF rate card of 2026-10-01"),
    mark("public copy of Zernio's documentation, and the crate late on docs.rs"),
    mark("public pricing-data file whose price field is named plivo (February 2026)"),
    mark("read for Georgia"),
    mark("rests on one table"),
    mark("rests on one table; equal to Rest of Africa"),
    mark("the code of that project has the same figure"),
    mark("the list rate of Other; Meta did not name Kazakhstan"),
    mark("the page says N/A"),
    mark(
        "unchanged from Rest of Central & Eastern Europe before this date;"
        " that ladder was read for this date only"
    ),
    mark("user-initiated calls are free"),
)
"""Where bundled cards have their figures from, and what they note of them."""
