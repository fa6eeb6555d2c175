"""Who may be asked and called: the article's cases, and a second model on drawn histories."""

from __future__ import annotations

import tomllib

import pytest
from contacts.permission_model import FACTS, Calendar, first_yes
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.bundled import bundled
from wacost.contacts.history import (
    ACCEPTED,
    CALL_IN,
    CALL_OUT,
    MESSAGE,
    REJECTED,
    REQUEST,
    TEMPLATE,
    Act,
    history,
)
from wacost.contacts.permission import (
    CONVERSATION_REMEDIES,
    may_call,
    may_request,
    permission_at,
    window_open,
)
from wacost.contacts.policies import load_policy, policy_names, rulebook
from wacost.errors import ConfigError

H = 3600
DAY = 24 * H
T0 = 1_742_169_600  # 2025-03-17 00:00 UTC
BETA = rulebook("respond-io-2025-03")
META = rulebook("meta")
IN_2026 = 1_767_571_200  # 2026-01-05 00:00 UTC


def talk(*acts: Act):
    return history(acts)


# -- the article of March 2025 -------------------------------------------------------------------


def test_a_third_request_within_seven_days_is_refused():
    acts = talk(
        Act(T0, MESSAGE),
        Act(T0 + 60, REQUEST),
        Act(T0 + 2 * DAY, MESSAGE),
        Act(T0 + 2 * DAY + 60, REQUEST),
        Act(T0 + 5 * DAY, MESSAGE),
    )
    answer = may_request(acts, BETA, T0 + 5 * DAY + 60)
    assert not answer
    assert (answer.rule, answer.used, answer.limit) == ("request_limits", 2, 2)
    assert answer.status == "read"
    # The first one is 7 days old at T0 + 7 d + 60 s, but then nobody has written for a day.
    assert answer.possible_at is None
    assert answer.notes == ("by then the conversation is over: another has to be open as well",)
    template = may_request(acts, BETA, T0 + 5 * DAY + 60, "template")
    assert template.possible_at == T0 + 7 * DAY + 60


def test_a_call_71_h_59_after_the_approval_is_allowed_and_72_h_01_after_it_is_not():
    acts = talk(Act(T0, ACCEPTED))
    assert may_call(acts, BETA, T0 + 71 * H + 59 * 60)
    late = may_call(acts, BETA, T0 + 72 * H + 60)
    assert not late
    assert (late.rule, late.reason) == ("temporary_hours", "the permission is over")
    assert may_call(acts, BETA, T0).until == T0 + 72 * H


def test_a_request_without_an_open_conversation_fails_with_the_articles_reason_and_remedies():
    answer = may_request((), BETA, T0)
    assert not answer
    assert answer.rule == "open_conversation"
    assert "needs an open conversation" in answer.reason
    assert answer.error_code == 138011
    assert answer.remedies == CONVERSATION_REMEDIES
    assert len(answer.remedies) == 2


def test_a_template_sent_first_allows_the_request_but_opens_no_service_window():
    acts = talk(Act(T0, TEMPLATE))
    assert may_request(acts, BETA, T0 + 60)
    assert window_open(acts, T0 + 60) is None
    assert not may_request(acts, META, IN_2026, "free_form")


def test_an_inbound_call_opens_a_window_whether_or_not_it_is_answered_but_no_conversation():
    for call in (Act(T0, CALL_IN), Act(T0, CALL_IN, connected_at=T0 + 9)):
        assert window_open((call,), T0 + DAY - 1) == (T0, T0 + DAY)
        assert window_open((call,), T0 + DAY) is None
        assert not may_request((call,), BETA, T0 + 60)


def test_after_a_refusal_the_next_request_waits_24_hours():
    acts = talk(Act(T0, MESSAGE), Act(T0 + 60, REJECTED), Act(T0 + 23 * H, MESSAGE))
    early = may_request(acts, BETA, T0 + 23 * H)
    assert (early.rule, early.possible_at) == ("request_after_refusal_hours", T0 + 60 + DAY)
    assert may_request(acts, BETA, T0 + 60 + DAY)


# -- Meta's rules as they changed ----------------------------------------------------------------


@pytest.mark.parametrize(("day", "most"), [(1_752_600_000, 5), (1_760_400_000, 10), (IN_2026, 100)])
def test_the_connected_calls_of_a_day_are_limited_by_the_set_in_force(day, most):
    calls = [Act(day + n, CALL_OUT, connected_at=day + n) for n in range(most)]
    acts = talk(Act(day - 60, ACCEPTED), *calls)
    full = may_call(acts, META, day + most)
    assert (bool(full), full.used, full.limit, full.error_code) == (False, most, most, 138012)
    assert full.possible_at == day + DAY
    assert may_call(talk(*acts[:-1]), META, day + most).used == most - 1


def test_a_connected_call_either_way_sets_the_count_of_requests_back():
    asked = [Act(IN_2026, MESSAGE), Act(IN_2026 + 60, REQUEST)]
    assert not may_request(talk(*asked), META, IN_2026 + 2 * H)
    for kind in (CALL_IN, CALL_OUT):
        acts = talk(*asked, Act(IN_2026 + H, kind, connected_at=IN_2026 + H))
        assert may_request(acts, META, IN_2026 + 2 * H).used == 0


def test_two_calls_not_taken_are_a_warning_and_the_fourth_revokes_even_a_permanent_permission():
    for permanent in (False, True):
        acts = [Act(IN_2026, ACCEPTED, permanent=permanent)]
        for n in range(1, 5):
            at = IN_2026 + n * H
            acts.append(Act(at, CALL_OUT, unanswered=True, over_at=at))
            state = permission_at(talk(*acts), META, at)
            assert state.unanswered == n
            assert (state.name == "revoked") == (n == 4)
            assert bool(may_call(talk(*acts), META, at).notes) == (n in {2, 3})


def test_a_permanent_permission_has_no_end_until_the_contact_refuses():
    acts = talk(Act(IN_2026, ACCEPTED, permanent=True))
    assert may_call(acts, META, IN_2026 + 900 * DAY).until is None
    assert may_request(acts, META, IN_2026 + DAY).error_code == 138017
    refused = talk(*acts, Act(IN_2026 + DAY, REJECTED))
    assert permission_at(refused, META, IN_2026 + DAY).name == "refused"


def test_the_end_that_a_reply_tells_is_its_end():
    acts = talk(Act(IN_2026, ACCEPTED, expires_at=IN_2026 + H))
    assert may_call(acts, META, IN_2026).until == IN_2026 + H


def test_a_test_number_has_relaxed_limits():
    rules = rulebook("meta-test")
    asked = [Act(IN_2026 + n, REQUEST) for n in range(25)]
    acts = talk(Act(IN_2026, MESSAGE), *asked)
    assert may_request(acts[:-1], rules, IN_2026 + 30)
    full = may_request(acts, rules, IN_2026 + 30)
    assert (full.used, full.limit) == (25, 25)
    assert full.possible_at is None  # by then nobody has written for a day


# -- the data ------------------------------------------------------------------------------------


def test_every_rule_says_how_it_is_known_and_where_it_was_found():
    keys = set(load_policy("respond-io-2025-03").rules) | set(load_policy("meta-2025-12").rules)
    for name in policy_names():
        policy = load_policy(name)
        assert policy.name == name
        assert policy.title
        assert set(policy.rules) <= keys
        for rule in policy.rules.values():
            assert rule.status in {"read", "inferred", "open"}
            assert rule.source
    for path in bundled("policies").glob("*.toml"):
        assert tomllib.loads(path.read_text())["name"] == path.stem


def test_a_rule_set_that_is_none_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError) as refused:
        rulebook("meta-2025-1")
    assert "meta-2025-1" in refused.value.hint


# -- the second model ----------------------------------------------------------------------------

BASES = [T0, 1_752_537_600 - DAY, 1_762_128_000 - DAY, IN_2026]
# Few instants, so that many things happen together and the edges of every span are met.
half_hours = st.builds(
    lambda days, halves: 48 * days + halves,
    st.sampled_from([0, 0, 0, 1, 2, 3, 4, 7, 8]),
    st.integers(0, 3),
)


@st.composite
def acts_of(draw, base: int):
    at = base + 1800 * draw(half_hours)
    kind = draw(
        st.sampled_from(
            [MESSAGE, TEMPLATE, REQUEST, REQUEST, ACCEPTED, ACCEPTED, REJECTED, CALL_IN]
            + [CALL_OUT] * 6
        )
    )
    if kind in {CALL_IN, CALL_OUT}:
        taken = draw(st.sampled_from([False, False, True]))
        later = at + draw(st.sampled_from([0, 1800, 3600]))
        missed = kind == CALL_OUT and not taken and draw(st.sampled_from([True, True, True, False]))
        return Act(
            at,
            kind,
            connected_at=later if taken else None,
            unanswered=missed,
            over_at=later if missed else None,
        )
    automatic = kind in {ACCEPTED, REJECTED} and draw(st.integers(0, 4)) == 0
    permanent = kind == ACCEPTED and draw(st.integers(0, 3)) == 0
    told = kind == ACCEPTED and not permanent and draw(st.booleans())
    expires = at + 1800 * draw(st.sampled_from([1, 2, 48, 144])) if told else None
    return Act(at, kind, permanent=permanent, expires_at=expires, automatic=automatic)


@st.composite
def stories(draw):
    base = draw(st.sampled_from(BASES))
    acts = draw(st.lists(acts_of(base), min_size=1, max_size=20))
    acts.append(Act(base, ACCEPTED, permanent=draw(st.booleans())))
    edges = {act.at + span for act in acts for span in (0, 3600, DAY, 3 * DAY, 7 * DAY)}
    edges |= {act.expires_at for act in acts if act.expires_at is not None}
    asked = draw(st.sampled_from(sorted(edges))) + draw(st.sampled_from([-1, 0, 0, 1]))
    book = draw(st.sampled_from(["meta", "meta", *FACTS]))
    return book, acts, asked


def agrees(story, *, ahead: bool) -> None:
    book, acts, at = story
    told = history([*reversed(acts), *acts])
    calendar = Calendar(book, set(acts), at)
    rules = rulebook(book)
    assert permission_at(told, rules, at).name == calendar.state
    assert window_open(told, at) == calendar.window()
    call = may_call(told, rules, at)
    assert bool(call) == calendar.may_call()
    for form in ("free_form", "template"):
        assert bool(may_request(told, rules, at, form)) == calendar.may_request(form)
    if not ahead:
        return
    for answer, say in (
        (call, Calendar.may_call),
        (may_request(told, rules, at, "template"), lambda one: one.may_request("template")),
    ):
        if not answer:
            assert answer.possible_at == first_yes(book, set(acts), at, say)


@settings(max_examples=300)
@given(stories())
def test_the_second_model_agrees_at_every_instant_asked(story):
    agrees(story, ahead=False)


@settings(max_examples=40)
@given(stories())
def test_the_second_model_agrees_when_it_will_be_possible_again(story):
    agrees(story, ahead=True)


@pytest.mark.full
@settings(max_examples=1000)
@given(stories())
def test_the_second_model_agrees_at_every_instant_asked_at_length(story):
    agrees(story, ahead=False)
