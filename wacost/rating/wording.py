"""The sentences in which an explanation says what a status, a flag or a source means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.language import mark

if TYPE_CHECKING:
    from wacost.language import Language

WHY_NOT: Final[dict[str, str]] = {
    "no_account": mark(
        "No account of wacost.toml claims this WhatsApp number, so no card applies."
    ),
    "held": mark(
        "It is held back until somebody decides: its records contradict each other, or its"
        " source does not tell enough. `wacost quarantine list` says which, and how to release it."
    ),
    "open": mark("No terminate event has arrived yet: whether it was answered is not known."),
    "incomplete": mark("It ended without a start time although it was accepted or has a duration."),
    "unanswered": mark("It was not answered, and only answered calls are charged."),
    "no_country": mark("Neither its number nor a profile tells its country, and no row takes any."),
    "no_rate": mark("The card has no rate for it on that day. That is not the same as free."),
}
NO_DIRECTION: Final = mark(
    "Nothing tells its direction, and every row of a card is for one direction: none applies."
)
NO_FIGURE: Final[dict[bool, str]] = {
    True: mark("The card says n/a: the supplier does not offer it. That is not the same as free."),
    False: mark("The supplier has a rate for it, which the card does not know. That is not zero."),
}
"""Why there is no price although a row is in force: whether it says n/a -> the sentence."""
FLAG_TEXT: Final[dict[str, str]] = {
    "tier_unknown": mark(
        "the card does not know this band's rate: the next lower known one is used"
    ),
    "month_of": mark(
        "its start and its end fall under different months or rates; the card's policy"
        " month_of chose"
    ),
    "answered_zero_seconds": mark(
        "it was answered but lasted 0 seconds; the card's policy decided"
    ),
    "failed_with_duration": mark("it failed after it was answered; the card's policy decided"),
    "duration_conflict": mark(
        "its duration and its two times differ by more than a second; the card's policy decided"
    ),
}
NO_LOWER_RATE: Final = mark("the card knows neither this band's rate nor that of a lower one")
"""What `tier_unknown` says of a call that has no price for it."""


def flag_text(flag: str, status: str, language: Language) -> str:
    """Say what a flag of a charge means, its name before.

    >>> from wacost.language import ENGLISH
    >>> flag_text("month_of", "rated", ENGLISH)[:30]
    'month_of: its start and its en'
    """
    nothing = flag == "tier_unknown" and status == "no_rate"
    return f"{flag}: {language.say(NO_LOWER_RATE if nothing else FLAG_TEXT[flag])}"


SOURCE_TEXT: Final[dict[str | None, str]] = {
    "number": mark("from the number"),
    "profile": mark("from the profile, there is no number"),
    "user_id": mark("from the user id, there is no number"),
    None: mark("as given"),
}
NOT_USED: Final = mark("{given} was given too and is not used: the number tells {used}")
"""What is said of a country that was given beside a number of another."""
LENGTH_TEXT: Final[dict[str, str]] = {
    "field": mark("its duration as told"),
    "times": mark("from start to end"),
    "decision": mark("as decided"),
}
