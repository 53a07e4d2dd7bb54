"""The lab's carrier does what its table says, and counts what reaches it."""

import asyncio

import pytest

from tests.lab.ami import Ami
from tests.lab.behaviours import BEHAVIOURS, Behaviour, behaviour_of
from tests.lab.fixtures import Lab

RING_MS = 2500


def test_every_pair_of_last_digits_has_one_behaviour() -> None:
    endings = sorted(ending for behaviour in BEHAVIOURS.values() for ending in behaviour.endings)
    assert endings == list(range(100))
    assert behaviour_of("15551230086").name == "ring_out"


async def end_of_call(ami: Ami, behaviour: Behaviour, which: int) -> tuple[object, ...]:
    """Place one call and tell what came of it: answered, rang, Cause, TechCause (of calls not answered)."""
    attempt = await ami.call(behaviour.number(which=which), "trunk", RING_MS, DIALERD_QUEUE="nobody")
    if behaviour.answers and behaviour.name in ("answer", "ring_then_answer"):
        answered = await ami.event("DialerdAnswered", Attempt=attempt)
        await ami.action("Hangup", Channel=answered["Channel"], Cause="16")
    ended = await ami.event("Hangup", Uniqueid=attempt)
    rang = any(state["DialStatus"] in ("RINGING", "PROGRESS") for state in dial_states(ami, attempt))
    answered_at_all = bool(ami.events("DialerdAnswered", Attempt=attempt))
    if behaviour.answers:
        return answered_at_all, rang, None, None
    return answered_at_all, rang, int(ended["Cause"]), int(ended["TechCause"])


def dial_states(ami: Ami, attempt: str) -> list[dict[str, str]]:
    """The DialState events of our leg."""
    return [dict(event) for event in ami.events("DialState", DestUniqueid=attempt)]


@pytest.mark.asterisk
async def test_every_ending_of_a_number_behaves_as_the_table_says_and_is_dialled_once(
    lab: Lab, ami: Ami
) -> None:
    calls = [
        (behaviour, which) for behaviour in BEHAVIOURS.values() for which in (0, len(behaviour.endings) - 1)
    ]
    ends = await asyncio.gather(*(end_of_call(ami, behaviour, which) for behaviour, which in calls))
    seen = {behaviour.number(which=which): end for (behaviour, which), end in zip(calls, ends, strict=True)}
    expected = {
        behaviour.number(which=which): (
            behaviour.answers,
            behaviour.rings,
            behaviour.cause,
            behaviour.tech_cause,
        )
        for behaviour, which in calls
    }
    assert seen == expected
    dialled = lab.carrier.invites()
    assert {number: dialled[number] for number in expected} == dict.fromkeys(expected, 1)


@pytest.mark.asterisk
async def test_an_agent_of_the_lab_hangs_up_after_the_talk_time_that_was_set(ami: Ami) -> None:
    await ami.action("Setvar", Variable="LAB_TALK", Value="0.8")
    attempt = await ami.call(BEHAVIOURS["answer"].number(prefix="15559990"), DIALERD_QUEUE="support")
    complete = await ami.event("AgentComplete", limit_s=2, Uniqueid=attempt)
    assert complete["Reason"] == "agent"
    connected = await ami.event("AgentConnect", Uniqueid=attempt)
    assert complete.time - connected.time == pytest.approx(0.8, abs=0.1)
    await ami.action("Setvar", Variable="LAB_TALK", Value="3")
