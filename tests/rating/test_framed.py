"""Calls of a frame cost what the same calls in a store cost, whatever kind of frame it is."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import oracle
import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import ACME, OTHER, put_calls

import wacost
from wacost.errors import InputError, RateCardError

pa = pytest.importorskip("pyarrow", reason="needs pip install -e '.[frames]'")
pd = pytest.importorskip("pandas", reason="needs pip install -e '.[frames]'")
pl = pytest.importorskip("polars", reason="needs pip install -e '.[frames]'")

COLUMNS = (  # noqa: SIM905 - the contract's own line
    "call_id account side card month direction country market status flags billed_seconds pulses"
    " tier_from_minutes seconds_before rate_per_minute fee amount amount_units currency"
    " effective_from card_checksum parts"
).split()
ZONES = {"acme": "America/Sao_Paulo", "bébé": "Asia/Kolkata", "o'neil": "UTC"}
SCHEMA = pa.schema(
    {
        "account": pa.string(),
        "call_id": pa.string(),
        "direction": pa.string(),
        "contact": pa.string(),
        "country": pa.string(),
        "answered_at": pa.timestamp("us", "UTC"),
        "ended_at": pa.timestamp("us", "UTC"),
        "duration_s": pa.int64(),
        "answered": pa.bool_(),
        "terminate_status": pa.string(),
    }
)


class Capsule:
    """A table of a library that nobody has heard of."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


class Maker(Capsule):
    """The same, of a library that can make its own kind of an Arrow table."""

    @classmethod
    def from_arrow(cls, table):
        return cls(table)


MAKERS = {
    "pandas": lambda table: table.to_pandas(),
    "pandas with Arrow types": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "Polars": pl.from_arrow,
    "lazy Polars": lambda table: pl.from_arrow(table).lazy(),
    "Arrow table": lambda table: table,
    "chunked Arrow table": lambda table: pa.concat_tables(
        [table.slice(0, 1), table.slice(1, 3), table.slice(1, 0), table.slice(4)]
    ),
    "record batch": lambda table: pa.RecordBatch.from_arrays(
        [pa.concat_arrays(c.chunks) if c.num_chunks else pa.array([], c.type) for c in table],
        schema=table.schema,
    ),
    "reader": lambda table: table.to_reader(),
    "capsule": Capsule,
    "maker": Maker,
}


def rows_of(frame) -> list[dict[str, Any]]:
    """Return any frame's rows as plain values."""
    if isinstance(frame, Maker):
        frame = frame.table
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if isinstance(frame, pd.DataFrame):
        gone = frame.astype(object).where(frame.notna(), None)
        return gone.to_dict("records")
    if isinstance(frame, pa.RecordBatchReader):
        frame = frame.read_all()
    return frame.to_pylist()


def value(found):
    """Return a value as numbers, texts and lists, whatever library it comes from."""
    if isinstance(found, dict):
        return {key: value(part) for key, part in found.items()}
    if hasattr(found, "tolist"):
        found = found.tolist()
    if isinstance(found, list | tuple):
        return [value(part) for part in found]
    if isinstance(found, date):
        return found.isoformat()
    if found is None or found is pd.NA or isinstance(found, str):
        return None if found is pd.NA else found
    return Fraction(found)


def charges_of(frame) -> dict[str, dict[str, Any]]:
    """Return the charges of a frame that had every name of its input, by call."""
    found = {}
    for row in rows_of(frame):
        named = {c: row.get(f"charge_{c}", row.get(c)) for c in COLUMNS}
        found[row["call_id"]] = {c: value(v) for c, v in named.items() if c != "card_checksum"}
    return found


def at(seconds):
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def table_of(calls):
    names = {"answered_at": "started_at"}
    rows = [{name: call[names.get(name, name)] for name in SCHEMA.names} for call in calls]
    for row in rows:
        row["answered_at"], row["ended_at"] = at(row["answered_at"]), at(row["ended_at"])
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def told(call):
    """Return a call as a frame can tell it: no conflicts, nothing open, one time if unanswered."""
    call = call | {"conflict": False}
    if call["answered"]:
        return call
    end = call["ended_at"] or call["first_event_at"]
    one = {"ended_at": end, "first_event_at": end, "started_at": None}
    return call | one | {"disposition": "unknown", "duration_s": None}


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    card=strategies.cards(unknown_first=True),
    calls=strategies.calls(tuple(ZONES), max_size=60),
    alike=st.booleans(),
    kind=st.sampled_from(sorted(MAKERS)),
    chance=st.randoms(use_true_random=False),
)
def test_a_frame_costs_what_the_oracle_says_in_any_order(  # noqa: PLR0917
    card, calls, alike, kind, chance: random.Random, tmp_path_factory
):
    folder = strategies.write_card(card, tmp_path_factory.mktemp("card") / "drawn")
    calls = [told(call) for call in calls]
    if alike:  # all to one number: then a group grows long and crosses its bounds
        calls = [call | strategies._to(strategies.CONTACTS[0]) for call in calls]
    accounts = {name: oracle.OracleAccount(name, zone, folder) for name, zone in ZONES.items()}
    expected = {}
    for charge in oracle.price(calls, accounts):
        amount = charge["amount"]
        shown = None if amount is None else oracle.rounded(amount, 12, "half_up")
        expected[charge["call_id"]] = value(charge | {"amount": shown})
    chance.shuffle(calls)
    frame = MAKERS[kind](table_of(calls))
    rated = wacost.rate(frame, wacost.load_card(folder), timezone=ZONES)
    found = charges_of(rated)
    assert list(found) == [call["call_id"] for call in calls]
    for call_id, charge in found.items():
        differs = {
            c: (v, expected[call_id][c]) for c, v in charge.items() if v != expected[call_id][c]
        }
        assert differs == {}, call_id


NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
TWO = {
    "call_id": ["a", "b"],
    "direction": ["outbound", "outbound"],
    "contact": ["+55 11 98765-4321", "5511987654321"],
    "duration_s": [61, 60],
    "answered_at": [NOON, NOON],
}


def row(rate, **more):
    told = {"direction": "outbound", "destination": "55", "effective_from": "2025-08-01"}
    return {**told, "rate_per_minute": rate, **more}


def card_of(*rows, **facts):
    return wacost.RateCard.from_rows(list(rows), currency="USD", **facts)


FLAT = card_of(row("0.6"))
LADDER = card_of(row("0.6"), row("0.3", tier_from_minutes="1"), scope="card")


def of(**columns):
    return pl.DataFrame({**TWO, **columns})


def without(name, **more):
    return pl.DataFrame({key: kept for key, kept in {**TWO, **more}.items() if key != name})


@pytest.mark.parametrize("kind", sorted(MAKERS))
@pytest.mark.parametrize("rows", [0, 1, 7])
def test_the_same_kind_comes_back_with_its_rows_columns_and_the_charges(kind, rows):
    calls = [
        {
            "account": "acme",
            "call_id": f"c{n * 7 % 5}{n}",
            "direction": "outbound",
            "contact": "5511987654321",
            "country": None,
            "answered_at": NOON + timedelta(minutes=n * 3 % 4),
            "ended_at": None,
            "duration_s": 60,
            "answered": True,
            "terminate_status": None,
        }
        for n in range(rows)
    ]
    table = pa.Table.from_pylist(calls, schema=SCHEMA.with_metadata({"kept": "yes"}))
    frame = MAKERS[kind](table)
    rated = wacost.rate(frame, LADDER)
    assert type(rated) is (pa.Table if kind == "capsule" else type(frame))
    found = rows_of(rated)
    assert [r["call_id"] for r in found] == [c["call_id"] for c in calls]
    assert sum(r["amount"] for r in found) == (Decimal("0.3") * (rows + 1) if rows else 0)
    assert all(isinstance(r["amount"], Decimal) for r in found)
    if kind in {"Arrow table", "record batch"}:
        assert rated.schema.metadata == {b"kept": b"yes"}
        assert rated.schema.names[: len(SCHEMA)] == SCHEMA.names


def test_the_rows_of_a_card_may_stand_in_any_order():
    rows = [
        row("0.6", destination="5511"),
        row("0.3", destination="5511", tier_from_minutes="1"),
        row("0.2", destination="5511", effective_from="2026-10-12"),
        row("0.1", destination="BR"),
        row("0.5", direction="inbound", destination="*"),
    ]
    first, *others = (
        rows_of(wacost.rate(pa.table(TWO), card_of(*there)))
        for there in (rows, rows[::-1], rows[2:] + rows[:2])
    )
    assert others == [first, first]


def test_a_column_whose_name_is_taken_gets_a_prefix_and_nothing_is_written_over():
    frame = of(status=["mine", "mine"], amount=[1, 2], charge_amount=[3, 4])
    rated = wacost.rate(frame, FLAT)
    assert rated.columns[: len(frame.columns)] == frame.columns
    assert set(rated.columns[len(frame.columns) :]) == {
        "charge_call_id",
        "charge_direction",
        "charge_status",
        "charge_charge_amount",
        *(set(COLUMNS) - {"call_id", "direction", "status", "amount"}),
    }
    assert rated["status"].to_list() == ["mine", "mine"]
    assert rated["charge_charge_amount"].to_list() == [Decimal("0.66"), Decimal("0.6")]


def test_pandas_keeps_its_index_even_where_labels_occur_twice_and_the_frame_stays_as_it_was():
    frame = pd.DataFrame(TWO, index=pd.Index([7, 7], name="n"))
    frame["extra"], frame.attrs["from"] = [[1], [2]], "here"
    before = frame.copy()
    rated = wacost.rate(frame, FLAT)
    assert rated.index.equals(frame.index)
    assert rated.index.name == "n"
    assert rated.attrs == {"from": "here"}
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(rated[list(frame.columns)], before)
    assert rated["amount"].dtype == pd.ArrowDtype(pa.decimal128(38, 12))
    assert rated["amount"].sum() == Decimal("1.26")
    assert rated.groupby("market", dropna=False)["amount"].sum().iloc[0] == Decimal("1.26")


def test_pandas_columns_that_rating_does_not_read_may_be_anything():
    frame = pd.DataFrame(TWO)
    frame[5] = object()
    doubled = pd.concat([frame, frame[[5]]], axis=1)
    assert wacost.rate(doubled, FLAT).shape == (2, 7 + len(COLUMNS))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("duration_s", pl.Series([61, 60], dtype=pl.UInt8)),
        ("duration_s", pl.Series([61.0, 60.0])),
        ("duration_s", pl.Series([Decimal("61.00"), Decimal(60)])),
        ("direction", pl.Series(["OUTBOUND", " outbound"], dtype=pl.Categorical)),
        ("direction", pl.Series(["BUSINESS_INITIATED"] * 2, dtype=pl.Enum(["BUSINESS_INITIATED"]))),
        ("contact", pl.Series([5511987654321, 5511987654321])),
        ("contact", pl.Series([5511987654321.0, 5511987654321.0])),
        ("call_id", pl.Series([1, 2])),
        ("answered_at", pl.Series([NOON, NOON]).dt.cast_time_unit("ns")),
        ("answered_at", pl.Series([NOON, NOON]).dt.cast_time_unit("ms")),
        ("answered_at", pl.Series([NOON, NOON]).dt.convert_time_zone("America/Sao_Paulo")),
        ("answered_at", pl.Series([NOON.replace(tzinfo=None)] * 2)),
    ],
)
def test_the_same_facts_in_another_type_cost_the_same(column, values):
    rated = wacost.rate(of().with_columns(values.alias(column)), FLAT)
    assert rated["amount"].to_list() == [Decimal("0.66"), Decimal("0.6")]


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
)
def test_every_way_in_which_arrow_keeps_text_is_read(kind):
    table = of().to_arrow()
    for name in ("call_id", "direction", "contact"):
        text = table[name].cast(pa.string())
        kept = (
            text.cast(kind.value_type).dictionary_encode()
            if pa.types.is_dictionary(kind)
            else text.cast(kind)
        )
        table = table.set_column(table.column_names.index(name), name, kept)
    assert wacost.rate(table, FLAT)["amount"].to_pylist() == [Decimal("0.66"), Decimal("0.6")]


def test_runs_and_categories_are_read_for_what_they_say():
    table = of().to_arrow()
    runs = pa.compute.run_end_encode(pa.array(["outbound", "outbound"]))
    table = table.set_column(1, "direction", runs)
    assert wacost.rate(table, FLAT)["status"].to_pylist() == ["rated", "rated"]
    frame = pd.DataFrame(TWO).astype({"direction": "category", "contact": "category"})
    assert wacost.rate(frame, FLAT)["amount"].sum() == Decimal("1.26")


def test_a_gap_that_made_whole_numbers_floats_is_a_gap():
    frame = pd.DataFrame({**TWO, "duration_s": [61, None]})
    assert frame["duration_s"].dtype == "float64"
    rated = wacost.rate(frame, FLAT)
    assert rated["status"].tolist() == ["rated", "held"]
    assert rated["amount"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("columns", "statuses"),
    [
        ({"answered_at": [NOON, None]}, ["rated", "unanswered"]),
        ({"answered_at": [NOON, None], "duration_s": [60, 20]}, ["rated", "unanswered"]),
        ({"answered": [True, False], "answered_at": [NOON, None]}, ["rated", "unanswered"]),
        ({"answered": [True, False]}, ["rated", "held"]),
        ({"answered": [None, None], "answered_at": [NOON, None]}, ["rated", "unanswered"]),
        (
            {"answered": [True, True], "answered_at": [NOON, None], "ended_at": [None, NOON]},
            ["rated", "rated"],
        ),
        ({"answered": [True, True], "answered_at": [NOON, None]}, ["rated", "held"]),
        ({"duration_s": [60, -1]}, ["rated", "held"]),
        ({"direction": ["outbound", None]}, ["rated", "no_rate"]),
        ({"contact": ["5511987654321", None]}, ["rated", "no_country"]),
        ({"contact": ["5511987654321", "anonymous"]}, ["rated", "no_country"]),
        ({"contact": ["5511987654321", "BR.123"]}, ["rated", "no_rate"]),
        ({"contact": ["-1", "1"]}, ["no_country", "no_country"]),
        ({"contact": ["+55", "-5511987654321"]}, ["no_country", "no_country"]),
        ({"account": ["acme", None]}, ["rated", "no_account"]),
        (
            {"answered_at": [NOON, None], "disposition": ["answered", "open"]},
            ["rated", "open"],
        ),
        (
            {"answered_at": [NOON, None], "disposition": ["ANSWERED", "Incomplete"]},
            ["rated", "incomplete"],
        ),
        ({"disposition": ["open", "no_answer"]}, ["rated", "rated"]),
        ({"answered_at": [NOON, None], "disposition": [1, 2]}, ["rated", "unanswered"]),
        ({"account": ["acme", ""]}, ["rated", "no_account"]),
        ({"ended_at": [NOON + timedelta(seconds=61), NOON - timedelta(1)]}, ["rated", "held"]),
    ],
)
def test_what_a_row_does_not_say_is_no_price_and_never_zero(columns, statuses):
    rated = wacost.rate(of(**columns), FLAT)
    assert rated["status"].to_list() == statuses
    zero = Decimal(0)
    assert [amount == zero for amount in rated["amount"]][1] in {None, statuses[1] == "unanswered"}


def test_a_call_of_days_keeps_its_row_and_counts_to_the_month_of_its_end():
    rated = wacost.rate(of(duration_s=[40 * 86_400, 10**9]), FLAT)
    assert rated["month"].to_list() == ["2026-11", "2058-06"]
    assert rated["status"].to_list() == ["rated", "rated"]


def test_an_end_and_a_length_tell_the_start():
    both = without("answered_at", ended_at=[NOON, NOON], answered=[True, False])
    rated = wacost.rate(both, FLAT)
    assert rated["status"].to_list() == ["rated", "unanswered"]
    assert rated["month"].to_list() == ["2026-10", "2026-10"]


def test_an_unanswered_call_without_any_time_is_in_no_month():
    rated = wacost.rate(of(answered_at=[NOON, None]), FLAT)
    assert rated["month"].to_list() == ["2026-10", None]
    nothing = of().with_columns(pl.lit(None).alias("answered_at"))
    assert wacost.rate(nothing, FLAT)["amount"].sum() == 0


@pytest.mark.parametrize(
    ("frame", "error", "hint"),
    [
        (without("call_id"), "no column 'call_id'", ""),
        (of().rename(str.upper), "no column 'call_id'", "is it 'CALL_ID'? rename it to 'call_id'"),
        (pl.DataFrame(), "no column 'call_id'", "wacost.rate.__doc__"),
        (without("direction"), "no column 'direction'", ""),
        (without("duration_s", durations=[1, 2]), "no column 'duration_s'", "durations"),
        (without("duration_s", billsec=[1, 2]), "no column 'duration_s'", "is it 'billsec'"),
        (without("contact"), "no column 'contact' or 'country'", ""),
        (
            without("answered_at", started_at=[NOON] * 2),
            "'answered_at' or 'ended_at'",
            "started_at",
        ),
        (without("answered_at", ended_at=[NOON] * 2), "no column 'answered' or 'answered_at'", ""),
        (of(contact=[5511987654321, -1]), "'contact', row 1: -1 is no phone number", "null where"),
        (of(contact=[5511987654321.0, -1.0]), "'contact', row 1: -1 is no phone number", ""),
        (of(duration_s=["61", "60"]), "'duration_s' has the type", "whole seconds"),
        (of(duration_s=[True, False]), "'duration_s' has the type bool", "whole seconds"),
        (of(duration_s=[timedelta(1)] * 2), "'duration_s' has the type duration", "whole"),
        (of(duration_s=[61.0, 60.5]), "'duration_s', row 1: 60.5 is no whole number", "round up"),
        (of(duration_s=[61.0, float("inf")]), "'duration_s', row 1: inf is no whole", ""),
        (of(answered_at=["2026-10-12T12:00"] * 2), "'answered_at' has the type", "to_datetime"),
        (of(answered_at=[1, 2]), "'answered_at' has the type int64", "from_epoch"),
        (of(answered_at=[date(2026, 10, 1)] * 2), "'answered_at' has the type date32", ""),
        (of(answered_at=[NOON, datetime(1, 1, 1, tzinfo=UTC)]), "row 1: 0001-01-01", "1900"),
        (of(duration_s=[61, 10**12]), "row 1: 1000000000000 is no duration", "milliseconds"),
        (of(answered=[1, 1]), "'answered' has the type int64", "booleans"),
        (of(direction=["outbound", "sideways"]), "row 1: 'sideways' is no direction", "inbound"),
        (of(direction=[1, 1]), "'direction' has the type int64", ""),
        (of(country=["BR", "Brazil"]), "'country', row 1: 'Brazil' is no ISO country", ""),
        (of(call_id=["a", "a"]), "'a' is there 2 times, in row 0 and row 1", "once"),
        (of(call_id=["a", None]), "'call_id', row 1: null", ""),
        (
            pd.DataFrame({**TWO, "duration_s": [61, "x"]}),
            "'duration_s' holds values of several",
            "",
        ),
        (pd.concat([pd.DataFrame(TWO)] * 2, axis=1), "'call_id' is there 2 times", ""),
        (pl.Series([1]), "a Series is no frame", "card.quote"),
        ([{"call_id": "a"}], "a list is no frame", "pandas"),
    ],
)
def test_a_column_that_is_missing_or_no_such_thing_is_named_with_what_was_expected(
    frame, error, hint
):
    with pytest.raises(InputError) as raised:
        wacost.rate(frame, FLAT)
    assert error in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"timezone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone"),
        ({"timezone": 3}, "3 is no time zone"),
        ({"timezone": {"acme": "UTC"}}, "no column 'account'"),
        ({"external_minutes": [{"month": "2026-10"}]}, "has no 'minutes'"),
        ({"external_minutes": [{"month": "2026-10", "minute": 1}]}, "'minute' is no key"),
        ({"external_minutes": [{"month": "10", "minutes": 1, "country": "BR"}]}, "no month"),
        ({"external_minutes": [{"month": "2026-10", "minutes": 1}]}, "by market"),
        ({"external_minutes": ["x"]}, "no mapping"),
        ({"external_minutes": 5}, "5 is no list"),
        ({"external_minutes": {"month": "2026-10", "minutes": 1}}, "is no list"),
        ({"external_minutes": [{"month": "2026-10", "minutes": 1, "account": "x"}]}, "no account"),
    ],
)
def test_what_is_asked_wrongly_is_said(asked, error):
    with pytest.raises(InputError, match=error):
        wacost.rate(of(), FLAT, **asked)


def test_a_card_may_be_named_and_nothing_else_is_one():
    assert wacost.rate(of(), "meta-usd")["card"].to_list() == ["meta-usd"] * 2
    with pytest.raises(RateCardError):
        wacost.rate(of(), "no-such-card")
    with pytest.raises(InputError, match="no rate card"):
        wacost.rate(of(), {"rate": "0.1"})


def test_every_account_has_its_own_zone_and_its_own_tiers():
    late = datetime(2026, 11, 1, 1, tzinfo=UTC)
    frame = of(account=["acme", "zen"], answered_at=[late, late], duration_s=[60, 60])
    rated = wacost.rate(frame, LADDER, timezone={"acme": "America/Sao_Paulo", "zen": "UTC"})
    assert rated["month"].to_list() == ["2026-10", "2026-11"]
    assert rated["amount"].to_list() == [Decimal("0.6"), Decimal("0.6")]
    together = wacost.rate(frame.drop("account"), LADDER)
    assert sorted(together["amount"]) == [Decimal("0.3"), Decimal("0.6")]
    with pytest.raises(InputError, match="no zone for the account 'zen'"):
        wacost.rate(frame, LADDER, timezone={"acme": "UTC"})


def test_times_without_a_zone_are_utc_and_the_zone_moves_months_alone():
    frame = of(answered_at=[datetime(2026, 11, 1, 1)] * 2)
    for zone, month in (("UTC", "2026-11"), ("America/Sao_Paulo", "2026-10")):
        assert wacost.rate(frame, FLAT, timezone=zone)["month"].to_list() == [month] * 2


def test_minutes_used_elsewhere_come_before_those_of_the_frame():
    used = [{"month": "2026-10", "minutes": "1"}]
    assert wacost.rate(of(), LADDER)["amount"].sum() == Decimal("0.33") + Decimal("0.6")
    assert wacost.rate(of(), LADDER, external_minutes=used)["amount"].sum() == Decimal("0.63")
    of_zen = [{"account": "zen", **used[0]}]
    rated = wacost.rate(of(account=["acme", "zen"]), LADDER, external_minutes=of_zen)
    assert rated["seconds_before"].to_list() == [0, 60]


def test_calls_that_end_in_one_second_take_their_turns_by_id():
    frame = of(call_id=["b", "a"], duration_s=[60, 60])
    assert wacost.rate(frame, LADDER)["seconds_before"].to_list() == [60, 0]


def test_what_a_frame_costs_is_what_quotes_cost():
    rated = wacost.rate(of(), "meta-usd", timezone="America/Sao_Paulo")
    card = wacost.load_card("meta-usd")
    for one in rated.to_dicts():
        charge = card.quote(one["contact"], seconds=one["duration_s"], at=one["answered_at"])
        assert one["amount"] == charge.amount
        assert one["card_checksum"] == charge.card_checksum


def test_the_calls_of_a_workspace_cost_as_a_frame_what_they_cost_in_its_store(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    log = wacost.open(tmp_path)
    put_calls(log.store_path)
    log.invoices("2026-10")
    calls = log.calls().rename({"started_at": "answered_at"})
    rated = wacost.rate(calls.filter(account="acme"), "meta-usd", timezone="America/Sao_Paulo")
    stored = log.charges(month="2026-10", account="acme")
    told = ["call_id", "status", "month", "amount", "seconds_before", "parts", "card_checksum"]
    assert rated.sort("call_id").select(told).rows() == stored.sort("call_id").select(told).rows()


def test_wacost_loads_no_library_of_frames_until_it_is_given_a_frame():
    code = (
        "import sys, wacost; wacost.rate;"
        "print({'pandas', 'polars', 'pyarrow', 'duckdb'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
