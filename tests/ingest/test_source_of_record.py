"""The same call from a table and from webhooks counts once, whatever came first."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
from payloads import bodies

import wacost
from wacost.config import ImportMapping, parse_config
from wacost.errors import ConfigError
from wacost.ingest import ingest

AT = bodies.AT
BY = ImportMapping(
    "panel",
    {
        "contact": ("Phone",),
        "country": ("Country",),
        "direction": ("Direction",),
        "outcome": ("Status",),
        "dialled": ("Dialled",),
        "started": ("Answered",),
        "duration": ("Length",),
    },
    timezone="UTC",
)
HEAD = "Phone;Country;Direction;Status;Dialled;Answered;Length\n"


def clock(at):
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def row(dialled=AT, answered=AT + 10, seconds=60, *, phone=bodies.USER, **more):
    told = {"country": "BR", "direction": "out", "status": "", **more}
    if answered is None:
        told = {**told, "status": told["status"] or "missed"}
        seconds = None
    length = "" if seconds is None else seconds
    return (
        f"{phone};{told['country']};{told['direction']};{told['status']};{clock(dialled)};"
        f"{clock(answered)};{length}\n"
    )


def webhooks(call="wacid.A", at=AT, seconds=60):
    return bodies.lines(*bodies.answered_outbound(call, at, seconds))


def unanswered(call="wacid.M", at=AT):
    events = (bodies.connect(call, at), bodies.terminate(call, at + 30, seconds=None))
    return bodies.lines(*(bodies.call_body(one, contacts=[bodies.contact()]) for one in events))


class Both:
    """A store that takes tables and webhook files."""

    def __init__(self, load):
        self.load = load

    def table(self, *rows, by=BY):
        file = self.load.file(HEAD + "".join(rows), f"t{self.load.number}.csv")
        return ingest(self.load.path, [file], imports={by.name: by})

    def hooks(self, content):
        return self.load(content)

    def counted(self):
        query = "SELECT call_id FROM call_rows ANTI JOIN superseded USING (call_id) ORDER BY 1"
        return [found["call_id"] for found in self.load.query(query)]

    def held(self):
        query = "SELECT held FROM call_rows WHERE held IS NOT NULL ORDER BY 1"
        return [found["held"] for found in self.load.query(query)]

    def state(self):
        return (
            self.load.calls(),
            self.load.query("FROM superseded ORDER BY ALL"),
            self.load.query("SELECT call_id, reason, message FROM quarantine ORDER BY ALL"),
        )


@pytest.fixture
def both(load):
    return Both(load)


@pytest.mark.parametrize(
    ("rows", "counted", "held"),
    [
        ([row()], 1, []),
        ([row(answered=AT + 12, seconds=61)], 1, []),
        ([row(phone="+55 11 9****-4321")], 1, []),
        ([row(answered=None, status="Completed")], 1, []),
        ([row(answered=AT + 13)], 2, ["doubtful_match"]),
        ([row(seconds=62)], 2, ["doubtful_match"]),
        ([row(answered=None)], 2, ["doubtful_match"]),
        ([row(), row(answered=AT + 11)], 3, ["doubtful_match"] * 2),
        ([row(answered=AT + 131)], 2, []),
        ([row(phone="5511900000001")], 2, []),
        ([row(direction="in")], 2, []),
        ([row(phone="+55 11 9****-4321", country="PT")], 2, []),
    ],
)  # fmt: skip
def test_a_pair_is_the_same_call_doubtful_or_two_calls(both, rows, counted, held):
    both.hooks(webhooks())
    both.table(*rows)
    assert (len(both.counted()), both.held().count("doubtful_match")) == (counted, len(held))
    assert "wacid.A" in both.counted()
    doubts = [one for one in both.load.quarantine() if one["reason"] == "doubtful_match"]
    assert len(doubts) == len(held)
    assert all("wacid.A" in one["message"] for one in doubts)


def test_calls_in_a_row_are_matched_one_to_one(both):
    both.hooks("".join(unanswered(f"wacid.{n}", AT + 40 * n) for n in range(4)))
    both.table(*(row(AT + 40 * n + 1, None, None) for n in range(5)))
    assert len(both.counted()) == 5
    assert both.held() == []


def test_a_table_that_does_not_tell_the_outcome_is_settled_by_the_webhooks(both):
    both.table(row(answered=None, status="Completed", dialled=AT + 1))
    assert both.held() == ["outcome_not_told"]
    both.hooks(webhooks())
    assert both.counted() == ["wacid.A"]


def test_a_doubt_ends_when_the_right_call_comes(both):
    both.table(row(answered=AT + 40))
    both.hooks(webhooks("wacid.near", AT))
    assert both.held() == ["doubtful_match"]
    both.hooks(webhooks("wacid.right", AT + 30))
    assert both.held() == []
    assert both.counted() == ["wacid.near", "wacid.right"]
    assert both.load.quarantine() == []


def test_two_tables_of_the_same_call_count_once(both):
    other = ImportMapping("other", BY.columns, timezone="UTC")
    both.table(row())
    both.table(row(answered=AT + 11), by=other)
    (only,) = both.counted()
    assert only.startswith("import.other.")


def test_loading_again_changes_nothing(both):
    both.hooks(webhooks())
    both.table(row(), row(answered=AT + 50))
    before = both.state()
    both.hooks(webhooks())
    both.table(row(), row(answered=AT + 50))
    assert both.state() == before


def test_the_order_in_which_sources_come_changes_no_figure(both):
    calls = [AT + n * n * 7 % 900 for n in range(25)]
    other = ImportMapping("other", BY.columns, timezone="UTC")
    loads = [
        lambda: both.hooks("".join(webhooks(f"wacid.{n}", at) for n, at in enumerate(calls))),
        lambda: both.table(*(row(at + n % 3, at + 10 + n % 4) for n, at in enumerate(calls[:15]))),
        lambda: both.table(*(row(at, at + 9) for at in calls[5:20]), by=other),
    ]
    states = []
    for order in permutations(loads):
        both.load.clear()
        both.load.number = 0
        for one in order:
            one()
        calls_, superseded, quarantine = both.state()
        states.append((calls_, superseded, quarantine))
    assert states[0][1], "nothing was matched: the test would hold nothing"
    assert all(state == states[0] for state in states)


CONFIG = """[accounts.acme]
timezone = "UTC"
card = "meta-usd"
[imports.panel]
columns = { contact = "Phone", country = "Country", direction = "Direction", outcome = "Status", dialled = "Dialled", started = "Answered", duration = "Length" }
timezone = "UTC"
"""  # noqa: E501


def told_seconds(log):
    with log.reading() as con:
        return con.execute("SELECT duration_s FROM calls").fetchall()


def test_a_rule_makes_the_table_count_for_its_period(tmp_path):
    (tmp_path / "wacost.toml").write_text(CONFIG)
    (tmp_path / "a.jsonl").write_text(webhooks())
    (tmp_path / "p.csv").write_text(HEAD + row(seconds=61))
    log = wacost.open(tmp_path)
    log.ingest("a.jsonl", "p.csv")
    assert told_seconds(log) == [(60,)]
    month = datetime.fromtimestamp(AT, UTC).strftime("%Y-%m")
    assert log.rate(month).lines[0].calls == 1

    for dates, counts in (
        (f"from = {month}-01", 61),
        (f"to = {month}-01", 60),
        (f"from = {month}-01, to = {month}-02", 60),
    ):
        rule = f'{{ account = "acme", {dates}, source = "panel" }}'
        (tmp_path / "wacost.toml").write_text(f"{CONFIG}[policies]\nsource_of_record = [{rule}]\n")
        log = wacost.open(tmp_path)
        assert told_seconds(log) == [(counts,)]
        assert log.rate(month).lines[0].calls == 1


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('{ account = "acme", source = "panell" }', "there is no source 'panell'"),
        ('{ account = "a", source = "panel" }', "there is no account 'a'"),
        ('{ account = "acme", source = "panel", form = 2026-01-01 }', "source_of_record[0].from"),
        ('{ account = "acme", source = "panel", from = 2026-02-01, to = 2026-02-01 }', "before"),
        (
            '{ account = "acme", source = "panel" }, { account = "acme", source = "webhooks" }',
            "about the same days",
        ),
    ],
)
def test_a_rule_that_means_nothing_is_refused(tmp_path, rule, said):
    with pytest.raises(ConfigError) as caught:
        parse_config(f"{CONFIG}[policies]\nsource_of_record = [{rule}]\n", tmp_path)
    assert said in f"{caught.value.message} {caught.value.hint}"
