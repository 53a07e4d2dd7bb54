"""An attempt's life: whatever the order of its facts, the same comes of it."""

from copy import copy
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain import call_events as ev
from dialerd.domain.attempt import CHANNEL_DEADLINE_MS, LIFE, Attempt, Stage, advance, outcome
from dialerd.domain.outcome import Outcome
from tests.domain import calls
from tests.domain.calls import ANSWERED, FLOWS, ID, OPENED, REFUSED, TIMED_OUT, Flow, attempt

WITH_CHANNEL = (*REFUSED, *TIMED_OUT, *ANSWERED)

FACTS = st.one_of(
    st.builds(ev.Sent, st.just(ID), st.just(OPENED)),
    st.builds(ev.NotSent, st.just(ID), st.just(OPENED), st.just("no link")),
    st.sampled_from([fact for flow in FLOWS for fact in flow.facts]),
)


def lived(facts: tuple[ev.CallEvent, ...], found: Attempt | None = None) -> Attempt:
    """Return the attempt after the facts."""
    found = found or attempt()
    for fact in facts:
        advance(found, fact)
    return found


def is_possible(facts: tuple[ev.CallEvent, ...]) -> bool:
    """Say whether Asterisk could tell it so: a channel is there before its order fails, and ends last."""
    names = [type(fact) for fact in facts]
    fails_early = (
        ev.ChannelCreated in names
        and ev.OriginateFailed in names
        and names.index(ev.OriginateFailed) < names.index(ev.ChannelCreated)
    )
    return not fails_early and (ev.Hungup not in names or names[-1] is ev.Hungup)


@st.composite
def other_orders(draw: st.DrawFn, flows: tuple[Flow, ...]) -> tuple[Flow, tuple[ev.CallEvent, ...]]:
    """Return a flow, and its facts in another order that is possible."""
    flow = draw(st.sampled_from(flows))
    last = [fact for fact in flow.facts if isinstance(fact, ev.Hungup)]
    mixed = draw(st.permutations([fact for fact in flow.facts if fact not in last]))
    facts = [*mixed, *last]
    places = [place for place, f in enumerate(facts) if isinstance(f, ev.ChannelCreated | ev.OriginateFailed)]
    for place, fact in zip(places, sorted((facts[p] for p in places), key=flow.facts.index), strict=True):
        facts[place] = fact
    assert is_possible(tuple(facts))
    return flow, tuple(facts)


@pytest.mark.parametrize("flow", FLOWS, ids=str)
def test_each_way_a_call_can_go_has_its_outcome(flow: Flow) -> None:
    ended = lived(flow.facts)
    assert not ended.is_open
    assert outcome(ended) is flow.outcome


@given(other_orders(WITH_CHANNEL))
def test_facts_in_any_possible_order_come_to_the_same(drawn: tuple[Flow, tuple[ev.CallEvent, ...]]) -> None:
    flow, facts = drawn
    assert lived(facts) == lived(flow.facts)
    assert outcome(lived(facts)) is flow.outcome


@given(other_orders(WITH_CHANNEL))
def test_only_the_hangup_closes_an_attempt_that_has_a_channel(
    drawn: tuple[Flow, tuple[ev.CallEvent, ...]],
) -> None:
    facts, found = drawn[1], attempt()
    assert [advance(found, fact) for fact in facts] == [False] * (len(facts) - 1) + [True]


@pytest.mark.parametrize("facts", [(calls.sent(), calls.failed(2)), (calls.failed(2), calls.sent())])
def test_an_order_that_fails_without_a_channel_closes_the_attempt(facts: tuple[ev.CallEvent, ...]) -> None:
    found = lived(facts)
    assert (found.stage, found.ended_at) == (Stage.CLOSED, OPENED + 2)
    assert outcome(found) is Outcome.FAILED


@pytest.mark.parametrize("flow", (*REFUSED, *TIMED_OUT), ids=str)
def test_an_order_that_is_said_to_have_failed_after_the_hangup_changes_nothing(flow: Flow) -> None:
    late = [fact for fact in flow.facts if isinstance(fact, ev.OriginateFailed)]
    early = tuple(fact for fact in flow.facts if fact not in late)
    ended = lived((*early, *late))
    assert outcome(ended) is flow.outcome
    assert ended == lived(early)


@given(st.lists(FACTS, min_size=1, max_size=12).map(tuple))
def test_whatever_is_told_the_stage_never_goes_back_and_the_end_is_final(
    facts: tuple[ev.CallEvent, ...],
) -> None:
    found, stages, closings = attempt(), [Stage.OPENED], 0
    for fact in facts:
        before = copy(found)
        closed = advance(found, fact)
        stages.append(found.stage)
        closings += closed
        assert closed == (before.is_open and not found.is_open)
        assert before.is_open or found == before
    assert all(earlier <= later for earlier, later in pairwise(stages))
    assert closings == (not found.is_open)
    assert found.is_open or isinstance(outcome(found), Outcome)


def test_every_fact_has_a_row_in_the_life_table() -> None:
    kinds = {kind for kind in vars(ev).values() if isinstance(kind, type) and issubclass(kind, ev.CallEvent)}
    assert set(LIFE) == kinds - {ev.CallEvent}


def test_the_wait_for_an_agent_is_counted_from_the_earlier_telling_of_the_answer() -> None:
    flow = next(flow for flow in ANSWERED if flow.name == "waits on hold and talks to an agent")
    ended = lived(flow.facts)
    assert (ended.answered_at, ended.held_at) == (OPENED + 5_000, OPENED + 5_002)
    assert (ended.answer_to_agent_ms, ended.agent) == (1_200, calls.AGENT)
    assert lived(REFUSED[0].facts).answer_to_agent_ms is None
    assert lived(ANSWERED[0].facts).answer_to_agent_ms is None


def test_a_refused_call_keeps_what_the_network_said() -> None:
    ended = lived(REFUSED[1].facts)
    assert (ended.cause, ended.cause_text, ended.sip_code) == (17, calls.CAUSE_TEXT, 486)
    assert (ended.channel, ended.sent_at, ended.ringing_at, ended.ended_at) == (
        "PJSIP/trunk-00000001",
        OPENED + 1,
        OPENED + 10,
        OPENED + 1_002,
    )
    assert ended.remote_hangup
    assert not ended.timed_out


@pytest.mark.parametrize("name", ["hears the message to its end", "hangs up during the message"])
def test_only_a_message_that_was_heard_to_its_end_counts_as_played(name: str) -> None:
    flow = next(flow for flow in ANSWERED if flow.name == name)
    assert lived(flow.facts).message_played == (name == "hears the message to its end")


@pytest.mark.parametrize(("waited_ms", "expected"), [(1_999, Outcome.HUNG_UP), (2_000, Outcome.ABANDONED)])
def test_the_limit_parts_hung_up_from_abandoned(waited_ms: int, expected: Outcome) -> None:
    flow = calls.answered(
        "hangs up", expected, calls.remote_hangup(6_000), calls.hungup(5_000 + waited_ms, 0)
    )
    assert outcome(lived(flow.facts)) is expected


@pytest.mark.parametrize("rang", [False, True])
def test_a_call_that_we_end_before_the_answer_is_cancelled(rang: bool) -> None:
    found = attempt()
    found.ended_by_us = "the campaign was stopped"
    signs = (calls.ringing(),) if rang else ()
    facts = (calls.sent(), calls.created(), *signs, calls.failed(500), calls.hungup(501, 16))
    assert outcome(lived(facts, found)) is Outcome.CANCELLED


@pytest.mark.parametrize("reason", ["the campaign was stopped", ""], ids=["by us", "by Asterisk"])
def test_a_person_who_is_cut_off_before_an_agent_came_is_abandoned(reason: str) -> None:
    found = attempt()
    found.ended_by_us = reason
    cut_off = calls.answered("cut off", Outcome.ABANDONED, calls.hungup(5_500, 44))
    assert outcome(lived(cut_off.facts, found)) is Outcome.ABANDONED


def test_a_failure_told_of_a_call_that_is_up_does_not_end_it() -> None:
    found = lived((calls.sent(), calls.created(), ev.Answered(ID, OPENED + 5_000)))
    assert not advance(found, calls.failed(5_100))
    assert found.stage is Stage.ANSWERED
    advance(found, calls.remote_hangup(5_200))
    assert advance(found, calls.hungup(5_201, 0))
    assert outcome(found) is Outcome.HUNG_UP


def test_an_order_without_an_answer_stays_open_until_its_call_tells() -> None:
    found = lived((ev.Undecided(ID, OPENED + 5_000, "no answer within 5 s"),))
    assert found.is_open
    assert found.note == "no answer within 5 s"
    assert outcome(lived(REFUSED[0].facts, found)) is Outcome.BUSY


def test_an_adopted_call_that_our_timeout_ends_is_taken_to_have_rung() -> None:
    found = attempt()
    found.adopted = True
    silence = next(flow for flow in TIMED_OUT if flow.outcome is Outcome.UNREACHABLE)
    assert outcome(lived(silence.facts, found)) is Outcome.NO_ANSWER


def test_a_call_whose_creation_was_missed_is_judged_by_its_hangup() -> None:
    assert outcome(lived((calls.remote_hangup(1_000), calls.hungup(1_001, 17, 486)))) is Outcome.BUSY


def test_only_a_person_on_the_line_without_agent_or_message_wants_an_agent() -> None:
    flow = next(flow for flow in ANSWERED if flow.name == "hears the message to its end")
    found, wants = attempt(), []
    for fact in flow.facts:
        advance(found, fact)
        wants.append(found.wants_agent)
    assert wants == [False, False, False, True, True, True, False, False, False]
    assert not lived((*flow.facts[:4], *calls.agent_leg(5_005, 5_300))).wants_agent


def test_an_order_that_was_not_sent_keeps_why() -> None:
    assert lived((ev.NotSent(ID, OPENED, "the link is down"),)).note == "the link is down"


@pytest.mark.parametrize("fact", [calls.held(5_002), calls.agent_leg(5_001, 5_002)[1]])
def test_a_person_who_waits_or_talks_has_answered_even_if_the_answer_was_missed(fact: ev.CallEvent) -> None:
    assert lived((calls.created(), fact)).answered_at == OPENED + 5_002


@pytest.mark.parametrize(
    ("signs", "expected"), [((calls.ringing(),), Outcome.NO_ANSWER), ((), Outcome.UNREACHABLE)]
)
def test_our_timeout_counts_whatever_cause_the_channel_gives(
    signs: tuple[ev.CallEvent, ...], expected: Outcome
) -> None:
    facts = (calls.created(), *signs, calls.failed(25_000, timed_out=True), calls.hungup(25_001, 0))
    assert outcome(lived(facts)) is expected


@pytest.mark.parametrize(("cause", "sip_code"), [(16, None), (0, None), (19, 503), (0, 480)])
def test_an_unanswered_call_that_somebody_else_ends_did_not_ring_out(
    cause: int, sip_code: int | None
) -> None:
    facts = (calls.created(), calls.ringing(), calls.failed(900), calls.hungup(901, cause, sip_code))
    assert outcome(lived(facts)) is not Outcome.NO_ANSWER


def test_a_channel_is_expected_for_ten_seconds() -> None:
    assert attempt().deadline == OPENED + CHANNEL_DEADLINE_MS == OPENED + 10_000
