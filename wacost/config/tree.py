"""The whole key tree of wacost.toml: every key that exists, and the reader of its value."""

from __future__ import annotations

from typing import Any, Final

from wacost.config import documents, model
from wacost.config.imports import IMPORT
from wacost.config.look import colour, logo
from wacost.config.statements import STATEMENT
from wacost.config.strict import (
    ListOf,
    Named,
    OneOf,
    Place,
    Shape,
    Table,
    currency,
    day,
    days,
    decimal,
    digits,
    moment,
    percent,
    places,
    text,
    zone,
)
from wacost.money import MODES

KINDS: Final = ("expected", "chargeback", "customer")
DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

locale = Shape(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_([A-Z]{2}|[0-9]{3}))?", "a locale, like pt_BR")
month = Shape(r"[0-9]{4}-(0[1-9]|1[0-2])", "a month, like 2026-10")
country = Shape(r"[A-Z]{2}", "an ISO 3166 country, like BR")
series = Shape(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}", "a series: up to 20 letters, digits, - and _")
span = Shape(
    r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)",
    "a span of hours, like 09:00-18:00",
)


def hours(value: Any, place: Place) -> str:
    """Read a span of hours of one day; the text compares as the clock does."""
    told = span(value, place)
    opens, closes = told.split("-")
    if opens >= closes:
        hint = "over midnight write two: 22:00-24:00, and 00:00-02:00 on the next day"
        raise place.error(f"{told!r} ends before it begins", hint=hint)
    return told


def _as_dict(**values: Any) -> dict[str, Any]:
    return values


FEE: Final = Table(
    model.Fee,
    {"name": text, "amount": decimal, "per": OneOf(("month", "year"))},
    required=("name", "amount"),
)
DISCOUNT: Final = Table(
    model.Discount,
    {"name": text, "percent": percent, "amount": decimal, "from": day, "to": day},
    required=("name",),
    renamed={"from": "from_on", "to": "to_on"},
)
INCLUDED: Final = Table(
    model.IncludedMinutes,
    {
        "name": text,
        "minutes": decimal,
        "direction": OneOf(("inbound", "outbound")),
        "country": country,
        "market": text,
        "from": day,
        "to": day,
    },
    required=("name", "minutes"),
    renamed={"from": "from_on", "to": "to_on"},
)
TAX: Final = Table(
    model.Tax,
    {
        "name": text,
        "category": OneOf(("S", "Z", "E", "AE", "K", "G", "O", "L", "M")),
        "percent": percent,
        "reason": text,
    },
    required=("name", "category"),
)
PARTY: Final = Table(
    model.Party,
    {"name": text, "tax_id": text, "address": ListOf(text), "country": country, "email": text},
    required=("name",),
)
INVOICE: Final = Table(
    documents.InvoiceSettings,
    {
        "kind": OneOf(KINDS),
        "series": series,
        "language": locale,
        "payment_terms_days": days,
        "accept_cards": ListOf(text),
        "logo": logo,
        "colour": colour,
    },
)
ANNEX: Final = Table(documents.Annex, {"numbers": OneOf(documents.NUMBERS)})
TERM: Final = Table(
    model.TermChange,
    {
        "from": day,
        "card": text,
        "sell_card": text,
        "timezone": zone,
        "tax": ListOf(TAX),
        "fees": ListOf(FEE),
    },
    required=("from",),
    renamed={"from": "from_on"},
)
BALANCE: Final = Table(
    model.Balance,
    {
        "minimum": Table(
            _as_dict, {"amount": decimal, "currency": currency}, required=("amount", "currency")
        ),
        "currency": currency,
        "display_places": places,
        "display_mode": OneOf(MODES),
        "topup_fee_percent": percent,
        "topup_least": decimal,
        "auto_recharge": Table(
            _as_dict, {"below": decimal, "amount": decimal}, required=("below", "amount")
        ),
    },
)
ACCOUNT: Final = Table(
    model.Account,
    {
        "title": text,
        "waba_ids": ListOf(digits),
        "phone_number_ids": ListOf(digits),
        "timezone": zone,
        "card": text,
        "sell_card": text,
        "terms": ListOf(TERM),
        "fees": ListOf(FEE),
        "budget": Table(_as_dict, {"month": decimal}),
        "invoice": INVOICE,
        "annex": ANNEX,
        "seller": PARTY,
        "buyer": PARTY,
        "tax": ListOf(TAX),
        "discounts": ListOf(DISCOUNT),
        "included_minutes": ListOf(INCLUDED),
        "minimum_charge": decimal,
        "balance": BALANCE,
        "call_hours": Table(_as_dict, dict.fromkeys(DAYS, ListOf(hours))),
    },
    required=("timezone", "card"),
)
PORTFOLIO: Final = Table(
    model.Portfolio,
    {
        "accounts": ListOf(text),
        "external_minutes": ListOf(
            Table(
                model.ExternalMinutes,
                {"month": month, "market": text, "country": country, "minutes": decimal},
                required=("month", "minutes"),
            )
        ),
        "observed_tier": ListOf(
            Table(
                model.ObservedTier,
                {
                    "month": month,
                    "market": text,
                    "country": country,
                    "tier_from_minutes": decimal,
                    "at": moment,
                },
                required=("month", "tier_from_minutes", "at"),
            )
        ),
        "balance": BALANCE,
    },
    required=("accounts",),
)
SOURCE_RULE: Final = Table(
    model.SourceRule,
    {"account": text, "from": day, "to": day, "source": text},
    required=("account", "source"),
    renamed={"from": "from_on", "to": "to_on"},
)
POLICIES: Final = Table(
    model.Policies,
    {
        "permission": text,
        "source_of_record": ListOf(SOURCE_RULE),
        "redact_after_days": days,
        "contradiction": OneOf(("hold", "shortest", "longest")),
    },
)
ROOT: Final = Table(
    model.Config,
    {
        "locale": locale,
        "frames": OneOf(("polars", "pandas")),
        "reporting_currency": currency,
        "accounts": Named(ACCOUNT),
        "portfolios": Named(PORTFOLIO),
        "imports": Named(IMPORT),
        "statements": Named(STATEMENT),
        "policies": POLICIES,
    },
)
