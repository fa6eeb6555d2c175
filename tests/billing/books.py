"""A store with charges made by hand: what billing reads, without what makes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

import wacost.store
from wacost.cards import load_card

STORE = Path(wacost.store.__file__).parent
SCHEMA = "".join((STORE / name).read_text(encoding="utf-8") for name in ("schema.sql", "views.sql"))
FLAGS = (
    "tier_unknown",
    "month_of",
    "answered_zero_seconds",
    "failed_with_duration",
    "duration_conflict",
)
BANDS = (0, 50_000, 250_000, 1_000_000)


@dataclass(frozen=True)
class Party:
    name: str
    tax_id: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    email: str = ""


@dataclass(frozen=True)
class Tax:
    name: str
    category: str = "S"
    percent: str = "0"
    reason: str = ""


@dataclass(frozen=True)
class Settings:
    kind: str = "expected"
    series: str = ""
    language: str = "en"
    payment_terms_days: int | None = None
    accept_cards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    name: str = "acme"
    title: str = "Acme Ltda"
    timezone: str = "America/Sao_Paulo"
    card: str = "meta-usd"
    sell_card: str | None = None
    terms: tuple[Any, ...] = ()
    invoice: Settings = Settings()
    seller: Party | None = None
    buyer: Party | None = None
    tax: tuple[Tax, ...] = ()
    fees: tuple[Any, ...] = ()
    discounts: tuple[Any, ...] = ()
    included_minutes: tuple[Any, ...] = ()
    minimum_charge: str = "0"


@dataclass
class Books:
    """The store, and what a test puts into it."""

    con: duckdb.DuckDBPyConnection
    added: list[Fraction] = field(default_factory=list)
    numbers: int = 0
    priced_by: str = "c1" * 32

    def real_card(self, name: str) -> str:
        """Put in a bundled card as rating would keep it; calls are priced by it from now on."""
        card = load_card(name)
        self.card(card.checksum, name=name, currency=card.currency, status=card.status)
        self.con.execute(
            "UPDATE cards SET content = ? WHERE checksum = ?", [card.as_json(), card.checksum]
        )
        self.priced_by = card.checksum
        return card.checksum

    def card(self, checksum: str = "c1" * 32, **facts: Any) -> str:
        currency = facts.get("currency", "USD")
        content = {
            "rounding": facts.get("rounding", {"at": "line", "places": None, "mode": "half_up"}),
            "markets": [{"market": "Rest", "member": "PT"}, {"market": "Rest", "member": "JM"}],
            "rates": [
                {
                    "direction": direction,
                    "destination": destination,
                    "effective_from": "2026-10-01",
                    "tier_from_minutes": band,
                }
                for direction, destination in facts.get("tiered", [("outbound", "Brazil")])
                for band in BANDS
            ],
        }
        self.con.execute(
            "INSERT INTO cards VALUES (?, ?, ?, ?, ?, ?, ?, TIMESTAMP '2026-11-01', ?)",
            [
                checksum,
                facts.get("name", "meta-usd"),
                facts.get("title", "Meta WhatsApp calling, USD"),
                currency,
                facts.get("status", "derived"),
                facts.get("source", "https://example.com/calling/pricing"),
                date(2026, 11, 22),
                json.dumps(content),
            ],
        )
        return checksum

    def call(self, *, rate: str | None = "0.0108", seconds: int = 60, **facts: Any) -> str:
        """Add one charge; `rate` None: unpriced or unanswered, as `status` says."""
        self.numbers += 1
        call_id = facts.get("call_id", f"wacid.{self.numbers:06d}")
        status = facts.get("status", "rated" if rate and Decimal(rate) else "free")
        units: int | None = None
        amount: Decimal | None = None
        if rate is not None:
            units = int(Decimal(rate) * 10**9) * seconds
            amount = facts.get("amount") or (Decimal(units) / (60 * 10**9)).quantize(
                Decimal("1E-12")
            )
            self.added.append(Fraction(units, 60 * 10**9))
        elif status == "unanswered":
            units, amount = 0, Decimal(0)
        row = {
            "call_id": call_id,
            "account": facts.get("account", "acme"),
            "side": facts.get("side", "cost"),
            "card": facts.get("card", "meta-usd"),
            "month": facts.get("month", "2026-10"),
            "direction": facts.get("direction", "outbound"),
            "country": facts.get("country", "BR"),
            "market": facts.get("market", "Brazil"),
            "status": status,
            "flag_bits": sum(1 << FLAGS.index(flag) for flag in facts.get("flags", ())),
            "amount": amount,
            "amount_units": units,
            "currency": facts.get("currency", "USD"),
        }
        if status == "unanswered":
            row["billed_seconds"] = 0
        if rate is not None:
            row |= {
                "billed_seconds": seconds,
                "tier_from_minutes": facts.get("tier", 0),
                "rate_nanos": int(Decimal(rate) * 10**9),
                "fee_nanos": 0,
                "effective_from": facts.get("effective_from", date(2026, 10, 1)),
                "card_checksum": facts.get("checksum", self.priced_by),
            }
        self._insert("charge_rows", row)
        if "at" in facts:
            self._insert("call_rows", {"call_id": call_id, "first_event_at": facts["at"]})
        return str(call_id)

    def empty(self) -> None:
        """Begin anew, without the cost of a new store."""
        for table in (
            "charge_rows",
            "call_rows",
            "cards",
            "invoices",
            "invoice_lines",
            "invoice_call_rows",
        ):
            self.con.execute(f"DELETE FROM {table}")
        self.added, self.numbers = [], 0

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.con.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def new_books() -> Books:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(SCHEMA)
    return Books(con)
