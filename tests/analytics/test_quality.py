"""Quality: counts by hand, and the interval of Wilson as it is written in any textbook."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from contacts.told import empty, moment, put_call
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.analytics.quality import error_codes, quality
from wacost.analytics.stage import Asked, stage
from wacost.contacts.history import CALL_IN, CALL_OUT, Act
from wacost.errors import InputError
from wacost.store import scratch_store
from wacost.zones import FOREVER_S

MARCH = 1_772_323_200
ASKED = Asked("2026-03", {"acme": [(-FOREVER_S, FOREVER_S, "UTC")]})


@pytest.fixture(scope="module")
def con():
    with scratch_store() as made:
        yield made


def report(con, calls, by=()):
    """Put calls into the store: (kind, seconds talked or None, what else a call's row says)."""
    empty(con)
    con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
    for place, (kind, seconds, more) in enumerate(calls):
        at = MARCH + 60 * place
        act = Act(at, kind, connected_at=None if seconds is None else at, unanswered=True)
        ended = {} if seconds is None else {"ended_at": moment(at + seconds), "duration_s": seconds}
        put_call(con, "5511900000001", act, f"wacid.{place:04}", **ended, **more)
    stage(con, ASKED)
    return quality(con, "2026-03", by, 10)


def test_every_kind_of_call_has_its_place(con):
    found = report(
        con,
        [
            (CALL_OUT, 61, {}),
            (CALL_IN, 9, {}),
            (CALL_IN, 0, {"error_code": 138021}),
            (CALL_OUT, None, {}),
            (CALL_OUT, None, {"disposition": "failed", "error_code": 138004}),
            (CALL_OUT, None, {"disposition": "failed"}),
            (CALL_OUT, None, {"disposition": "incomplete", "error_code": 138023}),
            (CALL_IN, None, {"disposition": "declined"}),
        ],
        by=["direction"],
    )
    total = found.total
    assert (total["calls"], total["answered"], total["reached"], total["failed"]) == (8, 3, 5, 2)
    assert (total["unknown"], total["short"], total["one_way"]) == (1, 2, 2)
    assert total["acd_s"] == 23  # 70 s over three
    assert (str(total["asr"]), str(total["ner"])) == ("37.5", "62.5")
    assert [(row["code"], row["calls"], row["meaning"]) for row in found.codes] == [
        (138004, 1, "connection error"),
        (138021, 1, "no media received for long"),
        (138023, 1, "accepted, but no media: not known whether it connected"),
        (None, 1, None),
    ]
    assert {row["direction"]: row["calls"] for row in found.rows} == {"inbound": 3, "outbound": 5}
    assert sum(row["calls"] for row in found.failures) == 4


def test_a_code_that_nobody_knows_is_shown_without_a_meaning(con):
    (row,) = report(con, [(CALL_OUT, None, {"error_code": 999999})]).codes
    assert (row["code"], row["meaning"]) == (999999, None)


def test_a_month_without_calls_has_no_figures(con):
    found = report(con, [], by=["number"])
    assert (found.total.get("calls", 0), found.rows, found.codes) == (0, [], [])


def test_what_calls_cannot_be_told_by_is_refused(con):
    with pytest.raises(InputError):
        report(con, [], by=["error_code; drop table events"])


@settings(max_examples=25)
@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bounds_are_wilsons(con, counts):
    answered, calls = counts
    report(con, [])
    z = 1.959964
    share = answered / calls
    middle = share + z * z / (2 * calls)
    spread = z * math.sqrt(share * (1 - share) / calls + z * z / (4 * calls * calls))
    expected = [100 * (middle + sign * spread) / (1 + z * z / calls) for sign in (-1, 1)]
    found = con.execute(
        "SELECT wilson_bound($1, $2, -1), wilson_bound($1, $2, 1), percent($1, $2)",
        [answered, calls],
    ).fetchall()[0]
    for bound, wanted in zip(found, [*expected, 100 * share], strict=True):
        assert abs(bound - Decimal(wanted)) <= Decimal("0.0501")
    assert found[0] <= found[2] <= found[1]


def test_the_documented_codes_have_a_meaning():
    codes = {code for code, _, _ in error_codes()}
    assert {131044, 138006, 138021, 138023} <= codes
    assert not {138010, 138016} & codes  # not documented
