"""`wacost permissions` tells who may be called and asked, and what became of requests."""

import json

import pytest
from cli.test_missed import ACME
from contacts.told import PNID, moment, put, put_call, put_other

import wacost as library
from wacost.contacts.history import ACCEPTED, CALL_IN, CALL_OUT, MESSAGE, REJECTED, Act
from wacost.errors import InputError
from wacost.store import open_store

H = 3600
AT = 1_791_288_000  # 2026-10-06 12:00 UTC, 9:00 in Sao Paulo
ANA, BIA, CID = "971500000001", "5511900000002", "5511900000003"


def asked(con, contact, message_id, at, **detail):
    told = {"category": "marketing", "billable": True, **detail}
    put_other(con, contact, Act(at, ""), "message_status", "DELIVERED", told, message_id)


def replied(con, contact, message_id, act, name):
    told = {"about": message_id, "permanent": act.permanent, "by": "user_action"}
    word = "accept" if act.kind == ACCEPTED else "reject"
    put_other(con, contact, act, "permission_reply", word, told, name)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    with open_store(library.open(tmp_path).store_path) as con:
        asked(con, ANA, "wamid.1", AT)
        replied(con, ANA, "wamid.1", Act(AT + 60, ACCEPTED), "wamid.r1")
        act = Act(AT + H, CALL_OUT, connected_at=AT + H)
        talk = {"ended_at": moment(AT + H + 60), "duration_s": 60, "country": "AE"}
        put_call(con, ANA, act, "wacid.1", **talk)
        put_call(con, ANA, Act(AT - H, CALL_OUT, unanswered=True), "wacid.0")  # before it was given
        asked(con, BIA, "wamid.2", AT)
        replied(con, BIA, "wamid.2", Act(AT + 90, REJECTED), "wamid.r2")
        failed = {"category": "marketing", "error": 138011}
        put_other(con, CID, Act(AT, ""), "message_status", "FAILED", failed, "wamid.3")
        put(con, CID, [Act(AT, CALL_IN), Act(AT + 5, ACCEPTED, automatic=True)])
    return tmp_path


def test_a_contact_is_told_with_the_rule_the_count_and_the_time(wacost, folder):
    args = ("permissions", "+971 50 000 0001", "-w", folder, "--at")
    result = wacost(*args, "2026-10-06T10:30")
    assert (result.code, result.err) == (0, "")
    assert "times in America/Sao_Paulo" in result.out
    assert "permission given" in result.out
    assert "may call: yes, the permission is temporary" in result.out
    assert "used 1 of 100; until 2026-10-13 09:01" in result.out
    late = wacost(*args, "2026-10-14T10:30")
    assert "may call: no, the permission is over" in late.out
    assert "rule temporary_hours of meta-2025-12 (read)" in late.out
    assert "the permission ran out" in late.out
    told = wacost(*args, "2026-10-06T09:30", "--json").json[0]
    assert (told["permission"], told["may_call"]["allowed"]) == ("temporary", True)
    assert told["until"] == "2026-10-13T09:01:00-03:00"


def test_what_happens_in_one_second_is_told_in_its_turn_and_lines_are_short(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        replied(con, CID, "wamid.9", Act(AT + H, ACCEPTED, permanent=True), "wamid.r9")
        put_call(con, CID, Act(AT + 2 * H, CALL_OUT, connected_at=AT + 2 * H + 9), "wacid.9")
    args = ("permissions", CID, "-w", folder, "--at", "2026-10-06T11:00")
    steps = [
        (row["what"], row["permission"]) for row in wacost(*args, "--json").json[0]["timeline"]
    ]
    assert steps[-3:] == [
        ("asked for permission to call", "temporary"),  # no record tells when
        ("permanent permission given", "permanent"),
        ("call to the contact: did not connect", "permanent"),  # it was still ringing
    ]
    assert max(map(len, wacost(*args).out.splitlines())) <= 100
    late = wacost("permissions", ANA, "-w", folder, "--at", "2026-10-06T09:30").out
    assert "note: webhooks tell of a request only when it is answered" not in late
    free = wacost("permissions", ANA, "-w", folder, "--at", "2026-10-14T09:30").out
    assert "note: webhooks tell of a request only when it is answered" in free
    assert "may ask: no, 1 request within 24 hours; the limit is 1" in late
    assert max(map(len, late.splitlines())) <= 100


def test_the_rule_set_is_the_one_that_wacost_toml_names(wacost, folder):
    (folder / "wacost.toml").write_text(ACME + '[policies]\npermission = "respond-io-2025-03"\n')
    args = ("permissions", ANA, "-w", folder, "--at")
    assert "may call: yes" in wacost(*args, "2026-10-09T09:00:59").out
    assert "may call: no" in wacost(*args, "2026-10-09T09:01:00").out
    assert "send a template message first" in wacost(*args, "2026-10-12T09:00").out
    (folder / "wacost.toml").write_text(ACME + '[policies]\npermission = "mta"\n')
    refused = wacost(*args, "2026-10-09")
    assert (refused.code, "did you mean meta?" in refused.err) == (1, True)


def test_the_funnel_counts_every_step_and_what_it_cost(wacost, folder):
    assert wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json").code == 0
    told = wacost("permissions", "--month", "2026-10", "-w", folder, "--json").json
    steps = ("requested", "delivered", "failed", "temporary", "refused", "no_reply", "automatic")
    assert [told[step] for step in steps] == [3, 2, 1, 1, 1, 1, 1]
    uses = ("granted", "called", "reached", "calls", "answered_calls")
    assert [told[use] for use in uses] == [2, 1, 1, 1, 1]
    # A marketing message to the UAE at 0.0499, and one minute there at 0.0127.
    assert told["costs"] == [
        {
            "currency": "USD",
            "messages": 1,
            "message_amount": "0.0499",
            "calls": 1,
            "call_amount": "0.0127",
            "per_permission": "0.0499",
            "per_answered_call": "0.0626",
        }
    ]
    assert told["unpriced_messages"] == 2
    (listed,) = told["price_sources"]
    assert listed["source"].startswith("messages.csv of wacost (reported: ")
    shown = wacost("permissions", "--month", "2026-10", "-w", folder).out
    assert "0.0499 per permission, 0.0626 per answered call" in shown
    assert "without a known price: 2 messages" in shown


def test_a_message_costs_what_pricing_analytics_tell_of_its_sort_and_time(wacost, folder):
    day = {"start": AT - 9 * H, "end": AT + 15 * H, "pricing_category": "MARKETING"}
    point = day | {"country": "AE", "pricing_type": "REGULAR", "volume": 3, "cost": 0.12}
    points = [
        point | {"phone_number": "1"},
        point | {"phone_number": "2", "volume": 1, "cost": 0.06},  # together 0.045 each
        point | {"start": AT - 90 * 24 * H, "volume": 9, "cost": 9},  # a wider time tells less
        point | {"country": "SA", "volume": 1, "cost": 5},
        point | {"pricing_category": "UTILITY", "volume": 1, "cost": 5},
        point | {"pricing_type": "FREE_ENTRY_POINT", "volume": 5, "cost": 0},
        point | {"tier": "9", "volume": None, "cost": 4},
    ]
    file = folder / "pricing.json"
    file.write_text(json.dumps({"data_points": points}))
    for _ in range(2):
        assert wacost("balance", "import", file, "-w", folder).code == 0
    args = ("permissions", "--month", "2026-10", "-w", folder)
    told = wacost(*args, "--json").json
    (cost,) = told["costs"]
    assert (cost["messages"], cost["message_amount"]) == (1, "0.045")
    source = "pricing_analytics (pricing.json)"
    assert told["price_sources"] == [{"source": source, "messages": 1}]
    assert f"  1 message priced by {source}\n" in wacost(*args).out
    file.write_text(json.dumps([{"data_points": [point | {"phone_number": "1", "cost": 0.18}]}]))
    assert wacost("balance", "import", file, "-w", folder).code == 0
    assert wacost(*args, "--json").json["costs"][0]["message_amount"] == "0.06"


def test_every_permission_is_called_or_unused_in_one_way(wacost, folder):
    one, two, three, four = (f"551190000001{n}" for n in range(4))
    with open_store(library.open(folder).store_path) as con:
        for contact in (one, two, three, four):
            asked(con, contact, f"wamid.{contact}", AT)
            replied(con, contact, f"wamid.{contact}", Act(AT + 60, ACCEPTED), f"wamid.r{contact}")
        # Asked once more before the first permission is over.
        asked(con, one, "wamid.b", AT + 80)
        replied(con, one, "wamid.b", Act(AT + 90, ACCEPTED, permanent=True), "wamid.rb")
        replied(con, two, f"wamid.{two}", Act(AT + 90, REJECTED), "wamid.rc")
        put_call(con, three, Act(AT + 9 * 86_400, CALL_IN), "wacid.late")
        # One request, answered for a time and then for good: one permission, and it is called.
        replied(con, four, f"wamid.{four}", Act(AT + 90, ACCEPTED, permanent=True), "wamid.rd")
        act = Act(AT + 600, CALL_OUT, connected_at=AT + 605)
        put_call(con, four, act, "wacid.14", duration_s=60, ended_at=moment(AT + 665))
    told = wacost("permissions", "--month", "2026-10", "-w", folder, "--json").json
    unused = [f"{how}_unused" for how in ("expired", "revoked", "replaced", "open")]
    assert told["granted"] == told["called"] + sum(told[name] for name in unused)
    assert [told[name] for name in unused] == [2, 1, 1, 1]
    assert (told["temporary"], told["permanent"], told["granted"]) == (4, 2, 7)
    assert (told["called"], told["answered_calls"]) == (2, 2)


def test_own_prices_and_typed_requests_are_counted(wacost, folder):
    (folder / "rates").mkdir()
    (folder / "rates" / "messages.csv").write_text(
        "category,country,currency,price,effective_from\nmarketing,BR,USD,0.0625,2025-01-01\n"
    )
    (folder / "permission_requests.csv").write_text(
        "requested_at,contact,form\n2026-10-20T10:00,+55 11 90000-0003,template\n"
    )
    told = wacost("permissions", "--month", "2026-10", "-w", folder, "--json").json
    assert (told["requested"], told["no_reply"]) == (4, 2)
    assert told["costs"][0]["message_amount"] == "0.1749"
    assert told["unpriced_messages"] == 1  # the typed one: nobody knows its category
    log = library.open(folder)
    answer = log.may_request(CID, "2026-10-20T10:30", form="template")
    assert (bool(answer), answer.used) == (False, 1)


def test_prices_that_are_none_are_told_with_their_line(wacost, folder):
    (folder / "rates").mkdir()
    file = folder / "rates" / "messages.csv"
    head = "category,country,currency,price,effective_from\n"
    for row in ("marketing,BR,USD,1e-3,2025-01-01", "marketing,XX,USD,1,2025-01-01", "m,BR,USD,1"):
        file.write_text(head + row + "\n")
        result = wacost("permissions", "--month", "2026-10", "-w", folder)
        assert (result.code, "messages.csv, line 2" in result.err) == (1, True)


def test_nothing_to_tell_is_a_sentence_and_wrong_usage_is_refused(wacost, folder):
    empty = wacost("permissions", "--month", "2026-09", "-w", folder)
    assert (empty.code, empty.out) == (0, "")
    assert "nobody was asked for permission to call in 2026-09" in empty.err
    unknown = wacost("permissions", "+55 11 90000-9999", "-w", folder)
    assert (unknown.code, "nothing is known of the contact" in unknown.err) == (1, True)
    assert wacost("permissions", "-w", folder).code == 2
    assert wacost("permissions", ANA, "--month", "2026-10", "-w", folder).code == 2
    assert wacost("permissions", ANA, "--at", "soon", "-w", folder).code == 2


def test_the_library_answers_yes_or_no(folder):
    log = library.open(folder)
    assert log.may_call(ANA, "2026-10-06T10:00")
    assert not log.may_call(BIA, "2026-10-06T10:00")
    closes = log.window_open(CID, "2026-10-06T10:00")
    assert closes.isoformat() == "2026-10-07T09:00:00-03:00"
    assert log.window_open(CID, "2026-10-07T09:00") is None


def test_a_number_that_cannot_call_is_told_before_any_permission(folder):
    log = library.open(folder)
    assert log.may_call(ANA, "2026-10-07T10:00")
    (folder / "channel_settings.csv").write_text(
        f"phone_number_id,from,calling\n{PNID},2026-10-07,off\n{PNID},2026-10-08,on\n"
    )
    off = log.may_call(ANA, "2026-10-07T10:00")
    assert (off.rule, off.error_code) == ("calling is off", 138000)
    assert off.as_dict("America/Sao_Paulo")["possible_at"] == "2026-10-08T00:00:00-03:00"
    with open_store(log.store_path) as con:
        con.execute(
            "INSERT INTO other_events (id, kind, word, event_at, waba_id, detail) VALUES"
            " ('', 'account', 'ACCOUNT_RESTRICTION', '2026-10-09 03:00:00', '1', ?)",
            ['{"restrictions":[{"type":"RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING"}]}'],
        )
    paused = log.may_call(ANA, "2026-10-09T10:00")
    # By the end of the pause of 7 days the permission is over as well.
    assert (paused.rule, paused.error_code, paused.possible_at) == ("paused", 138014, None)
    asked = log.may_request(BIA, "2026-10-09T10:00", form="template")
    assert asked.as_dict("UTC")["possible_at"] == "2026-10-16T03:00:00+00:00"


def test_a_number_of_a_country_where_calling_is_not_offered_cannot_call(folder):
    log = library.open(folder)
    with open_store(log.store_path) as con:
        con.execute("UPDATE call_rows SET business_number = '12125550101'")
    answer = log.may_call(ANA, "2026-10-06T10:00")
    assert (bool(answer), answer.rule, answer.error_code) == (False, "availability", 138013)


def test_a_contact_of_two_numbers_asks_which(folder):
    log = library.open(folder)
    with open_store(log.store_path) as con:
        put(con, ANA, [Act(AT, MESSAGE)], pnid="7")
    with pytest.raises(InputError, match="which one"):
        log.may_call(ANA)
    assert log.may_call(ANA, "2026-10-06T10:00", number=PNID)
    assert not log.may_call(ANA, "2026-10-06T10:00", number="7")
    with pytest.raises(InputError, match="not dealt with the business number 1063405422429221"):
        log.may_call(ANA, number="1063405422429221")  # an id of 16 digits


def test_a_business_number_that_nobody_called_is_known_by_its_digits_too(folder):
    log = library.open(folder)
    with open_store(log.store_path) as con:
        put(con, ANA, [Act(AT, ACCEPTED)], pnid="7")
        con.execute(
            "UPDATE other_events SET business_number = 12125550101 WHERE phone_number_id = '7'"
        )
    answer = log.may_call(ANA, "2026-10-06T10:00", number="+1 212 555-0101")
    assert (bool(answer), answer.rule) == (False, "availability")
    with pytest.raises(InputError, match="not dealt with the business number 8") as problem:
        log.may_call(ANA, number="8")
    assert problem.value.hint == f"with the phone number id {PNID}, 7"


def test_permissions_are_a_frame(folder):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    frame = library.open(folder).permissions("2026-10")
    assert sorted(frame["contact"]) == [CID, ANA]
    windows = library.open(folder).windows("2026-10")
    assert sorted(windows["contact"]) == [BIA, CID, ANA]
