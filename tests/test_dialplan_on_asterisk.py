"""The shipped dialplan on a real Asterisk: what happens to a person from the moment they answer."""

from urllib.parse import quote, unquote

import pytest

from tests.lab.ami import Ami, Event
from tests.lab.behaviours import BEHAVIOURS

pytestmark = pytest.mark.asterisk

ANSWERS = BEHAVIOURS["answer"].number()
HANGS_UP_AFTER_2_S = BEHAVIOURS["answer_then_hang_up"].number()
EXACT_S = 0.05
"""How far from its limit a wait may end on a busy machine."""


async def answered_call(ami: Ami, queue: str, number: str = ANSWERS, /, **variables: str) -> Event:
    """A call to a person who answers; its first event, which is the time of the answer."""
    attempt = await ami.call(number, DIALERD_QUEUE=queue, **variables)
    return await ami.event("DialerdAnswered", Attempt=attempt)


async def held_call(ami: Ami, queue: str, **variables: str) -> Event:
    """A call on hold whose queue is then `queue`, though nobody was there when it was answered."""
    answered = await answered_call(ami, "nobody", **variables)
    await ami.event("DialerdHold", Attempt=answered["Attempt"])
    await ami.action("Setvar", Channel=answered["Channel"], Variable="DIALERD_QUEUE", Value=queue)
    return answered


async def passes(ami: Ami, seconds: str) -> None:
    """Return when Asterisk has let a new call wait for so long."""
    witness = await answered_call(ami, "nobody", DIALERD_MAXWAIT=seconds)
    await ami.event("DialerdAbandon", Attempt=witness["Attempt"])


def story(ami: Ami, attempt: str) -> list[str]:
    """The dialplan's own events of one attempt, in order."""
    return [event["UserEvent"] for event in ami.heard if event.get("Attempt") == attempt]


async def test_an_answered_person_goes_straight_to_a_ready_agent(ami: Ami) -> None:
    answered = await answered_call(ami, "sales")
    connected = await ami.event("AgentConnect", Uniqueid=answered["Attempt"])
    assert connected.time - answered.time < 0.1
    assert story(ami, answered["Attempt"]) == ["DialerdAnswered"]


async def test_the_event_of_the_answer_carries_our_id_as_uniqueid_too(ami: Ami) -> None:
    answered = await answered_call(ami, "sales")
    assert answered["Attempt"] == answered["Uniqueid"] == answered["Linkedid"]


@pytest.mark.parametrize("limit", ["0.4", "1.25", "2"])
async def test_hold_ends_exactly_at_the_limit_with_nobody_but_the_dialplan_at_work(
    ami: Ami, limit: str
) -> None:
    answered = await answered_call(ami, "nobody", DIALERD_MAXWAIT=limit)
    abandoned = await ami.event("DialerdAbandon", Attempt=answered["Attempt"])
    assert abandoned.time - answered.time == pytest.approx(float(limit), abs=EXACT_S)


async def test_a_missing_limit_means_two_seconds(ami: Ami) -> None:
    answered = await answered_call(ami, "nobody", DIALERD_MAXWAIT="")
    abandoned = await ami.event("DialerdAbandon", Attempt=answered["Attempt"])
    assert abandoned.time - answered.time == pytest.approx(2, abs=EXACT_S)


@pytest.mark.parametrize("queue", ["deaf", "deafphones"])
async def test_the_limit_counts_from_the_answer_also_while_an_agent_rings(ami: Ami, queue: str) -> None:
    answered = await held_call(ami, queue)
    await passes(ami, "0.7")
    await ami.redirect(answered["Channel"], "agent")
    await ami.event("AgentCalled", Uniqueid=answered["Attempt"])
    abandoned = await ami.event("DialerdAbandon", Attempt=answered["Attempt"])
    assert abandoned.time - answered.time == pytest.approx(2, abs=EXACT_S)
    assert not ami.events("QueueMemberPause"), "an agent whose caller had no time left is not to blame"


async def test_a_local_agent_who_answers_just_before_the_limit_keeps_the_call(ami: Ami) -> None:
    answered = await held_call(ami, "slow", DIALERD_MAXWAIT="1.1")
    await ami.redirect(answered["Channel"], "agent")
    connected = await ami.event("AgentConnect", Uniqueid=answered["Attempt"])
    assert 0.8 < connected.time - answered.time < 1.1
    await self_evidently_talks(ami, answered)


async def test_a_phone_that_answers_just_before_the_limit_keeps_the_call(ami: Ami) -> None:
    answered = await held_call(ami, "phones", DIALERD_MAXWAIT="0.5")
    await ami.redirect(answered["Channel"], "agent")
    await ami.event("AgentConnect", Uniqueid=answered["Attempt"])
    await self_evidently_talks(ami, answered)


async def self_evidently_talks(ami: Ami, answered: Event) -> None:
    """Long after its limit the call is still up, has no limit any more and no longer counts as waiting."""
    await passes(ami, "2")
    assert not ami.events("Hangup", Uniqueid=answered["Attempt"])
    assert story(ami, answered["Attempt"]) == ["DialerdAnswered", "DialerdHold"]
    assert await ami.variable("TIMEOUT(absolute)", answered["Channel"]) == "0"
    assert await ami.variable("GROUP_LIST()", answered["Channel"]) == ""


async def test_a_redirect_from_hold_rings_the_agent_within_milliseconds(ami: Ami) -> None:
    answered = await held_call(ami, "stay")
    heard = len(ami.heard)
    await ami.redirect(answered["Channel"], "agent")
    left = await ami.event("MusicOnHoldStop", since=heard, Uniqueid=answered["Attempt"])
    called = await ami.event("AgentCalled", Uniqueid=answered["Attempt"])
    assert called.time - left.time < 0.05


async def test_the_message_is_played_to_its_end_and_then_the_call_ends(ami: Ami) -> None:
    answered = await answered_call(ami, "nobody", DIALERD_MAXWAIT="0.3")
    attempt = answered["Attempt"]
    abandoned = await ami.event("DialerdAbandon", Attempt=attempt)
    played = await ami.event("DialerdMessagePlayed", Attempt=attempt)
    assert played["Status"] == "SUCCESS"
    assert played.time - abandoned.time == pytest.approx(1.24, abs=0.1), "the sound is 1.24 s long"
    await ami.event("Hangup", Uniqueid=attempt)
    assert story(ami, attempt) == [
        "DialerdAnswered",
        "DialerdHold",
        "DialerdAbandon",
        "DialerdMessagePlayed",
        "DialerdEnd",
    ]


@pytest.mark.parametrize(("message", "status"), [("", "NONE"), ("no-such-sound", "FAILED")])
async def test_a_message_that_cannot_be_played_ends_the_call_at_once(
    ami: Ami, message: str, status: str
) -> None:
    answered = await answered_call(ami, "nobody", DIALERD_MAXWAIT="0.2", DIALERD_MESSAGE=message)
    played = await ami.event("DialerdMessagePlayed", Attempt=answered["Attempt"])
    assert played["Status"] == status
    assert played.time - answered.time < 0.4
    await ami.event("Hangup", Uniqueid=answered["Attempt"])


async def test_a_person_who_hangs_up_during_the_message_has_not_heard_it(ami: Ami) -> None:
    answered = await answered_call(ami, "nobody", HANGS_UP_AFTER_2_S, DIALERD_MAXWAIT="1.4")
    attempt = answered["Attempt"]
    await ami.event("Hangup", Uniqueid=attempt)
    assert story(ami, attempt) == ["DialerdAnswered", "DialerdHold", "DialerdAbandon", "DialerdEnd"]


async def test_the_end_tells_who_hung_up(ami: Ami) -> None:
    answered = await answered_call(ami, "nobody", HANGS_UP_AFTER_2_S, DIALERD_MAXWAIT="5")
    end = await ami.event("DialerdEnd", Attempt=answered["Attempt"])
    assert end["HangupSource"] == answered["Channel"]
    assert {"HangupCause", "QueueStatus"} <= end.keys()


async def test_a_queue_without_agents_gives_the_call_back_to_hold_for_the_rest_of_the_limit(ami: Ami) -> None:
    answered = await held_call(ami, "nobody", DIALERD_MAXWAIT="1")
    await ami.redirect(answered["Channel"], "agent")
    ended = await ami.event("DialerdQueueEnd", Attempt=answered["Attempt"])
    assert ended["Status"] == "JOINEMPTY"
    abandoned = await ami.event("DialerdAbandon", Attempt=answered["Attempt"])
    assert abandoned.time - answered.time == pytest.approx(1, abs=EXACT_S)
    assert story(ami, answered["Attempt"])[1:5] == [
        "DialerdHold",
        "DialerdQueueEnd",
        "DialerdHold",
        "DialerdAbandon",
    ]


async def test_a_queue_that_does_not_exist_leads_to_the_message_not_to_a_lost_call(ami: Ami) -> None:
    answered = await answered_call(ami, "no-such-queue", DIALERD_MAXWAIT="0.3")
    await ami.event("DialerdMessagePlayed", Attempt=answered["Attempt"])
    assert "DialerdAbandon" in story(ami, answered["Attempt"])


async def test_a_redirect_that_comes_too_late_does_not_undo_the_abandonment(ami: Ami) -> None:
    answered = await held_call(ami, "stay", DIALERD_MAXWAIT="0.3")
    await ami.event("DialerdAbandon", Attempt=answered["Attempt"])
    await ami.redirect(answered["Channel"], "agent")
    played = await ami.event("DialerdMessagePlayed", Attempt=answered["Attempt"])
    assert played["Status"] == "SUCCESS"
    assert not ami.events("QueueCallerJoin", Uniqueid=answered["Attempt"])
    assert story(ami, answered["Attempt"]).count("DialerdAbandon") == 1


async def test_calls_answered_at_once_never_take_more_agents_than_are_ready(ami: Ami) -> None:
    attempts = [await ami.call(ANSWERS, DIALERD_QUEUE="slow") for _ in range(8)]
    for attempt in attempts:
        await ami.event("DialerdAnswered", Attempt=attempt)
    await passes(ami, "0.5")
    held = [attempt for attempt in attempts if "DialerdHold" in story(ami, attempt)]
    joined = [attempt for attempt in attempts if ami.events("QueueCallerJoin", Uniqueid=attempt)]
    assert len(joined) <= 1
    assert sorted(held + joined) == sorted(attempts)


async def test_a_new_answer_does_not_overtake_a_call_on_hold(ami: Ami) -> None:
    member = {"Interface": "Local/2601@lab-agents", "Queue": "slow"}
    await ami.action("QueuePause", Paused="true", **member)
    first = await answered_call(ami, "slow")
    await ami.event("DialerdHold", Attempt=first["Attempt"])
    await ami.action("QueuePause", Paused="false", **member)
    second = await answered_call(ami, "slow")
    await ami.event("DialerdHold", Attempt=second["Attempt"])
    await ami.redirect(first["Channel"], "agent")
    connected = await ami.event("AgentConnect")
    assert connected["Uniqueid"] == first["Attempt"]


async def test_a_call_that_left_hold_no_longer_stands_in_the_way(ami: Ami) -> None:
    first = await held_call(ami, "stay")
    await ami.redirect(first["Channel"], "agent")
    await ami.event("AgentConnect", Uniqueid=first["Attempt"])
    for _ in range(4):
        following = await answered_call(ami, "stay")
        await ami.event("AgentConnect", limit_s=1, Uniqueid=following["Attempt"])


async def counted(ami: Ami, queue: str) -> tuple[str, str]:
    """How many calls count as on hold and as entering."""
    return (
        await ami.variable(f"GROUP_COUNT(hold-{queue}@dialerd)"),
        await ami.variable(f"GROUP_COUNT(enter-{queue}@dialerd)"),
    )


async def test_a_call_counts_where_it_is(ami: Ami) -> None:
    answered = await answered_call(ami, "nobody", DIALERD_MAXWAIT="1")
    await ami.event("DialerdHold", Attempt=answered["Attempt"])
    assert await counted(ami, "nobody") == ("1", "0")
    await ami.action("Setvar", Channel=answered["Channel"], Variable="DIALERD_QUEUE", Value="deaf")
    await ami.redirect(answered["Channel"], "agent")
    await ami.event("AgentCalled", Uniqueid=answered["Attempt"])
    assert await counted(ami, "nobody") == ("0", "0")
    assert await counted(ami, "deaf") == ("0", "1")
    await ami.event("DialerdAbandon", Attempt=answered["Attempt"])
    await ami.event("DialerdMessagePlayed", Attempt=answered["Attempt"])
    assert await counted(ami, "deaf") == ("0", "0")


async def foreign_call(ami: Ami, exten: str, application: str, data: str) -> None:
    """A call that is not dialerd's, up and in some application."""
    since = len(ami.heard)
    await ami.action(
        "Originate",
        Channel=f"Local/{exten}@lab-calls",
        Application=application,
        Data=data,
        Async="true",
    )
    await ami.event("OriginateResponse", since=since, Response="Success")


@pytest.mark.parametrize("on_hold", [0, 1])
async def test_the_agents_of_calls_that_just_enter_the_queue_are_taken(ami: Ami, on_hold: int) -> None:
    second = "Local/2602@lab-agents"
    await foreign_call(ami, "group-enter-slow", "Wait", "60")
    if on_hold:
        await foreign_call(ami, "group-hold-slow", "Wait", "60")
        await ami.action("QueueAdd", Queue="slow", Interface=second)
    assert await ami.variable("QUEUE_MEMBER(slow,ready)") == str(1 + on_hold)
    ours = await answered_call(ami, "slow", DIALERD_MAXWAIT="0.5")
    await ami.event("DialerdHold", Attempt=ours["Attempt"])


@pytest.mark.parametrize("on_hold", [0, 1])
async def test_neither_foreign_callers_nor_calls_on_hold_are_overtaken(ami: Ami, on_hold: int) -> None:
    deaf = "Local/2703@lab-agents"
    await ami.action("QueuePause", Queue="slow", Interface="Local/2601@lab-agents", Paused="true")
    await ami.action("QueueAdd", Queue="slow", Interface=deaf)
    await foreign_call(ami, "stay", "Queue", "slow")
    await ami.event("AgentCalled", Interface=deaf)
    await ami.action("QueuePause", Queue="slow", Interface=deaf, Paused="true")
    await ami.action("QueuePause", Queue="slow", Interface="Local/2601@lab-agents", Paused="false")
    if on_hold:
        await ami.action("QueueAdd", Queue="slow", Interface="Local/2602@lab-agents")
        await foreign_call(ami, "group-hold-slow", "Wait", "60")
    assert await ami.variable("QUEUE_MEMBER(slow,ready)") == str(1 + on_hold)
    ours = await answered_call(ami, "slow", DIALERD_MAXWAIT="0.5")
    await ami.event("DialerdHold", Attempt=ours["Attempt"])


HOSTILE = {
    "PLAIN": "Ann",
    "EMPTY": "",
    "COMMA": "Doe, John,,x=1",
    "QUOTES": "\"a\" 'b' `c`",
    "BACKSLASH": "C:\\new\\\\t\\",
    "DOLLAR": "${DIALERD_QUEUE} $[1+1] ${SHELL(id)}",
    "BRACKETS": "(a)[b]{c}<d>;e|f&g^h",
    "LINES": "one\ntwo\r\nAction: Logoff\r\n\r\nthree\ttab",
    "UTF8": "Žluťoučký 李小龍 🙂",
    "LATIN1": "\udce9t\udce9",
    "PERCENT": "100%41 %%2C %zz +plus+",
    "SPACES": "  around  ",
}


def encoded(value: str) -> str:
    """Percent-encoded as dialerd sends it; a lone byte that is no UTF-8 stays that byte."""
    return quote(value.encode("utf-8", "surrogateescape"), safe="")


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_target_variable_arrives_byte_for_byte(ami: Ami, name: str) -> None:
    values = {f"DIALERD_VAR_{each}": encoded(value) for each, value in HOSTILE.items()}
    call = await answered_call(ami, "nobody", DIALERD_MAXWAIT="9", DIALERD_VARS="-".join(HOSTILE), **values)
    await ami.event("DialerdHold", Attempt=call["Attempt"])
    await ami.redirect(call["Channel"], f"show-TARGET_{name}", context="lab-calls")
    shown = await ami.event("LabShown", Attempt=call["Attempt"])
    assert unquote(shown["Value"], errors="surrogateescape") == HOSTILE[name]


async def test_the_agents_leg_and_the_legs_it_makes_inherit_the_targets_variables(ami: Ami) -> None:
    note = HOSTILE["LINES"] + HOSTILE["COMMA"]
    await answered_call(ami, "screen", DIALERD_VARS="NOTE", DIALERD_VAR_NOTE=encoded(note))
    inherited = await ami.event("LabInherited")
    assert unquote(inherited["Note"]) == note
