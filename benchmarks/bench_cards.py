"""Load a card of 200,000 prefixes, and quote single calls, beside what Python needs for less.

    python benchmarks/bench_cards.py --prefixes 200000

The card is read, checked and compiled; its baseline only reads the same rows as dicts. A quote
(text in, full charge out) stands beside `phonenumbers.parse` of the same number.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import phonenumbers

from wacost.cards import load_card
from wacost.rating.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = "+55 11 98765-4321"
SETTINGS = """
name = "{name}"
title = "Prefixes"
currency = "USD"
status = "illustrative"
source = "made up for a benchmark"
timezone = "account"
increments = {{ first = 6, next = 6 }}
"""
HEAD = "direction,destination,rate_per_minute,effective_from\n"


def main() -> None:
    """Make the card, take both sides in turn, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--prefixes", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--calls", type=int, default=0, help="taken, so that all scripts do")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        card = write_card(Path(folder) / "prefixes", chosen.prefixes)
        rows, load = beside(
            lambda: read_rows(card), lambda: compiled(load_card(card)), chosen.rounds
        )
    print(f"{chosen.prefixes:,} prefixes: {load:.2f} s to read, check and compile a card,", end=" ")
    print(f"{load / rows:.2f} x csv.DictReader over the same file")
    listed = load_card("meta-usd")
    parse, quote = beside(
        lambda: [phonenumbers.parse(NUMBER) for _ in range(2000)],
        lambda: [listed.quote(NUMBER, seconds=61, at="2026-11-01T12:00:00Z") for _ in range(2000)],
        chosen.rounds,
    )
    print(f"a quote: {quote / 2000 * 1e6:.1f} us;", end=" ")
    print(f"phonenumbers.parse / quote: {parse / quote:.2f}")


def write_card(folder: Path, prefixes: int) -> Path:
    """Write a card of different prefixes of three to eight digits; the same every time.

    They stand in no order: not every supplier sorts them, and sorted ones are read faster.
    """
    chance = random.Random(1)  # noqa: S311 - no secret
    found: dict[str, None] = {}
    while len(found) < prefixes:
        found[str(chance.randint(100, 10 ** chance.randint(3, 8) - 1))] = None
    folder.mkdir()
    (folder / "card.toml").write_text(SETTINGS.format(name=folder.name), "utf-8")
    rows = (f"outbound,{to},0.{chance.randint(1, 9999):04d},2025-08-01\n" for to in found)
    (folder / "rates.csv").write_text(HEAD + "".join(rows), "utf-8")
    return folder


def read_rows(card: Path) -> list[dict[str, str]]:
    """Read the rows and do nothing with them."""
    with (card / "rates.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def beside(
    one: Callable[[], object], other: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """Return the median seconds of both, taken in turn."""
    times: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(rounds):
        for place, run in enumerate((one, other)):
            began = time.perf_counter()
            run()
            times[place].append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    main()
