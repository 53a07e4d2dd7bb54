"""How many calls the simple pacers place, against a model that replays everything."""

import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain import pacing
from dialerd.domain.outcome import Outcome
from dialerd.domain.pacing import events as pe

AT = 1_795_387_785.0
CALLS = st.sampled_from("abcdef")
AGENTS = st.sampled_from(["anna", "bert", "carl", "dora"])
EVENTS = st.lists(
    st.one_of(
        st.builds(pe.CallLaunched, st.just(AT), CALLS),
        st.builds(pe.CallRinging, st.just(AT), CALLS),
        st.builds(pe.CallAnswered, st.just(AT), CALLS),
        st.builds(pe.CallPresented, st.just(AT), CALLS),
        st.builds(pe.CallBridged, st.just(AT), CALLS, AGENTS),
        st.builds(pe.CallAbandoned, st.just(AT), CALLS),
        st.builds(pe.CallEnded, st.just(AT), CALLS, st.sampled_from(list(Outcome))),
        st.builds(pe.AgentLoggedIn, st.just(AT), AGENTS),
        st.builds(pe.AgentIdle, st.just(AT), AGENTS),
        st.builds(pe.AgentBusy, st.just(AT), AGENTS),
        st.builds(pe.AgentWrapUp, st.just(AT), AGENTS),
        st.builds(pe.AgentPaused, st.just(AT), AGENTS),
        st.builds(pe.AgentLoggedOut, st.just(AT), AGENTS),
    ),
    max_size=60,
)
LEVELS = st.integers(100, 1_000).map(lambda hundredths: hundredths / 100)


def expected_calls(level: float, told: Sequence[pe.PacingEvent]) -> int:
    """Return what must be placed after all that was told, by the last word on each agent and each call."""
    of_agents = {e.agent: e for e in told if isinstance(e, pe._OfAgent)}
    idle = sum(isinstance(event, pe.AgentIdle) for event in of_agents.values())
    words = pe.CallLaunched | pe.CallBridged | pe.CallAbandoned | pe.CallEnded
    of_calls = {e.call: e for e in told if isinstance(e, words)}
    pending = sum(isinstance(event, pe.CallLaunched) for event in of_calls.values())
    return max(0, math.floor(Fraction(str(level)) * idle) - pending)


def told(method: str, level: float, events: Sequence[pe.PacingEvent]) -> pacing.Pacer:
    """Return a pacer that was told all this."""
    pacer = pacing.create(method, level)
    for event in events:
        pacer.observe(event)
    return pacer


@given(LEVELS, EVENTS)
def test_ratio_places_its_level_for_each_available_agent_less_the_calls_in_flight(
    level: float, events: list[pe.PacingEvent]
) -> None:
    decision = told("ratio", level, events).decide(AT)
    assert decision.calls == expected_calls(level, events)


@given(LEVELS, EVENTS)
def test_progressive_places_one_call_for_each_available_agent_whatever_the_level(
    level: float, events: list[pe.PacingEvent]
) -> None:
    assert told("progressive", level, events).decide(AT).calls == expected_calls(1.0, events)


@given(EVENTS)
def test_deciding_changes_nothing(events: list[pe.PacingEvent]) -> None:
    pacer = told("ratio", 1.5, events)
    assert pacer.decide(AT) == pacer.decide(AT + 60)


@pytest.mark.parametrize(
    ("level", "agents", "calls"), [(1.4, 45, 63), (1.16, 25, 29), (1.1, 10, 11), (2.3, 10, 23), (1.5, 3, 4)]
)
def test_a_level_means_what_its_decimals_say(level: float, agents: int, calls: int) -> None:
    idle = [pe.AgentIdle(AT, f"agent {number}") for number in range(agents)]
    assert told("ratio", level, idle).decide(AT).calls == calls


def test_a_decision_gives_its_reason_and_figures() -> None:
    events = [
        pe.AgentIdle(AT, "anna"),
        pe.AgentIdle(AT, "bert"),
        pe.AgentBusy(AT, "carl"),
        pe.CallLaunched(AT, "a"),
    ]
    decision = told("ratio", 2.5, events).decide(AT)
    assert decision.reason == "2.5 x 2 available agents - 1 calls without an agent = 4"
    assert decision.inputs == {"available": 2, "agents": 3, "in_flight": 1}


@given(EVENTS)
def test_the_figures_count_the_agents_who_are_logged_in(events: list[pe.PacingEvent]) -> None:
    last = {event.agent: event for event in events if isinstance(event, pe._OfAgent)}
    logged_in = sum(not isinstance(event, pe.AgentLoggedOut) for event in last.values())
    assert told("ratio", 1.0, events).decide(AT).inputs["agents"] == logged_in


def test_a_method_that_does_not_exist_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        pacing.create("magic")
