"""What is kept of a refused record tells nobody, in whatever shape it came or was broken."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wacost.ingest.scrub import MOST, scrubbed, scrubbed_text

HOLDERS = ["entry", "changes", "value", "calls", "messages", "profile", "session", "callingConnect"]
TOLD = ["id", "from", "status", "timestamp", "wa_id", "duration", "type", "callId"]
PRIVATE = ["name", "text", "sdp", "body", "username", "biz_opaque_callback_data", "ID", "from "]

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=3, max_size=12).map("Zq{}".format)
scalars = words | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(HOLDERS + TOLD + PRIVATE) | words, inner, max_size=3)
    ),
    max_leaves=8,
)
"""Whatever stands below a private key: words everywhere, below the envelope's keys too."""
ours = st.sampled_from(["wacid.A", "5511", 12, None, True, ["BR.1", "BR.2"]])


def envelope(inner):
    """Our own keys, with private things wherever no value of ours has its place."""
    objects = st.dictionaries(st.sampled_from(TOLD), anything, min_size=1, max_size=2)
    return (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(HOLDERS), inner, max_size=3)
        | st.dictionaries(st.sampled_from(TOLD), ours | objects, max_size=3)
        | st.dictionaries(st.sampled_from(PRIVATE) | words, anything, max_size=3)
    )


def told(text):
    return "Zq" in text


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.recursive(words, envelope, max_leaves=12))
@example({"name": {"id": "Zqana"}})
@example({"from": {"id": "Zqana"}})
@example({"calls": [{"text": [[{"from": "Zqana"}]]}]})
def test_no_private_word_survives_at_any_depth_of_any_shape(shape):
    for kept in (scrubbed(shape), scrubbed_text(json.dumps(shape))):
        assert not told(kept)
        assert len(kept) <= MOST


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.recursive(words, envelope, max_leaves=12), st.data())
def test_no_private_word_survives_where_the_json_is_broken(shape, data):
    text = json.dumps(shape, separators=data.draw(st.sampled_from([(",", ":"), (", ", ": ")])))
    place = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", *'{}[],:"\\ x1', "\n"]))
    kept = data.draw(st.sampled_from([0, 1]))  # in its place, or before what stands there
    end = data.draw(st.integers(place, len(text) + 1))
    broken = (text[:place] + put + text[place + 1 - kept :])[:end]
    assert not told(scrubbed_text(broken)), broken


def test_what_is_the_envelopes_own_is_kept():
    item = {"id": "wacid.A", "event": "connect", "timestamp": "17", "errors": [{"code": 138000}]}
    body = {"object": "x", "entry": [{"changes": [{"value": {"calls": [item]}}]}]}
    assert json.loads(scrubbed(body)) == body
    assert json.loads(scrubbed_text(json.dumps(body))) == body
    cut = json.dumps(body)[:-12]
    assert scrubbed_text(cut).startswith(
        '{"object":"x","entry":[{"changes":[{"value":{"calls":[{"id"'
    )


def test_a_bomb_of_brackets_or_digits_is_no_crash():
    for bomb in ("[" * 100_000, '{"id":' * 2000, "9" * 100_000, '{"id":' + "9" * 5000 + "}"):
        assert len(scrubbed_text(bomb)) <= MOST


def test_a_name_that_lost_its_brace_is_no_value_of_the_key_before_it():
    assert not told(scrubbed_text('{"calls":[{"from": "Zqana":1}]}'))
    assert not told(scrubbed_text('{"name":"id":"Zqana"}'))
