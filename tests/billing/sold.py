"""Documents for customers of every kind, drawn by a seed: what electronic invoices are tried on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal
from random import Random

from billing.books import Account, Books, Party, Settings, Tax

from wacost.billing import Invoice, Wanted, correct, issue
from wacost.config import Discount, Fee, IncludedMinutes

WANTED = Wanted(now=datetime(2026, 12, 5, 12, tzinfo=UTC))
START = datetime(2026, 10, 5, 12)
CARD = "c1" * 32
CURRENCIES = ("USD", "EUR", "BRL", "INR", "JPY", "CLP")

IN_GERMANY = Party("Sprache GmbH", "DE123456789", ("Gasse 1", "10115 Berlin"), "DE", "a@s.example")
IN_AUSTRIA = Party("Anruf <b> & Söhne", "ATU12345678", ("Ring 2", "Stiege 3", "1010 Wien"), "AT")
IN_BRAZIL = Party("Voz S.A.", "12.345.678/0001-90", ("Rua 1", "São Paulo", "SP", "01310"), "BR")
IN_INDIA = Party("आकाश 🚀 Ltd", "27AAPFU0939F1ZV", (), "IN", "no mail")
IN_KOSOVO = Party('"; drop table x', "", ("Rruga",), "XK")
IN_GREECE = Party("Φωνή", "EL123456789", (), "GR")

PAIRS = {
    "domestic": (IN_GERMANY, replace(IN_GERMANY, name="Kunde AG", tax_id="DE987654321")),
    "union": (IN_GERMANY, IN_AUSTRIA),
    "greek": (IN_GREECE, IN_GERMANY),
    "brazil": (IN_BRAZIL, replace(IN_BRAZIL, name="=1+1", tax_id="98.765")),
    "india": (IN_INDIA, IN_KOSOVO),
}
EXEMPT = Tax("ICMS", "E", "0", "Exempt, art. 7")
TAXES = {
    "standard": ((Tax("VAT", "S", "19.00"),), PAIRS),
    "several": ((Tax("CGST", "S", "9.00"), Tax("SGST", "S", "9.00")), PAIRS),
    "one of two exempt": ((Tax("ISS", "S", "5.00"), EXEMPT), PAIRS),
    "exempt": ((Tax("VAT", "E", "0", "Small business"),), PAIRS),
    "twice exempt": ((EXEMPT, Tax("B", "E", "0", "Second")), PAIRS),
    "reverse charge": ((Tax("VAT", "AE", "0", "Art. 196"),), ("union", "domestic", "brazil")),
    "intra-community": ((Tax("VAT", "K", "0", "Art. 138"),), ("union", "greek")),
    "export": ((Tax("VAT", "G", "0", "Export"),), ("domestic", "union")),
    "outside": ((Tax("VAT", "O", "0", "Outside the scope"),), PAIRS),
    "zero": ((Tax("VAT", "Z", "0"),), PAIRS),
    "canaries": ((Tax("IGIC", "L", "7"),), PAIRS),
    "melilla": ((Tax("IPSI", "M", "4.5"),), PAIRS),
}
"""Taxes of every category, and between whom they can be."""


def drawn(books: Books, seed: int) -> list[Invoice]:
    """Issue a month for a customer, and what corrects it once or twice."""
    random = Random(seed)  # noqa: S311 - examples, no secrets
    currency = CURRENCIES[seed % len(CURRENCIES)]
    account = account_of(random, list(TAXES)[seed % len(TAXES)], currency)
    books.card(CARD, currency=currency, status="contract", rounding=rounding_of(random, currency))
    for _ in range(random.randrange(1, 30)):
        call(books, random, currency)
    made = list(issue(books.con, [account], "2026-10", WANTED).new)
    for _ in range(2 if made else 0):
        change(books, random, currency)
        made += correct(books.con, [account], "2026-10", WANTED).new
    return made


def account_of(random: Random, taxed: str, currency: str) -> Account:
    """Draw an account with some of everything that a document can bear."""
    taxes, pairs = TAXES[taxed]
    seller, buyer = PAIRS[random.choice(sorted(pairs))]
    cents = "" if currency in {"JPY", "CLP"} else ".50"

    def some(*told):
        return tuple(one for one in told if random.random() < 0.4)

    return Account(
        seller=seller,
        buyer=buyer,
        tax=taxes,
        invoice=Settings(
            "customer",
            language=random.choice(["en", "pt_BR", "es"]),
            payment_terms_days=random.choice([0, 15]),
        ),
        discounts=some(Discount("Loyalty & more", percent="7.5"), Discount("Gift", amount="1")),
        included_minutes=some(IncludedMinutes("Plan <S>", "3.5")),
        fees=some(Fee("Seats", f"79{cents}"), Fee("Licence", f"100{cents}", per="year")),
        minimum_charge=random.choice(["0", "0", f"10{cents}"]),
    )


def rounding_of(random: Random, currency: str) -> dict[str, object]:
    """Draw how a card rounds: each line, or each call to the places of the currency."""
    digits = 0 if currency in {"JPY", "CLP"} else 2
    at = random.choice(["line", "line", "call"])
    mode = random.choice(["half_up", "half_even", "up", "down"])
    return {"at": at, "places": None if at == "line" else digits, "mode": mode}


def call(books: Books, random: Random, currency: str) -> str:
    """Add a call; what its card would have rounded is in its amount."""
    rate = random.choice(["0.0108", "0.5", "12.345678901", "0", "33"])
    seconds = random.choice([6, 60, 61, 66, 126, 600, 3_601])
    facts = {"direction": random.choice(["outbound", "outbound", "inbound"])}
    facts |= random.choice(
        [{"country": "BR"}, {"country": "PT", "market": "Rest"}, {"country": None}]
    )
    if rounds_calls(books):
        cent = Decimal(1 if currency in {"JPY", "CLP"} else "0.01")
        facts["amount"] = (Decimal(rate) * seconds / 60).quantize(cent, ROUND_UP)
    at = START + timedelta(minutes=books.numbers)
    call_id = books.call(rate=rate, seconds=seconds, at=at, currency=currency, **facts)
    if not rounds_calls(books) and random.random() < 0.3:
        bear(books, call_id, random.choice([("5", 0), ("0.3333", 0), ("0", -7), ("2.5", 11)]))
    return call_id


def bear(books: Books, call_id: str, told: tuple[str, int]) -> None:
    """Give a call a fee, and what its card's limits add or take off, in 1/60 nano-currency."""
    fee, limit = int(Decimal(told[0]) * 10**9), told[1] * 10**9
    books.con.execute(
        "UPDATE charge_rows SET fee_nanos = $fee,"
        " amount_units = greatest(amount_units + $more, 0) WHERE call_id = $call_id",
        {"fee": fee, "more": fee * 60 + limit, "call_id": call_id},
    )


def rounds_calls(books: Books) -> bool:
    """Whether the card rounds each call."""
    content = books.con.execute("SELECT content FROM cards").fetchall()[0][0]
    return '"at": "call"' in content


def change(books: Books, random: Random, currency: str) -> None:
    """Let the month come out differently: calls come, go, or come to cost something else."""
    for _ in range(random.randrange(1, 4)):
        call(books, random, currency)
    (gone,) = random.choice(books.con.execute("SELECT call_id FROM charge_rows").fetchall())
    if random.random() < 0.7:
        books.con.execute("DELETE FROM charge_rows WHERE call_id = ?", [gone])
    if random.random() < 0.5:
        half = "SELECT max(amount_units) // 2 FROM charge_rows"
        books.con.execute(f"DELETE FROM charge_rows WHERE amount_units > ({half})")
