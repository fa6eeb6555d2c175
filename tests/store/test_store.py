"""The store opens late, closes early, and says what is in the way."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from wacost.errors import StoreError, StoreLockedError, StoreVersionError
from wacost.ingest import ingest
from wacost.store import SCHEMA_VERSION, open_store, transaction
from wacost.store.migrate import migrate

CONTRACT_CALLS = [
    "call_id",
    "account",
    "waba_id",
    "phone_number_id",
    "business_number",
    "contact",
    "contact_user_id",
    "direction",
    "disposition",
    "answered",
    "terminate_status",
    "first_event_at",
    "ringing_at",
    "accepted_at",
    "started_at",
    "ended_at",
    "duration_s",
    "country",
    "country_source",
    "error_code",
    "tracking",
    "source",
    "line",
]
CONTRACT_CHARGES = [
    "call_id",
    "account",
    "side",
    "card",
    "month",
    "direction",
    "country",
    "market",
    "status",
    "flags",
    "billed_seconds",
    "pulses",
    "tier_from_minutes",
    "seconds_before",
    "rate_per_minute",
    "fee",
    "amount",
    "amount_units",
    "currency",
    "effective_from",
    "card_checksum",
    "parts",
]


def columns(con, view):
    return [row[0] for row in con.execute(f"DESCRIBE {view}").fetchall()]


def test_public_views_have_the_promised_columns_in_order(tmp_path):
    with open_store(tmp_path / "s.duckdb") as con:
        assert columns(con, "calls") == CONTRACT_CALLS
        assert columns(con, "charges") == CONTRACT_CHARGES


def test_no_public_amount_is_a_double(tmp_path):
    with open_store(tmp_path / "s.duckdb") as con:
        types = con.execute("SELECT data_type FROM duckdb_columns() WHERE NOT internal").fetchall()
        shown = str(con.execute("DESCRIBE charges").fetchall())
    assert not [t for (t,) in types if "DOUBLE" in t or "FLOAT" in t]
    assert "DOUBLE" not in shown


def test_a_store_is_created_once_and_opened_again(tmp_path):
    path = tmp_path / "s.duckdb"
    with open_store(path) as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
    with open_store(path, read_only=True) as con:
        assert con.execute("SELECT * FROM claims").fetchall() == [("rest", "", "acme")]
        assert con.execute("SELECT max(version) FROM wacost_schema").fetchall() == [
            (SCHEMA_VERSION,)
        ]
    assert [p.name for p in tmp_path.iterdir()] == ["s.duckdb"]


def test_a_number_claim_wins_over_a_waba_claim_and_the_rest_comes_last(tmp_path):
    with open_store(tmp_path / "s.duckdb") as con:
        con.execute(
            "INSERT INTO claims VALUES ('phone_number_id','p1','number'), ('waba_id','w1','waba'),"
            " ('rest','','rest')"
        )
        con.execute(
            "INSERT INTO call_rows (call_id, waba_id, phone_number_id)"
            " VALUES ('a','w1','p1'), ('b','w1','p2'), ('c','w9','p9'), ('d',NULL,NULL)"
        )
        found = con.execute("SELECT call_id, account FROM calls ORDER BY 1").fetchall()
        con.execute("DELETE FROM claims")
        unclaimed = con.execute("SELECT count(*) FROM calls WHERE account IS NULL").fetchall()
    assert found == [("a", "number"), ("b", "waba"), ("c", "rest"), ("d", "rest")]
    assert unclaimed == [(4,)]


def test_charges_show_flags_and_parts_exactly(tmp_path):
    with open_store(tmp_path / "s.duckdb") as con:
        con.execute(
            "INSERT INTO charge_rows (call_id, flag_bits, rate_nanos, fee_nanos, billed_seconds,"
            " tier_from_minutes) VALUES ('a', 31, 10800001, 5, 66, 50000), "
            "('b', 0, NULL, NULL, 0, NULL)"
        )
        (a, b) = con.execute(
            "SELECT flags, rate_per_minute, fee, parts FROM charges ORDER BY call_id"
        ).fetchall()
    assert a[0] == [
        "tier_unknown",
        "month_of",
        "answered_zero_seconds",
        "failed_with_duration",
        "duration_conflict",
    ]
    assert a[1:3] == (Decimal("0.010800001"), Decimal("0.000000005"))
    assert a[3] == [
        {
            "from_second": 0,
            "tier_from_minutes": 50000,
            "billed_seconds": 66,
            "rate_per_minute": Decimal("0.010800001"),
            "fee": Decimal("0.000000005"),
        }
    ]
    assert b == ([], None, None, [])


def test_a_transaction_happens_whole_or_not_at_all(tmp_path):
    with open_store(tmp_path / "s.duckdb") as con:
        with pytest.raises(duckdb.ConversionException), transaction(con):
            con.execute("INSERT INTO claims VALUES ('rest', '', 'x'); SELECT 'x'::INTEGER")
        assert con.execute("SELECT count(*) FROM claims").fetchall() == [(0,)]


def holder(path, seconds):
    code = f"""
        import sys, time
        from pathlib import Path
        from wacost.store import open_store
        with open_store(Path({str(path)!r})):
            print("held", flush=True)
            time.sleep({seconds})
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE
    )
    assert process.stdout.readline().strip() == b"held"
    return process


def test_a_held_store_names_its_holder(tmp_path):
    path = tmp_path / "s.duckdb"
    process = holder(path, 30)
    try:
        with pytest.raises(StoreLockedError) as caught, open_store(path, wait_s=0):
            pass
        assert caught.value.pid == process.pid
        assert str(process.pid) in str(caught.value)
        assert caught.value.hint
    finally:
        process.kill()
        process.communicate()


def test_a_held_store_is_waited_for(tmp_path):
    path = tmp_path / "s.duckdb"
    process = holder(path, 0.5)
    with open_store(path, wait_s=10, read_only=True) as con:
        assert con.execute("SELECT 1").fetchall() == [(1,)]
    process.communicate()


def test_two_threads_that_create_one_store_share_it(tmp_path):
    path, failures = tmp_path / "s.duckdb", []

    def run(name):
        try:
            with open_store(path) as con, transaction(con):
                con.execute("INSERT INTO claims VALUES ('rest', ?, ?)", [name, name])
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=run, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_store(path) as con:
        assert con.execute("SELECT count(*) FROM claims").fetchall() == [(4,)]
    assert not failures
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "content", [b"", b"hello" * 1000, b"SQLite format 3\0" + b"\0" * 4096, b"\0" * 20000]
)
def test_a_foreign_file_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "s.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreVersionError, match="no wacost store"), open_store(path):
        pass
    assert path.read_bytes() == content


def test_a_damaged_store_is_a_store_error(tmp_path):
    path = tmp_path / "s.duckdb"
    with open_store(path):
        pass
    whole = path.read_bytes()
    for damaged in (whole[:100], whole[:9000], whole[:5000] + b"\xff" * 8000):
        path.write_bytes(damaged)
        with pytest.raises(StoreError) as caught, open_store(path):
            pass
        assert "\n" not in str(caught.value)
        assert caught.value.hint


def test_a_duckdb_file_of_others_is_refused(tmp_path):
    path = tmp_path / "s.duckdb"
    duckdb.connect(str(path)).execute("CREATE TABLE t (a INTEGER)").close()
    with pytest.raises(StoreVersionError, match="no wacost store"), open_store(path):
        pass


def test_a_newer_store_is_refused(tmp_path):
    path = tmp_path / "s.duckdb"
    with open_store(path) as con:
        con.execute("UPDATE wacost_schema SET version = 999")
    with pytest.raises(StoreVersionError, match="999") as caught, open_store(path):
        pass
    assert "newer wacost" in caught.value.hint


def test_an_older_store_is_migrated_in_order_once(tmp_path):
    steps = tmp_path / "steps"
    steps.mkdir()
    (steps / "0002_a.sql").write_text("CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (2);")
    (steps / "0010_b.sql").write_text("INSERT INTO a VALUES (10);")
    (steps / "0011_later.sql").write_text("INSERT INTO a VALUES (11);")
    with open_store(tmp_path / "s.duckdb") as con:
        with transaction(con):
            migrate(con, 1, folder=steps, target=10)
            migrate(con, 10, folder=steps, target=10)
        assert con.execute("SELECT x FROM a ORDER BY x").fetchall() == [(2,), (10,)]
        assert con.execute("SELECT max(version) FROM wacost_schema").fetchall() == [(10,)]


def layout(con):
    """Every table with its columns in order, every view with its text."""
    columns = "SELECT table_name, column_name, data_type FROM duckdb_columns() ORDER BY ALL"
    views = "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    order = "SELECT table_name, column_index, column_name FROM duckdb_columns() ORDER BY ALL"
    return [con.execute(query).fetchall() for query in (columns, views, order)]


def test_a_store_of_the_first_schema_becomes_what_a_new_one_is(tmp_path):
    old = tmp_path / "old.duckdb"
    with duckdb.connect(str(old)) as con:
        con.execute((Path(__file__).parent / "schema_1.sql").read_text("utf-8"))
        con.execute("INSERT INTO wacost_schema VALUES (1, NULL)")
        con.execute("INSERT INTO call_rows (call_id, conflict) VALUES ('a', true), ('b', false)")
    with open_store(old) as con, open_store(tmp_path / "new.duckdb") as new:
        assert layout(con) == layout(new)
        assert con.execute("SELECT call_id, held FROM call_rows ORDER BY 1").fetchall() == [
            ("a", "contradiction"),
            ("b", None),
        ]


def test_an_older_store_is_not_migrated_for_a_reader(tmp_path):
    path = tmp_path / "s.duckdb"
    with open_store(path) as con:
        con.execute("UPDATE wacost_schema SET version = 0")
        con.execute("INSERT INTO wacost_schema VALUES (-1, NULL)")
    with pytest.raises(StoreVersionError), open_store(path, read_only=True):
        pass


def test_a_reader_without_a_store_is_told_what_to_do(tmp_path):
    with (
        pytest.raises(StoreError, match="no store") as caught,
        open_store(tmp_path / "s.duckdb", read_only=True),
    ):
        pass
    assert "ingest" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_a_sentence(tmp_path):
    with (
        pytest.raises(StoreError, match="does not exist"),
        open_store(tmp_path / "no" / "s.duckdb"),
    ):
        pass


def test_a_folder_in_the_place_of_the_store_is_a_sentence(tmp_path):
    with pytest.raises(StoreError), open_store(tmp_path):
        pass


@contextlib.contextmanager
def nobody():
    """Act as a user who may not write everywhere, where the tests run as root."""
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65_534)
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_read_only_folder_is_a_sentence(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with (
            nobody(),
            pytest.raises(StoreError, match="permission denied"),
            open_store(tmp_path / "s.duckdb"),
        ):
            pass
    finally:
        tmp_path.chmod(0o700)


def limited(size):
    """Make writes beyond `size` bytes fail, the way a full disk does."""

    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return before


def test_a_full_disk_is_a_sentence_and_nothing_is_half_written(tmp_path):
    path = tmp_path / "s.duckdb"
    with open_store(path) as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'before')")
    code = f"""
        from pathlib import Path
        from wacost.errors import StoreError
        from wacost.store import open_store, transaction
        try:
            with open_store(Path({str(path)!r})) as con, transaction(con):
                con.execute("INSERT INTO claims SELECT 'waba_id', md5(x::VARCHAR), md5(x::VARCHAR)"
                            " FROM range(3000000) t(x)")
        except StoreError as error:
            print(error, "|", error.hint)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=limited(4 << 20),
    )
    assert "is full" in done.stdout, done
    with open_store(path) as con:
        assert con.execute("SELECT * FROM claims").fetchall() == [("rest", "", "before")]


def test_a_path_that_duckdb_would_cut_is_refused_in_a_sentence(tmp_path):
    folder = tmp_path / "who?"
    folder.mkdir()
    with pytest.raises(StoreError, match="question mark"), open_store(folder / "s.duckdb"):
        pass
    with pytest.raises(StoreError, match="question mark"):
        ingest(folder / "s.duckdb", [])
    assert list(folder.iterdir()) == []


def test_what_a_killed_load_left_goes_when_the_store_is_opened_for_writing(tmp_path):
    path = tmp_path / "s.duckdb"
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    dead = tmp_path / f"s.duckdb.load-{ended.pid}-1"
    alive = tmp_path / f"s.duckdb.load-{os.getpid()}-1"
    with open_store(path):
        pass
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "stream-1").write_text("raw bodies")
    with open_store(path, read_only=True):
        assert dead.exists()
    with open_store(path):
        assert not dead.exists()
    assert alive.exists()


def test_ctrl_c_while_duckdb_works_is_ctrl_c_and_no_fault_of_the_store(tmp_path):
    def work():
        long = "SELECT sum(hash(range)) FROM range(10_000_000_000)"
        with open_store(tmp_path / "s.duckdb") as con, transaction(con):
            con.execute("SET threads = 1")  # else it may hear of it only when the others are done
            threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
            con.execute(long)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job's may be ignored
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        signal.signal(signal.SIGINT, before)
