"""The compiled reader of plain bodies makes of a line what the SQL makes of it, or leaves it."""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from payloads import bodies as meta
from payloads.damage import damaged
from payloads.edges import edges

from wacost.ingest import ingest, plain, run, shape, unpack
from wacost.ingest.plain import Block, Sieve, is_compiled
from wacost.simulate import simulate
from wacost.store import open_store

OF_THE_MOMENT = {"reached_at", "loaded_at", "mtime_ns", "met_at"}
compiled = pytest.mark.skipif(not is_compiled(), reason="needs a C compiler when it is installed")


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """Plain bodies, of all kinds that there are."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, seed=5, months=1, calls=150)
    files = sorted(folder.rglob("*.jsonl"))
    lines = [line for file in files for line in file.read_bytes().split(b"\n") if is_object(line)]
    told = [json.dumps(one) for one in meta.plain_bodies()]
    return told * 10 + [line.decode() for line in lines[:600]]


def is_object(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


@pytest.fixture
def by_sql(monkeypatch, tmp_path, load):
    """Loads files into another store by SQL alone."""

    def stored(files, **how):
        path = tmp_path / "sql.duckdb"
        shutil.copyfile(load.empty, path)
        with monkeypatch.context() as patch:
            patch.setattr(run, "is_compiled", lambda: False)
            return ingest(path, files, **how), tables(path)

    return stored


def tables(path):
    with open_store(path, read_only=True) as con:
        found = con.execute(
            "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()"
            " WHERE NOT internal AND table_name IN (SELECT table_name FROM duckdb_tables())"
            " GROUP BY ALL"
        ).fetchall()
        return {
            name: con.execute(
                f"SELECT {', '.join(c for c in columns if c not in OF_THE_MOMENT)} FROM {name}"
                " ORDER BY ALL"
            ).fetchall()
            for name, columns in found
        }


def sorted_out(tmp_path, content):
    """Return how many lines of a text are read as plain, and what is left."""
    with ThreadPoolExecutor(1) as pool:
        sieve = Sieve(tmp_path, pool, 1)
        lines = sieve.lines(content)
        left = [*sieve.take(Block(0, 1, content, lines)), *sieve.finish()]
        sieve.plain()
    return lines - sum(block.lines for block in left), left


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_where_there_is_a_compiler_the_installation_uses_it():
    assert is_compiled(), "pip install -e . compiles it anew"


@compiled
def test_code_compiled_of_other_sources_is_not_used(tmp_path, monkeypatch):
    shutil.copytree(Path(plain.__file__).parent, tmp_path / "plain")
    with (tmp_path / "plain" / "judge.c").open("a", encoding="utf-8") as changed:
        changed.write("/* since then */")
    monkeypatch.setattr(plain, "COMPILED", tmp_path / "plain" / "plain.so")
    assert plain._compiled.__wrapped__() is None


@pytest.fixture
def small_pieces(monkeypatch):
    """Has files read and sorted in small pieces, so that many boundaries are met."""
    monkeypatch.setattr(plain, "_TOGETHER", 10_000)
    monkeypatch.setattr(unpack, "PIECE", 3000)


@compiled
@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("count", [1200, pytest.param(12_000, marks=pytest.mark.full)])
def test_changed_bodies_give_the_tables_that_the_sql_alone_gives(
    load, by_sql, usual, count, request
):
    seed = request.config.getoption("--fuzz-seed")
    count = request.config.getoption("--fuzz-bodies") or count
    made = b"\n".join(damaged(usual, seed, number) for number in range(count)) + b"\n"
    mixed = "\n".join(usual).encode() + b"\n" + made
    found, left = sorted_out(load.folder, mixed)
    assert found > len(usual) // 2
    assert left
    assert_same(load, by_sql, [load.file(mixed), load.file(made)])


@compiled
@pytest.mark.parametrize("step", [37, pytest.param(1, marks=pytest.mark.full)])
def test_each_part_told_in_every_other_way_gives_what_the_sql_alone_gives(
    load, by_sql, step, request
):
    first = request.config.getoption("--fuzz-seed") % step
    told = enumerate(edges(meta.plain_bodies(), first, step))
    lines = [line.replace(b"wacid.A", b"wacid.%d." % at) for at, line in told]
    content = b"\n".join(lines) + b"\n"
    found, _ = sorted_out(load.folder, content)
    assert len(lines) // 10 < found < len(lines) // 2
    assert_same(load, by_sql, [load.file(content)])


def assert_same(load, by_sql, files):
    report = ingest(load.path, files)
    told, wanted = by_sql(files)
    assert report.as_dict() == told.as_dict()
    assert tables(load.path) == wanted


@compiled
def test_lines_keep_their_numbers_and_what_is_not_plain_its_place(tmp_path):
    line = json.dumps(meta.call_body(meta.connect())).encode() + b"\n"
    found, left = sorted_out(tmp_path, line * 3 + b"{}\nx\n" + line + b"\n" + line * 2)
    assert found == 6
    assert [(one.line, one.content, one.lines) for one in left] == [
        (4, b"{}\nx\n", 2),
        (7, b"\n", 1),
    ]


@compiled
def test_a_load_without_a_plain_line_leaves_the_others_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(plain, "_TOGETHER", 1)
    lines = [json.dumps(meta.call_body(meta.connect(f"wacid.{n}"))) for n in range(300)]
    lines[1::3] = ["{}"] * 100
    with ThreadPoolExecutor(4) as pool:
        sieve = Sieve(tmp_path, pool, 4)
        blocks = (Block(0, n, line.encode() + b"\n", 1) for n, line in enumerate(lines, 1))
        left = [one.line for block in blocks for one in sieve.take(block)]
        left += [one.line for one in sieve.finish()]
        assert left == [n + 1 for n in range(300) if n % 3 == 1]
        events, calls, _ = sieve.plain()
    with duckdb.connect() as con:
        con.register("events", events).register("calls", calls)
        found = con.execute("SELECT line, call_id FROM events ORDER BY line").fetchall()
        assert found == [(n + 1, f"wacid.{n}") for n in range(300) if n % 3 != 1]
        found = con.execute("SELECT line, is_whole FROM calls ORDER BY line").fetchall()
        assert found == [(n + 1, 1) for n in range(300) if n % 3 != 1]


@compiled
@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="needs a system that tells open files")
def test_a_load_that_breaks_off_leaves_no_file_open(tmp_path):
    content = meta.lines(*meta.plain_bodies()).encode()
    with ThreadPoolExecutor(1) as pool:
        before = [*Path("/dev/fd").iterdir()]
        sieve = Sieve(tmp_path, pool, 1)
        assert not [*sieve.take(Block(0, 1, content, 7)), *sieve.finish()]
        assert [*Path("/dev/fd").iterdir()] == before


@compiled
def test_calls_that_one_load_tells_plainly_are_folded_and_the_others_left(tmp_path):
    def told(call, *events):
        return [meta.call_body(one(call, **more)) for one, more in events]

    connect, terminate = meta.connect, meta.terminate
    bodies = [
        *told("plain", (connect, {}), (terminate, {})),
        *told("twice", (connect, {}), (connect, {"at": meta.AT + 1})),
        *told("turned", (connect, {}), (terminate, {"direction": meta.INBOUND})),
        *told("times", (connect, {"start_time": str(meta.AT)}), (terminate, {})),
    ]
    content = meta.lines(*bodies).encode()
    with ThreadPoolExecutor(1) as pool:
        sieve = Sieve(tmp_path, pool, 1)
        assert not [*sieve.take(Block(0, 1, content, len(bodies))), *sieve.finish()]
        calls = sieve.plain().calls
    with duckdb.connect() as con:
        con.register("calls", calls)
        assert con.execute("SELECT call_id, is_whole FROM calls").fetchall() == [
            ("plain", 1),
            ("twice", 0),
            ("turned", 0),
            ("times", 0),
        ]


@compiled
@pytest.mark.parametrize(
    ("part", "put"),
    [
        ('"id": "wacid.A"', '"id": "wacid.\\u0041"'),
        ('"id": "wacid.A"', '"id": "wacid A"'),
        ('"id": "wacid.A"', '"id": "wacid.A", "id": "wacid.A"'),
        ('"event"', '"\\u0065vent"'),
        ('"event": "connect"', '"event": "connect", "errors": []'),
        ('"event": "connect"', '"event": "connect", "session": {}'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": "\\ud800"'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": NaN'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": 01'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": 1.'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": [1 2]'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": {"a": 1 "b": 2}'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": {a": 1}'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", x": 1'),
        ('"sdp_type": "answer"', '"sdp_type": "answer", "x": ' + "[" * 40 + "]" * 40),
        ('"sdp_type": "answer"', '"sdp_type": "answer",'),
        ('"timestamp": "1790000000"', '"timestamp": "01790000000"'),
        ('"timestamp": "1790000000"', '"timestamp": 1790000000.0'),
        ('"timestamp": "1790000000"', '"timestamp": "1790000000000"'),
        (f'"from": "{meta.BUSINESS}"', f'"from": "+{meta.BUSINESS}"'),
        (f'"to": "{meta.USER}"', f'"to": "{meta.BUSINESS}"'),
        ("whatsapp_business_account", "page"),
        ('"field": "calls"', '"field": "messages"'),
    ],
)
def test_whatever_is_not_beyond_doubt_is_left_to_the_sql(tmp_path, part, put):
    line = json.dumps(meta.call_body(meta.connect()))
    assert sorted_out(tmp_path, line.encode() + b"\n")[0] == 1
    assert part in line
    found, left = sorted_out(tmp_path, line.replace(part, put).encode() + b"\n")
    assert (found, sum(one.lines for one in left)) == (0, 1)


def test_the_compiled_reader_knows_every_key_that_the_sql_reads():
    source = Path(plain.__file__).with_name("walk.c").read_text(encoding="utf-8")
    known = set(re.findall(r'\b(?:KEEP|INTO|INTO_ONLY|GIVE_UP)\("(\w+)"', source))
    # The contact's number plays no part where a number stands beside the business's own, an entry's
    # time none in a call's events; an error's code is read where there are errors: given up.
    assert keys(shape.CALLS_ENTRY) - known == {"wa_id", "time", "code"}


def keys(told):
    if isinstance(told, list):
        return keys(told[0])
    return set(told).union(*map(keys, told.values())) if isinstance(told, dict) else set()
