"""Who may post what: everything else is refused, and leaves a count."""

import hashlib
import hmac
import io
import json
import socket
import time
from types import SimpleNamespace

import pytest
from payloads.bodies import answered_outbound, call_body, connect
from payloads.providers import doubletick
from serve.conftest import APP, ENVIRONMENT, KAPSO, TOKEN, YCLOUD, hub, of, until

import wacost
from wacost.cli.doctor import refused
from wacost.serve import refused_counts
from wacost.serve.idle import MOST_IDLE_S, Idle

BODY = of(call_body(connect()))


def verify(**asked):
    pairs = "&".join(f"hub.{key}={value}" for key, value in asked.items())
    return f"/any/path?{pairs}"


def test_meta_is_answered_its_challenge_only_for_the_right_token(server):
    one = server()
    right = verify(mode="subscribe", verify_token=TOKEN, challenge="1158863600")
    assert one.request("GET", right) == (200, "1158863600")
    wrong = verify(mode="subscribe", verify_token=TOKEN + "x", challenge="1158863600")
    assert one.request("GET", wrong)[0] == 403
    assert one.request("GET", verify(mode="subscribe", challenge="1"))[0] == 403
    assert one.request("GET", verify(mode="other", verify_token=TOKEN, challenge="1"))[0] == 404


def ycloud(raw, secret=YCLOUD, at=None):
    moment = str(int(time.time()) if at is None else at)
    made = hmac.new(secret.encode(), f"{moment}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"YCloud-Signature": f"t={moment},s={made}"}


def kapso(raw, secret=KAPSO):
    return {"X-Webhook-Signature": hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def test_every_signature_of_a_known_secret_is_taken_the_old_one_too(server):
    one = server()
    for signed in (hub(BODY), hub(BODY, "s3cret-old"), ycloud(BODY), kapso(BODY)):
        assert one.post(BODY, signed) == (200, "ok")
    assert len(one.lines()) == 4


def test_every_other_signature_is_refused_and_nothing_is_kept(server, workspace):
    one = server()
    other = BODY.replace(b"connect", b"connecT")
    refused = {
        "no_signature": [{}, {"X-Hub-Signature": "sha1=00"}],
        "wrong_signature": [
            hub(other),
            hub(BODY, "guess"),
            hub(BODY, ""),
            hub(BODY, f"s3cret-old, {APP}"),
            {"X-Hub-Signature-256": "sha256=\u00e9".encode().decode("latin-1")},
            {"X-Hub-Signature-256": ""},
            kapso(other),
            ycloud(other),
            {"YCloud-Signature": "t=,s="},
            {"YCloud-Signature": ycloud(BODY)["YCloud-Signature"].replace("t=1", "t=2")},
            ycloud(BODY, at="soon"),
        ],
        "stale_signature": [ycloud(BODY, at=int(time.time()) - 13 * 3600)],
    }
    for reason, signatures in refused.items():
        for headers in signatures:
            assert one.post(BODY, headers) == (401, reason)
    assert one.lines() == []
    assert one.stop() == 0
    assert refused_counts(workspace) == {reason: len(n) for reason, n in refused.items()}


def test_a_signature_of_a_supplier_without_a_secret_here_is_refused(server):
    one = server(environment={"WACOST_KAPSO_SECRET": KAPSO})
    assert one.post(BODY, hub(BODY, "")) == (401, "unknown_signer")
    assert one.post(BODY, kapso(BODY)) == (200, "ok")


@pytest.mark.parametrize(
    ("raw", "status", "reason"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b'{"a":NaN}', 400, "not_json"),
        (b'{"a":"\n"}', 400, "not_json"),
        (b"{}{}", 400, "not_json"),
        (b'"text"', 400, "no_body"),
        (b"\xff\xfe{\x00}\x00", 400, "not_utf8"),
        (b'{"a":"\xff"}', 400, "not_utf8"),
        (b"[" * 200 + b"]" * 200, 400, "too_deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400, "too_deep"),
        (b'{"a":"' + b"x" * (3 << 20) + b'"}', 413, "too_large"),
    ],
    ids=range(11),
)
def test_a_signed_body_that_is_no_webhook_is_refused(server, workspace, raw, status, reason):
    one = server()
    try:
        assert one.post(raw) == (status, reason)
    except (BrokenPipeError, ConnectionResetError):  # the answer came before the body's end
        assert reason == "too_large"
    assert one.lines() == []
    assert one.stop() == 0
    assert refused_counts(workspace) == {reason: 1}


def test_a_compressed_body_is_refused(server):
    assert server().post(BODY, {**hub(BODY), "Content-Encoding": "gzip"}) == (415, "encoded")


def test_a_body_of_three_megabytes_is_taken(server):
    one = server()
    raw = b'{"a":"' + b"x" * ((3 << 20) - 8) + b'"}'
    assert one.post(raw) == (200, "ok")
    assert one.lines() == [raw]


def chunks(port, number):
    """Post a megabyte after the other without saying how many; return the answer's first line."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(number):
                raw.sendall(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            return "closed"
        return raw.recv(100).decode().partition("\r\n")[0]


def test_a_body_without_a_length_is_not_read_to_its_end(server):
    one = server()
    assert chunks(one.port, 400) == "closed"
    assert one.metric('refused_total{reason="too_large"}') == 1
    assert one.health()[0] == 200


def test_a_body_that_is_said_to_be_large_is_not_waited_for(server):
    with socket.create_connection(("127.0.0.1", server().port), timeout=30) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


class Connection:
    """As far as `Idle` looks at one of uvicorn's."""

    def __init__(self):
        self.cycle, self.transport = None, io.BytesIO()


@pytest.mark.full
def test_who_connects_and_asks_nothing_takes_no_place_for_long(server):
    one = server()
    silent = [socket.create_connection(("127.0.0.1", one.port), timeout=60) for _ in range(510)]
    for raw in silent[::2]:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
    try:
        assert one.post(BODY)[0] == 503
        assert until(lambda: one.post(BODY)[0] == 200, MOST_IDLE_S + 10)
        assert silent[0].recv(1) == silent[1].recv(1) == b""
    finally:
        for raw in silent:
            raw.close()


def test_a_connection_is_idle_while_it_has_no_request_under_way():
    def asked(*, answered):
        return SimpleNamespace(response_complete=answered)

    idle, silent, busy, asks = Idle(), Connection(), Connection(), Connection()
    busy.cycle = asked(answered=False)
    for second in range(MOST_IDLE_S):
        asks.cycle = asked(answered=True)  # one more request between two looks
        idle.sweep([silent, busy, asks], second)
    assert not silent.transport.closed
    asks.cycle = asked(answered=True)
    idle.sweep([silent, busy, asks], MOST_IDLE_S)
    assert (silent.transport.closed, busy.transport.closed, asks.transport.closed) == (
        True,
        False,
        False,
    )


def test_a_post_that_breaks_off_leaves_nothing(server):
    one = server()
    with socket.create_connection(("127.0.0.1", one.port), timeout=30) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert one.post(BODY) == (200, "ok")
    assert len(one.lines()) == 1


def test_a_body_becomes_one_line_with_its_arrival_in_front_and_nothing_else_changed(server):
    one = server()
    before = int(time.time())
    pretty = json.dumps(answered_outbound()[0], indent=2).replace("\n", "\r\n").encode()
    for raw in (pretty, b" {} ", b"[]", b'[{"a":1.50}, {}, 7]', b'\xef\xbb\xbf{"b":"\\n"}'):
        assert one.post(raw) == (200, "ok")
    assert one.stop() == 0
    (segment,) = one.inbox.glob("*.jsonl")
    first, *others = segment.read_bytes().splitlines()
    told = json.loads(first)
    assert next(iter(told)) == "wacost_received_at"
    assert before <= told.pop("wacost_received_at") <= time.time()
    assert told == json.loads(pretty)
    assert first.endswith(pretty.replace(b"\r\n", b"  ")[1:])
    at = b'{"wacost_received_at":%d' % json.loads(others[0])["wacost_received_at"]
    assert others[0] == at + b"}"
    assert others[1] == b"[]"
    assert json.loads(others[2])[0].keys() == {"wacost_received_at", "a"}
    assert b'"a":1.50}' in others[2]
    assert others[3].endswith(b',"b":"\\n"}')


@pytest.mark.parametrize("number", [600, pytest.param(10_000, marks=pytest.mark.full)])
def test_any_number_of_bad_posts_changes_nothing_but_a_few_counts(server, workspace, number):
    one = server()
    bad = [(BODY, {}), (BODY, hub(BODY, "guess")), (b"{", hub(b"{")), (b"[]]", hub(b"[]]"))]
    connection = one.connect()
    for at in range(number):
        raw, headers = bad[at % len(bad)]
        connection.request("POST", "/", raw, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in {400, 401}
    connection.close()
    assert one.post(BODY) == (200, "ok")
    assert one.lines() == [BODY]
    assert one.stop() == 0
    quarter = number // 4
    assert refused_counts(workspace) == {
        "no_signature": quarter,
        "not_json": 2 * quarter,
        "wrong_signature": quarter,
    }
    log = (workspace / "inbox" / ".refused.jsonl").read_text().splitlines()
    assert len(log) <= 3 * (2 + number // 1000)
    assert one.said.count("\n") == 1


def test_no_secret_and_nobody_s_number_is_told_anywhere(server):
    one = server()
    one.post(BODY)
    one.post(BODY, hub(BODY, "guess"))
    told = one.request("GET", "/metrics")[1] + one.request("GET", "/healthz")[1]
    one.stop()
    told += one.said + (one.inbox / ".refused.jsonl").read_text()
    for word in ("s3cret", "5511987654321", "wacid"):
        assert word not in told


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"WACOST_APP_SECRET", "WACOST_YCLOUD_SECRET", "WACOST_KAPSO_SECRET"}, "WACOST_APP_SECRET"),
        ({"WACOST_VERIFY_TOKEN"}, "WACOST_VERIFY_TOKEN"),
    ],
)
def test_without_its_secrets_it_does_not_start(server, missing, named):
    one = server(environment={k: v for k, v in ENVIRONMENT.items() if k not in missing})
    assert one.process.wait(20) == 1
    assert named in one.first_line
    assert list(one.inbox.iterdir()) == []


PATH_TOKEN = "a-long-path-token_0123"  # noqa: S105 - made up
UNSIGNED = {**ENVIRONMENT, "WACOST_PATH_TOKEN": f"an-old-token-0123456, {PATH_TOKEN}"}


def test_a_token_stands_for_the_signature_that_a_supplier_does_not_make(server, workspace):
    one = server(environment=UNSIGNED)
    raw = of(doubletick())
    taken = [
        one.request("POST", f"/hooks/{PATH_TOKEN}", raw),
        one.request("POST", "/an-old-token-0123456?x=1", raw),
        one.request("POST", "/", raw, {"Authorization": f"Bearer {PATH_TOKEN}"}),
    ]
    assert taken == [(200, "ok")] * 3
    assert one.post(BODY) == (200, "ok")
    assert (one.metric("unsigned_total"), one.metric("accepted_total")) == (3, 4)
    one.stop()
    assert len(one.lines()) == 4
    assert refused_counts(workspace) == {"unsigned": 3}
    assert "a-long-path" not in one.said
    found = {one.name: one.count for one in refused(wacost.open(workspace))}
    assert found == {"bodies that serve took unsigned, by a token alone": 3}
    assert wacost.open(workspace).ingest().new == 2


def test_every_other_word_is_refused_and_a_wrong_signature_in_any_case(server, workspace):
    one = server(environment=UNSIGNED)
    for path, headers in [
        ("/", {}),
        (f"/{PATH_TOKEN}/", {}),
        (f"/{PATH_TOKEN[:-1]}", {}),
        (f"/?{PATH_TOKEN}", {}),
        ("/", {"Authorization": f"Basic {PATH_TOKEN}"}),
        ("/", {"Authorization": "Bearer"}),
        (f"/{PATH_TOKEN}", hub(BODY, "guess")),
    ]:
        assert one.request("POST", path, BODY, headers)[0] == 401
    one.stop()
    assert one.lines() == []
    assert refused_counts(workspace) == {"no_signature": 6, "wrong_signature": 1}


def test_without_a_token_of_ours_no_word_is_taken(server):
    one = server()
    assert one.request("POST", "/", BODY, {"Authorization": "Bearer "})[0] == 401
    assert one.request("POST", f"/{PATH_TOKEN}", BODY)[0] == 401


@pytest.mark.parametrize("token", ["short", "with a space in its middle", f"{PATH_TOKEN},x"])
def test_a_token_that_is_no_secret_does_not_start(server, token):
    one = server(environment={"WACOST_PATH_TOKEN": token})
    assert one.process.wait(20) == 1
    assert "WACOST_PATH_TOKEN is no secret" in one.first_line


def test_a_token_alone_is_enough_to_start(server):
    one = server(environment={"WACOST_PATH_TOKEN": PATH_TOKEN})
    assert one.request("POST", f"/{PATH_TOKEN}", BODY) == (200, "ok")


def test_a_port_that_is_taken_is_a_sentence(server):
    one = server()
    other = server("--port", one.port)
    assert other.process.wait(20) == 1
    assert "cannot be listened on" in other.first_line
