"""From simulated webhook files to charges: what the oracle makes of the truth, in every column."""

from __future__ import annotations

import csv
import io
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import oracle
import pytest
from simulate.test_ingested_truth import assert_true

from wacost.bundled import bundled
from wacost.cards import load_card
from wacost.rating import BilledAccount, rate_month
from wacost.simulate import GROUPS
from wacost.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from wacost.simulate import Truth

CARDS = {"aurora": "demo-two-way", "atlantico": "meta-usd"}


def near_tiers(folder: Path) -> Path:
    """Copy the two-way card with its bands 10,000 times nearer, so that every month crosses one."""
    folder.mkdir()
    for name in ("card.toml", "markets.csv"):
        (folder / name).write_text((bundled("rates") / "demo-two-way" / name).read_text("utf-8"))
    source = (bundled("rates") / "demo-two-way" / "rates.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(source)))
    with (folder / "rates.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for row in rows:
            nearer = int(row["tier_from_minutes"] or 0) // 10_000
            writer.writerow(row | {"tier_from_minutes": nearer})
    return folder


def judged(truth: Truth, folders: dict[str, Path]) -> dict[str, dict[str, Any]]:
    """Price the truth with the oracle."""
    of_waba = {waba: group.name for group in GROUPS for waba in group.waba_ids}
    calls = [
        call.as_dict()
        | {
            "account": of_waba[call.waba_id],
            "disposition": call.outcome,
            "terminate_status": "FAILED" if call.failed else "COMPLETED",
            "conflict": False,
        }
        for call in truth.calls
    ]
    accounts = {
        group.name: oracle.OracleAccount(group.name, group.timezone, folders[group.name])
        for group in GROUPS
    }
    return {charge["call_id"]: charge for charge in oracle.price(calls, accounts)}


def engine(store: Path, folders: dict[str, Path], months: list[str]) -> dict[str, dict[str, Any]]:
    """Rate what ingest stored."""
    accounts = [
        BilledAccount(group.name, group.timezone, load_card(folders[group.name]), group.name)
        for group in GROUPS
    ]
    with open_store(store) as con:
        for group in GROUPS:
            for waba_id in group.waba_ids:
                con.execute("INSERT INTO claims VALUES ('waba_id', ?, ?)", [waba_id, group.name])
        for month in months:
            rate_month(con, accounts, month)
        found = con.execute("SELECT * FROM charges")
        names = [column[0] for column in found.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


def plain(column: str, value: Any) -> Any:
    """Put both sides into one form: exact numbers and texts."""
    if column == "amount" and value is not None:
        return oracle.rounded(Fraction(value), 12, "half_up")
    if column == "parts":
        return [{name: Fraction(part) for name, part in each.items()} for each in value or []]
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | list) else Fraction(value)


def hold(tmp_path: Path, seed: int, calls: int) -> None:
    """Simulate, ingest, rate, and compare everything with the truth and the oracle."""
    truth = assert_true(tmp_path, seed, calls)
    folders = {name: bundled("rates") / card for name, card in CARDS.items()}
    if seed % 2:
        folders["aurora"] = near_tiers(tmp_path / "demo-two-way")
    expected = judged(truth, folders)
    months = sorted({charge["month"] for charge in expected.values()})
    charges = engine(tmp_path / "store.duckdb", folders, months)
    assert charges.keys() == expected.keys()
    for call_id, charge in charges.items():
        for column, value in expected[call_id].items():
            assert plain(column, charge[column]) == plain(column, value), (call_id, column)
    assert seed % 2 == 0 or any(charge["tier_from_minutes"] for charge in charges.values())


@pytest.mark.parametrize("seed", range(4))
def test_charges_are_what_the_oracle_makes_of_the_truth(tmp_path, seed):
    hold(tmp_path, seed, 400)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 300))
def test_charges_of_two_hundred_seeds_are_what_the_oracle_makes_of_the_truth(tmp_path, seed):
    hold(tmp_path, seed, 400)
