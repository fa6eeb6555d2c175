"""What documents say: the fixed sentences, by the words they explain. Marked for translation."""

from __future__ import annotations

from typing import Final

from wacost.language import mark, mark_n

TITLES: Final = {
    "expected": mark("Expected bill"),
    "chargeback": mark("Internal charge"),
    "customer": mark("Invoice"),
}

CORRECTIONS: Final = {
    "chargeback": {
        "credit_note": mark("Internal credit"),
        "supplement": mark("Supplementary internal charge"),
    },
    "customer": {
        "credit_note": mark("Credit note"),
        "supplement": mark("Supplementary invoice"),
    },
}
"""What documents that correct another are called, by kind and type."""

FACES: Final = {
    "expected": mark(
        "This is not an invoice. It is a computation of what the supplier should bill for these"
        " calls, made to check the supplier’s own bill. It has no legal force."
    ),
    "chargeback": mark(
        "Internal document: it divides costs inside the company and is not an invoice for tax."
    ),
    "customer": mark(
        "Draft without a number: not a valid invoice, and not a demand for payment, until issued."
    ),
}
"""What a draft of each kind must say on its face; of final documents only the internal one."""

LOCAL_LAW: Final = {
    "BR": mark(
        "Brazil: the law may ask for an electronic service invoice (NFS-e) of the municipality or"
        " the national system. This document does not replace it."
    ),
    "MX": mark(
        "Mexico: the law asks for a CFDI stamped by an authorised provider. This document does not"
        " replace it."
    ),
    "IN": mark(
        "India: the law may ask for an invoice reference number (IRN) of the registration portal."
        " This document does not replace it."
    ),
}
"""Where local law asks a seller for more than wacost gives, by the seller’s country."""

BY_SETTINGS: Final = mark("accepted in the settings of the account")
BY_OPTION: Final = mark("accepted by name when it was issued")

ITEMS: Final = {
    "included": mark("Included minutes"),
    "discount": mark("Discount"),
    "monthly": mark("Fixed cost"),
    "minimum": mark("Minimum monthly charge"),
    "remainder": mark("Remainder of rounding"),
}
"""What a line is that is about no single call."""

CAUSES: Final = {
    "late_call": mark("Calls that were reported late"),
    "changed_call": mark("Calls whose records changed"),
    "new_card": mark("Calls under another rate card"),
    "price_policy": mark("Calls under another price policy"),
    "tier_shift": mark("Calls moved to another tier by other calls"),
    "cancelled": mark("Calls of documents that are cancelled"),
}
"""Why calls came to cost something else than was billed."""
CAUSE: Final = {
    "late_call": mark("reported late"),
    "changed_call": mark("records changed"),
    "new_card": mark("another rate card"),
    "price_policy": mark("another price policy"),
    "tier_shift": mark("another tier"),
    "cancelled": mark("document cancelled"),
}
"""The same of one call."""

DIRECTIONS: Final = {
    "outbound": mark("Outbound calls"),
    "inbound": mark("Inbound calls"),
}
STARTED_BY: Final = {
    "outbound": mark("started by the business"),
    "inbound": mark("started by the contact"),
}

DIRECTION: Final = {
    "outbound": mark("outbound"),
    "inbound": mark("inbound"),
}
"""The same of one call."""

PARTS: Final = {
    "call": mark("minutes"),
    "fee": mark("fee"),
    "limit": mark("least and most charge per call"),
}
"""What part of its calls a line is about."""
CARD_STATUSES: Final = {
    "published": mark("published"),
    "derived": mark("derived"),
    "reported": mark("reported"),
    "contract": mark("contract"),
    "illustrative": mark("illustrative"),
}
CARD_MEANINGS: Final = {
    "published": mark("printed by the supplier"),
    "derived": mark("worked out from other figures; the supplier has not published it"),
    "reported": mark("told by a third party, not by the supplier"),
    "contract": mark("agreed with the supplier"),
    "illustrative": mark("made up as an example; no supplier charges it"),
}

STATUSES: Final = {
    "held": mark("held"),
    "open": mark("open"),
    "incomplete": mark("incomplete"),
    "no_country": mark("no country"),
    "no_rate": mark("no rate"),
    "no_account": mark("no account"),
    "no_sell_card": mark("no sell card"),
}
"""The words of an unpriced call's status."""
UNPRICED: Final = {
    "held": mark("held back, its records contradict each other or tell too little"),
    "open": mark("its end was never reported"),
    "incomplete": mark("answered, but its start was never reported"),
    "no_country": mark("its country is not known, so no rate applies"),
    "no_rate": mark("the rate card has no rate for it"),
    "no_account": mark("its number belongs to no account"),
    "no_sell_card": mark("no sell card was in force yet"),
}

CALL_STATUSES: Final = {
    **STATUSES,
    "rated": mark("billed"),
    "free": mark("free"),
    "unanswered": mark("not answered"),
    "withdrawn": mark("withdrawn"),
}
"""The words of any call's status."""

FLAG_NAMES: Final = {
    "tier_unknown": mark("rate of the tier not known"),
    "month_of": mark("across the end of a month"),
    "answered_zero_seconds": mark("answered for 0 seconds"),
    "failed_with_duration": mark("failed after it was answered"),
    "duration_conflict": mark("duration contradicts times"),
}
"""Short names of the choices below."""

FLAGS: Final = {
    "tier_unknown": mark_n(
        "{number} call in a tier whose rate is not known: priced at the next lower tier",
        "{number} calls in a tier whose rate is not known: priced at the next lower tier",
    ),
    "month_of": mark_n(
        "{number} call across the end of a month: the rate card’s policy chose the month",
        "{number} calls across the end of a month: the rate card’s policy chose the month",
    ),
    "answered_zero_seconds": mark_n(
        "{number} call answered for 0 seconds: priced by the rate card’s policy",
        "{number} calls answered for 0 seconds: priced by the rate card’s policy",
    ),
    "failed_with_duration": mark_n(
        "{number} call that failed after it was answered: priced by the rate card’s policy",
        "{number} calls that failed after they were answered: priced by the rate card’s policy",
    ),
    "duration_conflict": mark_n(
        "{number} call whose duration contradicts its times: the policy chose one of them",
        "{number} calls whose duration contradicts their times: the policy chose one of them",
    ),
}
"""Why a documented choice, and not the records alone, made a price: for one call, for several."""

DOUBTS: Final = {
    "tier_unknown": mark_n(
        "{number} call in a tier whose rate is not known: {range}.",
        "{number} calls in a tier whose rate is not known: {range}.",
    ),
    "used_elsewhere": mark_n(
        "{number} call whose tier depends on minutes used elsewhere: {range}.",
        "{number} calls whose tier depends on minutes used elsewhere: {range}.",
    ),
    "tier_moved": mark_n(
        "{number} call whose tier depends on other calls in doubt: {range}.",
        "{number} calls whose tier depends on other calls in doubt: {range}.",
    ),
    "open": mark_n(
        "{number} call whose end was never reported: {range}.",
        "{number} calls whose end was never reported: {range}.",
    ),
    "incomplete": mark_n(
        "{number} call whose start was never reported: {range}.",
        "{number} calls whose start was never reported: {range}.",
    ),
    "held": mark_n(
        "{number} call held back: {range}.",
        "{number} calls held back: {range}.",
    ),
    "no_rate": mark_n(
        "{number} call without a rate on the rate card: {range}.",
        "{number} calls without a rate on the rate card: {range}.",
    ),
    "no_country": mark_n(
        "{number} call whose country is not known: {range}.",
        "{number} calls whose country is not known: {range}.",
    ),
}
"""What is in doubt, and between which amounts: for one call, for several."""

DOUBT: Final = {
    "tier_unknown": mark("Tier whose rate is not known"),
    "used_elsewhere": mark("Tier depends on minutes used elsewhere"),
    "tier_moved": mark("Tier depends on other calls in doubt"),
    "open": mark("The end was never reported"),
    "incomplete": mark("The start was never reported"),
    "held": mark("Held back"),
    "no_rate": mark("No rate on the rate card"),
    "no_country": mark("Country not known"),
}
"""The same as a heading."""
