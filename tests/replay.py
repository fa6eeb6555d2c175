"""Replay an explained charge (`wacost explain --json`) from its own figures; knows no wacost."""

import json
from datetime import datetime
from fractions import Fraction
from typing import Any

UNITS = 60 * 10**9


def replay(told: str) -> list[str]:
    """Return what does not follow from what stands before it: nothing is a proof."""
    explained = json.loads(told)
    charge, steps = explained["charge"], explained["derivation"]
    if steps is None:  # unanswered calls cost 0, those without a price have no amount
        priced = charge["status"] in {"rated", "free"}
        zero = charge["amount_units"] == ("0" if charge["status"] == "unanswered" else None)
        return [] if zero and not priced else ["no derivation"]
    units = int(charge["amount_units"])
    card, call = explained["card"], explained["call"]
    free = goes_free(call, card["policies"], charge["flags"])
    checks = {
        "seconds": call["seconds"] == seconds_of(call, card["policies"]),
        "slots": free or all(slot_holds(slot, call["seconds"]) for slot in steps["slots"]),
        "increments": free or charge["pulses"] == sum(pulses(slot) for slot in steps["slots"]),
        "billed": charge["billed_seconds"] == sum(p["billed_seconds"] for p in steps["parts"]),
        "rows": all(row_holds(part) for part in steps["parts"]),
        "products": all(int(part["units"]) == product(part) for part in steps["parts"]),
        "sum": int(steps["sum_units"]) == sum(map(product, steps["parts"])),
        "limits": units == limited(int(steps["sum_units"]), steps["limits"], charge, free=free),
        "bands": charge["status"] == "free" or bands_hold(charge, card["tiers"], steps, call),
        "amount": Fraction(charge["amount"]) == shown(units, card["rounding"]),
    }
    return [name for name, holds in checks.items() if not holds]


def seconds_of(call: dict[str, Any], policies: dict[str, str]) -> int:
    told, ends = call["duration_s"], (call["started_at"], call["ended_at"])
    start, end = (datetime.fromisoformat(at) if at else None for at in ends)
    span = int((end - start).total_seconds()) if start and end else None
    if told is None or (policies["duration_conflict"] == "times" and span is not None):
        return (span or 0) if told is None or abs((span or 0) - told) > 1 else told
    return told


def goes_free(call: dict[str, Any], policies: dict[str, str], flags: list[str]) -> bool:
    return any(flag in flags and policies[flag] == "free" for flag in policies)


def pulses(slot: dict[str, Any]) -> int:
    return 1 + -(-max(0, slot["seconds"] - slot["first"]) // slot["next"])


def slot_holds(slot: dict[str, Any], seconds: int) -> bool:
    end = seconds if slot["to_second"] is None else min(seconds, slot["to_second"])
    rounded = slot["first"] + (pulses(slot) - 1) * slot["next"]
    return slot["seconds"] == end - slot["from_second"] and slot["billed_seconds"] == rounded


def row_holds(part: dict[str, Any]) -> bool:
    row = part["row"]
    return part["rate_per_minute"] == row["rate_per_minute"] and part["fee"] in {"0", row["fee"]}


def product(part: dict[str, Any]) -> int:
    minutes = Fraction(part["billed_seconds"], 60)
    return int((Fraction(part["rate_per_minute"]) * minutes + Fraction(part["fee"])) * UNITS)


def limited(units: int, limits: dict[str, Any], charge: dict[str, Any], *, free: bool) -> int:
    if free or charge["status"] != "rated":
        return units
    units = max(units, int(Fraction(limits["min_charge"]) * UNITS))
    most = limits["max_charge"]
    return units if most is None else min(units, int(Fraction(most) * UNITS))


def bands_hold(
    charge: dict[str, Any], tiers: dict[str, str], steps: dict[str, Any], call: dict[str, Any]
) -> bool:
    if tiers["model"] != "whole_call" or charge["seconds_before"] is None:
        return True
    moved = charge["billed_seconds"] if tiers["accrual"] == "billed" else call["seconds"]
    last = charge["seconds_before"] + (moved if charge["billed_seconds"] else 0)
    bands = {s["from_second"]: [b["from_minutes"] for b in s["bands"]] for s in steps["slots"]}
    return all(
        part["tier_from_minutes"]
        == max(b for b in bands[part["from_second"]] if b == 0 or last > b * 60)
        for part in steps["parts"]
    )


def shown(units: int, rounding: dict[str, Any]) -> Fraction:
    at_call = rounding["at"] == "call"
    places, mode = (rounding["places"], rounding["mode"]) if at_call else (12, "half_up")
    whole, rest = divmod(Fraction(units, UNITS) * 10**places, 1)
    up = {"half_up": 2 * rest >= 1, "down": False, "up": rest > 0}
    even = 2 * rest > 1 or (2 * rest == 1 and whole % 2 == 1)
    return Fraction(whole + up.get(mode, even), 10**places)
