"""Say an invoice in its language: everything that is printed, as text ready to set.

The result is plain lists and dicts of text. A template lays it out and knows no word of it.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.billing import wording
from wacost.billing.documents.issued import face, particulars, title
from wacost.billing.documents.items import item_groups
from wacost.billing.documents.notes import card_rows, changed_table, notes, unpriced_table
from wacost.billing.documents.why import Why
from wacost.billing.exact import add, at_places
from wacost.billing.minutes import clock, decimal_places, minutes
from wacost.language import Language
from wacost.money import trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Line, TaxLine
    from wacost.config.model import Party

_LONGEST_HEAD: Final = 60
_RATE: Final = -2
"""Where the rate stands in the head and among the figures: before the amount."""
_NO_BREAK: Final = "\u00a0"


def page(invoice: Invoice) -> dict[str, Any]:
    """Return all text of an invoice's printed form, in the invoice's language."""
    language = Language.of(invoice.language)
    tiered = any(line.tiered for line in invoice.lines)
    month = language.month(invoice.period_start)
    why = Why(invoice, language)
    head, groups = _without_rates(
        _head(invoice, language, tiered=tiered),
        _groups(invoice, language, tiered=tiered, why=why),
    )
    return {
        "language": language.code,
        "look": {"colour": invoice.look.colour, "logo": bool(invoice.look.logo)},
        "direction": language.direction,
        "title": title(invoice, language),
        "month": month,
        "running": _cut(invoice.title),
        "draft": "" if invoice.final else language.say("Draft"),
        "label": invoice.number or language.say("Draft"),
        "face": face(invoice, language),
        "parties": _parties(invoice, language),
        "meta": _meta(invoice, language),
        "tiered": tiered,
        "lines_title": language.say("Lines"),
        "totals_title": language.say("Sums"),
        "head": head,
        "groups": groups,
        "empty": ""
        if not invoice.is_empty
        else language.say("No calls to bill in {month}.", month=month),
        "totals": _totals(invoice, language),
        "notes": [*notes(invoice, language), *why.known(invoice), *why.notes()],
        "calls": [
            told
            for told in (changed_table(invoice, language), unpriced_table(invoice, language))
            if told
        ],
        "cards": card_rows(invoice, language),
        "page": language.say("Page {page} of {pages}", page="\x00", pages="\x00").split("\x00"),
    }


def _parties(invoice: Invoice, language: Language) -> list[dict[str, Any]]:
    labels = {
        "expected": (language.say("Supplier"), language.say("Billed to")),
        "chargeback": (language.say("Charged by"), language.say("Charged to")),
        "customer": (language.say("Seller"), language.say("Buyer")),
    }[invoice.kind]
    return [
        {"label": label, "name": party.name, "lines": _party_lines(party, language)}
        for label, party in zip(labels, (invoice.seller, invoice.buyer), strict=True)
        if party is not None
    ]


def _party_lines(party: Party, language: Language) -> list[str]:
    return [
        *party.address,
        *([language.country(party.country)] if party.country else []),
        *([language.say("Tax ID: {number}", number=party.tax_id)] if party.tax_id else []),
        *([party.email] if party.email else []),
    ]


def _meta(invoice: Invoice, language: Language) -> list[list[str]]:
    rows = [
        [language.say("Account"), invoice.account],
        *particulars(invoice, language),
        [language.say("Period"), language.period(invoice.period_start, invoice.period_end)],
        [language.say("Time zone"), invoice.timezone],
    ]
    if invoice.currency:
        name = language.currency(invoice.currency)
        rows.append([language.say("Currency"), f"{invoice.currency} · {name}"])
    if invoice.kind == "customer" and invoice.payment_terms_days is not None and not invoice.final:
        days = language.say_n("{number} day", "{number} days", invoice.payment_terms_days)
        rows.append([language.say("Payment terms"), days])
    return rows


def _head(invoice: Invoice, language: Language, *, tiered: bool) -> list[str]:
    amount = language.say("Amount")
    return [
        language.say("Country"),
        *([language.say("Tier, minutes a month")] if tiered else []),
        language.say("Calls"),
        language.say("Minutes"),
        language.say("Rate per minute"),
        f"{amount} ({invoice.currency})" if invoice.currency else amount,
    ]


def _without_rates(
    head: list[str], groups: list[dict[str, Any]]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Leave out the column of rates where no row has one: a correction tells differences."""
    rows = [one for group in groups for one in (group, *group["rows"])]
    if any(one["figures"][_RATE] for one in rows):
        return head, groups
    for one in rows:
        del one["figures"][_RATE]
    return [*head[:_RATE], *head[_RATE + 1 :]], groups


def _groups(
    invoice: Invoice, language: Language, *, tiered: bool, why: Why
) -> list[dict[str, Any]]:
    talked = [one.billed_seconds for one in invoice.told]
    talked += [item.seconds for item in invoice.items]
    rates = [line.rate_per_minute for line in invoice.lines if line.rate_per_minute]
    style = _Style(
        language,
        why,
        tiered=tiered,
        minute_places=decimal_places(talked),
        rate_places=max((_places(trimmed(rate)) for rate in rates), default=2),
        places=_places(invoice.subtotal),
    )
    groups = [
        style.group(direction, lines)
        for direction in wording.DIRECTIONS
        if (lines := [line for line in invoice.lines if line.direction == direction])
    ]
    return [*groups, *item_groups(invoice, language, style.places, int(tiered), style.minutes)]


class _Style:
    """How the figures of one document are written: the same places in every row of a column."""

    def __init__(
        self,
        language: Language,
        why: Why,
        *,
        tiered: bool,
        minute_places: int | None,
        rate_places: int,
        places: int,
    ) -> None:
        self.language = language
        self.why = why
        self.tiered = tiered
        self.minute_places = minute_places
        self.rate_places = rate_places
        self.places = places

    def group(self, direction: str, lines: Sequence[Line]) -> dict[str, Any]:
        """Return one direction: its heading with sums, and its rows, free calls as one row."""
        charged = sorted(
            (line for line in lines if line.status != "free"),
            key=lambda line: _sort_key(self.language.country(line.country)),
        )
        free = [line for line in lines if line.status == "free"]
        rows = [self.row(line, before) for line, before in _with_before(charged)]
        if free:
            rows.append(self.free_row(free))
        return {
            "title": self.language.say(wording.DIRECTIONS[direction]),
            "note": self.language.say(wording.STARTED_BY[direction]),
            "figures": self.figures(lines, ""),
            "rows": rows,
        }

    def row(self, line: Line, before: Line | None) -> dict[str, Any]:
        """Return one line; a country that goes on is named again, quietly."""
        again = before is not None and before.country == line.country
        return {
            "country": self.language.country(line.country),
            "again": again,
            "detail": " · ".join(
                text for text in (self.part(line), "" if again else self.market(line)) if text
            ),
            "why": self.why.short(line),
            "full": self.why.full(line),
            "figures": [
                *([self.tier(line)] if self.tiered else []),
                *self.line_figures(line),
            ],
        }

    def free_row(self, lines: Sequence[Line]) -> dict[str, Any]:
        """Return all free calls of a direction as one row."""
        countries = len({line.country for line in lines})
        one_country = self.language.country(lines[0].country)
        return {
            "country": self.language.say("Free calls"),
            "again": False,
            "detail": one_country
            if countries == 1
            else self.language.say_n("{number} country", "{number} countries", countries),
            "why": "",
            "full": "",
            "figures": [
                *([""] if self.tiered else []),
                *self.figures(lines, self.language.say("free")),
            ],
        }

    def figures(self, lines: Sequence[Line], rate: str) -> list[str]:
        """Return calls, minutes, rate and amount."""
        amount = add((line.amount for line in lines), self.places)
        return [
            self.language.decimal(sum(line.calls for line in lines)),
            self.minutes(sum(line.billed_seconds for line in lines)),
            rate,
            self.language.decimal(amount),
        ]

    def line_figures(self, line: Line) -> list[str]:
        """Return a line's figures; calls that are counted on another line are left blank here."""
        calls, talked, rate, amount = self.figures([line], self.rate(line))
        return [
            calls if line.calls else "",
            talked if line.part == "call" else "",
            rate,
            amount,
        ]

    def minutes(self, seconds: int) -> str:
        """Write minutes as decimals where that is exact for the whole document, else as m:ss."""
        sign = "−" if seconds < 0 else ""
        if self.minute_places is not None:
            return sign + self.language.decimal(minutes(abs(seconds), self.minute_places))
        whole, rest = clock(abs(seconds))
        return f"{sign}{self.language.decimal(whole)}:{rest}"

    def rate(self, line: Line) -> str:
        """Write the rate; an asterisk says that the tier's own rate is not known."""
        if line.part == "limit":
            return "–"
        if line.fee is not None:
            return self.language.say("{fee} per call", fee=self.language.decimal(trimmed(line.fee)))
        if line.rate_per_minute is None:
            return self.language.say("varies")
        star = "*" if line.tier_unknown else ""
        rate = at_places(trimmed(line.rate_per_minute), self.rate_places)
        return f"{star}{self.language.decimal(rate)}"

    def tier(self, line: Line) -> str:
        """Write a band the way suppliers print it: 50,001 – 250,000."""
        if line.part == "limit":
            return "–"
        if line.tier_from_minutes is None:
            return self.language.say("varies")
        if not line.tiered:
            return "–"
        begin = line.tier_from_minutes + 1 if line.tier_from_minutes else 0
        start = self.language.decimal(begin)
        if line.tier_to_minutes is None:
            return f"{start}+"
        return f"{start} – {self.language.decimal(line.tier_to_minutes)}"

    def part(self, line: Line) -> str:
        """Return which part of its calls a line is about, where it is not the call itself."""
        second = self.language.decimal(line.from_second)
        if line.part == "limit":
            return self.language.say("least and most charge per call")
        if line.part == "fee":
            times = self.language.say_n("{number} fee", "{number} fees", line.times)
            if not line.from_second:
                return self.language.say("connection: {times}", times=times)
            return self.language.say("from second {second}: {times}", second=second, times=times)
        if line.from_second:
            return self.language.say("from second {second}", second=second)
        return ""

    def market(self, line: Line) -> str:
        """Return the market that a country's name leaves open."""
        own = line.market == Language.of("en").country(line.country)
        return self.language.name(str(line.market)) if line.market_is_shared and not own else ""


def _totals(invoice: Invoice, language: Language) -> list[dict[str, Any]]:
    def money(amount: Decimal) -> str:
        return language.money(amount, invoice.currency).replace("-", "−")

    rows: list[dict[str, Any]] = [
        {"label": language.say("Subtotal"), "value": money(invoice.subtotal)}
    ]
    rows.extend(
        {"label": _tax_label(tax, language), "value": money(tax.amount), "note": tax.reason}
        for tax in invoice.taxes
    )
    if not invoice.taxes:
        note = language.say("none is set for this account")
        rows.append({"label": language.say("Tax"), "value": money(invoice.tax), "note": note})
    total = {"label": language.say("Total"), "value": money(invoice.total)}
    return [*rows, {**total, "note": invoice.currency, "strong": True}]


def _tax_label(tax: TaxLine, language: Language) -> str:
    return f"{tax.name}{_NO_BREAK}· {language.percent(Decimal(tax.percent))}"


def _with_before(lines: Iterable[Line]) -> Iterable[tuple[Line, Line | None]]:
    before = None
    for line in lines:
        yield line, before
        before = line


def _cut(name: str) -> str:
    """Shorten a name to what fits into a running head."""
    return name if len(name) <= _LONGEST_HEAD else f"{name[: _LONGEST_HEAD - 1].rstrip()}…"


def _sort_key(name: str) -> str:
    return unicodedata.normalize("NFKD", name).casefold()


def _places(amount: Decimal) -> int:
    return len(f"{amount:f}".partition(".")[2])
