"""A store with charges made by hand: what billing reads, without what makes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb

TABLES = """
CREATE TABLE charges (
    call_id VARCHAR, account VARCHAR, side VARCHAR, card VARCHAR, month VARCHAR, direction VARCHAR,
    country VARCHAR, market VARCHAR, status VARCHAR, flags VARCHAR[], billed_seconds BIGINT,
    pulses BIGINT, tier_from_minutes BIGINT, seconds_before BIGINT,
    rate_per_minute DECIMAL(18,9), fee DECIMAL(18,9), amount DECIMAL(38,12), amount_units HUGEINT,
    currency VARCHAR, effective_from DATE, card_checksum VARCHAR,
    parts STRUCT(from_second BIGINT, tier_from_minutes BIGINT, billed_seconds BIGINT,
        rate_per_minute DECIMAL(18,9), fee DECIMAL(18,9))[]
);
CREATE TABLE calls (
    call_id VARCHAR, started_at TIMESTAMP, ended_at TIMESTAMP, first_event_at TIMESTAMP
);
CREATE TABLE cards (
    checksum VARCHAR, name VARCHAR, title VARCHAR, currency VARCHAR, status VARCHAR,
    source VARCHAR, retrieved DATE, first_used_at TIMESTAMP, content VARCHAR
);
"""

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


@dataclass
class Books:
    """The store, and what a test puts into it."""

    con: duckdb.DuckDBPyConnection
    added: list[Fraction] = field(default_factory=list)
    numbers: int = 0

    def card(self, checksum: str = "c1" * 32, **facts: Any) -> str:
        currency = facts.get("currency", "USD")
        content = {
            "rounding": facts.get("rounding", {"at": "line", "places": None, "mode": "half_up"}),
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
        self.con.execute(
            "INSERT INTO charges VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,NULL,?,NULL,?,?,?,?,?,NULL)",
            [
                call_id,
                facts.get("account", "acme"),
                facts.get("side", "cost"),
                facts.get("card", "meta-usd"),
                facts.get("month", "2026-10"),
                facts.get("direction", "outbound"),
                facts.get("country", "BR"),
                facts.get("market", "Brazil"),
                status,
                facts.get("flags", []),
                seconds if rate is not None else (0 if status == "unanswered" else None),
                0,
                facts.get("tier", 0) if rate is not None else None,
                Decimal(rate) if rate is not None else None,
                amount,
                units,
                facts.get("currency", "USD"),
                facts.get("effective_from", date(2026, 10, 1)) if rate is not None else None,
                facts.get("checksum", "c1" * 32) if rate is not None else None,
            ],
        )
        if "at" in facts:
            self.con.execute("INSERT INTO calls VALUES (?, NULL, NULL, ?)", [call_id, facts["at"]])
        return str(call_id)


def new_books() -> Books:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(TABLES)
    return Books(con)
