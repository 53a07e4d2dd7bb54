"""Calls that a real Asterisk told of, from the bytes to their outcome."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from dialerd.adapters.asterisk.events import member
from dialerd.domain import call_events as ev
from dialerd.domain.agent import Board, DeviceState, Member
from dialerd.domain.attempt import Stage, advance, outcome
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import Instant
from dialerd.domain.outcome import Outcome
from dialerd.engine.messages import LivingChannel, MemberGone, MemberSeen
from tests.adapters.asterisk.recorded import (
    RECEIVED_AT,
    TRANSCRIPTS,
    first_id,
    frames,
    messages,
    present,
    recording,
    replay,
    translator,
)
from tests.adapters.asterisk.recorded import attempt as new_attempt


@dataclass(frozen=True)
class Story:
    """A recorded call, and what must come of it; `waited_ms` is the time from the answer to an agent."""

    file: str
    outcome: Outcome
    cause: int
    sip_code: int | None = None
    id: str = ""
    """The old id of the call where the recording holds several."""
    rang: bool = False
    answered: bool = False
    remote: bool = False
    timed_out: bool = False
    told_late: bool = False
    """OriginateResponse comes after the channel's Hangup."""
    waited_ms: int | None = None
    agent: str = ""
    limit_reached: bool = False
    message_played: bool = False
    max_wait_ms: int = 2_000
    ended_by_us: str = ""

    def __str__(self) -> str:
        return f"{self.file} {self.id}".strip()


def refused(file: str, expected: Outcome, cause: int, sip_code: int, rang: bool = False) -> Story:
    """Return a call that the carrier refuses."""
    return Story(f"10-originate-{file}", expected, cause, sip_code, rang=rang, remote=True)


def rings_out(file: str, expected: Outcome, rang: bool) -> Story:
    """Return a call that our ring timeout ends."""
    return Story(f"10-originate-{file}-timeout", expected, 19, 480, rang=rang, timed_out=True)


answered = partial(Story, answered=True)
ANNA, BERT = "PJSIP/1001", "PJSIP/1021"
STOPPED = "the campaign was stopped"

STORIES = (
    refused("404", Outcome.INVALID, 1, 404),
    refused("408", Outcome.UNREACHABLE, 18, 408),
    refused("410", Outcome.INVALID, 22, 410),
    refused("480", Outcome.UNREACHABLE, 19, 480),
    refused("484", Outcome.INVALID, 28, 484),
    refused("486-busy.", Outcome.BUSY, 17, 486),
    refused("486-busy-after-ringing", Outcome.BUSY, 17, 486, rang=True),
    refused("488", Outcome.FAILED, 58, 488),
    refused("500", Outcome.FAILED, 38, 500),
    refused("503", Outcome.CONGESTION, 34, 503),
    refused("603", Outcome.REJECTED, 21, 603),
    rings_out("ring", Outcome.NO_ANSWER, rang=True),
    rings_out("early-media", Outcome.NO_ANSWER, rang=True),
    rings_out("no-reply", Outcome.UNREACHABLE, rang=False),
    answered("10-originate-answer-callee-hangs-up.", Outcome.ABANDONED, 0, remote=True),
    answered("10-originate-answer-callee-hangs-up.", Outcome.HUNG_UP, 0, remote=True, max_wait_ms=3_000),
    answered("10-originate-answer-callee-hangs-up-with", Outcome.HUNG_UP, 16, remote=True),
    answered("10-originate-ring-answer-dialplan", Outcome.ABANDONED, 16, rang=True),
    answered("10-originate-early-media-answer", Outcome.ABANDONED, 16, rang=True),
    Story("11-hangup-action-while-ringing", Outcome.CANCELLED, 16, rang=True, ended_by_us=STOPPED),
    answered("12-hangup-action-while-up", Outcome.ABANDONED, 16, ended_by_us=STOPPED),
    Story("15-originate-unknown-endpoint", Outcome.FAILED, 0),
    answered("21-queue-agent-hangs-up", Outcome.ANSWERED, 16, waited_ms=212, agent=BERT),
    answered("22-queue-customer-hangs-up", Outcome.ANSWERED, 16, remote=True, waited_ms=210, agent=ANNA),
    answered("23-queue-no-agent", Outcome.ABANDONED, 16, limit_reached=True, message_played=True),
    answered("23b-queue-no-agent", Outcome.ABANDONED, 0, limit_reached=True, remote=True),
    answered("23c-hold-no-agent", Outcome.ABANDONED, 16, limit_reached=True, message_played=True),
    answered("23d-hold", Outcome.ANSWERED, 16, id="dlr-000855-00094", waited_ms=917, agent=ANNA),
    answered("24-queue-caller", Outcome.HUNG_UP, 0, remote=True, max_wait_ms=20_000),
    answered("25-queue-agent", Outcome.ABANDONED, 16, limit_reached=True, message_played=True),
    answered("26-queue-agent", Outcome.ABANDONED, 16, limit_reached=True, message_played=True),
    answered("27-queue", Outcome.ANSWERED, 16, id="dlr-235656-8", remote=True, waited_ms=211, agent=ANNA),
    answered("27-queue", Outcome.ANSWERED, 16, id="dlr-235656-9", waited_ms=6_217, agent=ANNA),
    answered("43-agent-blind", Outcome.ANSWERED, 16, remote=True, waited_ms=212, agent=ANNA),
    answered("48-queue-first-agent", Outcome.ANSWERED, 16, waited_ms=4_215, agent=BERT),
    answered("50-same-channelid", Outcome.ABANDONED, 0, ended_by_us=STOPPED),
    Story("57-trunk-goes-unreachable", Outcome.FAILED, 0),
    Story("70-local-originate-busy", Outcome.BUSY, 17, remote=True),
    Story("70-local-originate-ring-timeout", Outcome.NO_ANSWER, 19, rang=True, told_late=True),
    answered("71-local-n", Outcome.ABANDONED, 16, remote=True),
)


def block(data: bytes, event: str, attempt: str) -> re.Match[bytes]:
    """Return the last message of that event about the attempt's channel, found without our own reading."""
    about = rb"Event: %s\r\n(?:[^\r]+\r\n)*?Timestamp: (\d+)\.(\d{3})\d*\r\n(?:[^\r]+\r\n)*?Uniqueid: %s\r\n"
    *_, last = re.finditer(about % (event.encode(), attempt.encode()), data)
    return last


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_recorded_call_comes_to_its_end(story: Story) -> None:
    data = recording(story.file)
    attempt = new_attempt(story.id or first_id(story.file), story.max_wait_ms)
    attempt.ended_by_us = story.ended_by_us
    late = replay(data, attempt).late
    assert attempt.stage is Stage.CLOSED
    assert outcome(attempt) is story.outcome
    assert (attempt.cause, attempt.sip_code) == (story.cause, story.sip_code)
    assert (attempt.remote_hangup, attempt.timed_out) == (story.remote, story.timed_out)
    assert (attempt.ringing_at is not None, attempt.answered_at is not None) == (story.rang, story.answered)
    assert (attempt.answer_to_agent_ms, attempt.agent) == (story.waited_ms, story.agent)
    assert (attempt.limit_at is not None, attempt.message_played) == (
        story.limit_reached,
        story.message_played,
    )
    assert [type(fact) for fact in late] == ([ev.OriginateFailed] if story.told_late else [])
    last = block(data, "Hangup" if attempt.channel else "OriginateResponse", attempt.id)
    assert attempt.ended_at == int(last[1] + last[2])


def test_every_recorded_originate_is_told() -> None:
    told = {next(iter(TRANSCRIPTS.glob(f"{story.file}*"))).name for story in STORIES}
    assert {file.name for file in TRANSCRIPTS.glob("10-*.txt")} <= told


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_the_size_of_the_pieces_in_which_bytes_come_changes_nothing(story: Story) -> None:
    data = recording(story.file)
    whole = [frame.raw for frame in frames(data, len(data))]
    assert [frame.raw for frame in frames(data, 7)] == whole


def test_a_line_end_is_two_bytes_in_every_recording() -> None:
    for file in TRANSCRIPTS.glob("*.txt"):
        data = file.read_bytes()
        assert data.count(b"\r\n") == data.count(b"\n") > 0


def test_each_fact_of_a_call_with_an_agent_is_told_in_the_order_in_which_it_happened() -> None:
    facts = replay(recording("21-queue"), new_attempt("dlr-235630-1")).facts
    assert [type(fact) for fact in facts] == [
        ev.ChannelCreated,
        ev.Answered,
        ev.Answered,
        ev.Offered,
        ev.Connected,
        ev.TalkEnded,
        ev.Hungup,
    ]
    assert [fact.at for fact in facts] == sorted(fact.at for fact in facts)
    assert facts[0].at == 1_795_391_790_333
    assert all(fact.at != RECEIVED_AT for fact in facts)


def test_an_agent_who_lets_it_ring_is_told_of_before_the_next_one() -> None:
    facts = replay(recording("48-queue"), new_attempt("dlr-235854-2")).facts
    ringing = [fact for fact in facts if isinstance(fact, ev.Offered | ev.NotTaken | ev.Connected)]
    assert [(type(fact), fact.interface) for fact in ringing] == [
        (ev.Offered, "PJSIP/1031"),
        (ev.NotTaken, "PJSIP/1031"),
        (ev.Offered, BERT),
        (ev.Connected, BERT),
    ]


def test_a_held_call_is_told_of_when_it_waits_and_when_it_is_put_through() -> None:
    attempt = replay(recording("23d-hold"), new_attempt("dlr-000855-00094")).attempt
    assert attempt.held_at == 1_795_392_535_626
    assert attempt.connected_at == 1_795_392_536_543


@pytest.mark.parametrize("send", [b"x-", b"o-"], ids=["another send", "a send that looks like ours"])
def test_a_second_order_for_a_live_call_does_not_end_it(send: bytes) -> None:
    data = recording("50-same-channelid")
    ours = b"ActionID: o-" + present("dup-1").encode()
    second = data.rindex(ours)
    data = data[:second] + data[second:].replace(b"o-", send, 1)
    found = replay(data[: data.index(b"SoftHangupRequest")], new_attempt("dup-1"))
    failures = [fact for fact in found.facts if isinstance(fact, ev.OriginateFailed)]
    assert len(failures) == (send == b"o-")
    assert found.attempt.stage is Stage.ANSWERED
    assert replay(data, new_attempt("dup-1")).attempt.stage is Stage.CLOSED


def living(
    old_id: str,
    number: str,
    up: bool = False,
    ringing: bool = False,
    application: str = "AppDial2",
    bridged: bool = False,
    agent: str = "",
    age_s: int = 0,
) -> LivingChannel:
    """Return a call's channel as it was listed; it is being dialled unless something else is said."""
    channel = f"PJSIP/trunk-00000{number}"
    return LivingChannel(present(old_id), channel, up, ringing, application, bridged, agent, age_s)


def test_calls_that_another_connection_began_are_found_among_the_channels() -> None:
    listed = [frame for frame in frames(recording("63-new")) if frame.name == "CoreShowChannel"]
    assert set(translator().channels(listed)) == {
        living("dlr-000255-1", "217", up=True, application="Queue", bridged=True, agent=ANNA, age_s=2),
        living("dlr-000256-2", "219", up=True, application="Queue"),
        living("dlr-000256-3", "21a", ringing=True),
        living("dlr-000256-4", "21b"),
    }


@pytest.mark.parametrize(
    ("old_id", "seen", "expected"),
    [
        ("dlr-000255-1", (ev.Answered, partial(ev.Connected, interface=ANNA)), Outcome.ANSWERED),
        ("dlr-000256-2", (ev.Answered,), Outcome.ABANDONED),
        ("dlr-000256-3", (ev.Ringing,), Outcome.NO_ANSWER),
        ("dlr-000256-4", (), Outcome.NO_ANSWER),
    ],
)
def test_a_call_that_another_connection_began_ends_in_sight(
    old_id: str, seen: tuple[Callable[[AttemptId, Instant], ev.CallEvent], ...], expected: Outcome
) -> None:
    adopted = new_attempt(old_id)
    adopted.adopted, adopted.channel = True, "PJSIP/trunk-1"
    for fact in seen:
        advance(adopted, fact(adopted.id, 1_795_392_180_000))
    late = replay(recording("63-new"), adopted).late
    assert outcome(adopted) is expected
    assert len(late) == (expected is Outcome.NO_ANSWER)


def test_after_a_crash_of_asterisk_there_are_no_channels_and_no_members() -> None:
    found = frames(recording("60-after"))
    assert translator().channels(frame for frame in found if frame.name == "CoreShowChannel") == ()
    assert [frame for frame in found if frame.name == "QueueMember"] == []
    assert messages(recording("60-after")) == []


def listed_members(name: str) -> list[Member]:
    """Return the members in a recorded list of queues."""
    return [member(frame) for frame in frames(recording(name)) if frame.name == "QueueMember"]


def test_idle_members_are_read_from_a_list_of_queues() -> None:
    assert listed_members("30-queuestatus") == [
        Member("camp1", f"PJSIP/{number}", f"Agent {number}", DeviceState.IDLE)
        for number in (1001, 1002, 1003)
    ]


def test_talking_members_are_read_from_a_list_of_queues() -> None:
    devices = {each.interface: each.device for each in listed_members("32-queuestatus")}
    assert devices == {
        "PJSIP/1001": DeviceState.IDLE,
        "PJSIP/1002": DeviceState.IN_USE,
        "PJSIP/1003": DeviceState.IN_USE,
    }


def test_every_state_of_a_phone_is_read_the_same_from_an_event_and_from_a_list() -> None:
    found = frames(recording("20b-"))
    added = {member(frame).interface: member(frame) for frame in found if frame.name == "QueueMemberAdded"}
    listed = {member(frame).interface: member(frame) for frame in found if frame.name == "QueueMember"}
    assert added == listed
    assert {name: each.device for name, each in listed.items()} == {
        "PJSIP/1099": DeviceState.UNREACHABLE,
        "PJSIP/nosuch": DeviceState.UNREACHABLE,
        "Local/9@nowhere": DeviceState.UNREACHABLE,
        "Custom:x": DeviceState.UNKNOWN,
        "PJSIP/1001": DeviceState.IDLE,
    }


def test_a_member_is_added_paused_and_removed() -> None:
    told = messages(recording("20-queue"))
    pauses = [(each.member.paused, each.member.pause_reason) for each in told if isinstance(each, MemberSeen)]
    assert pauses == [(False, ""), (True, "lunch"), (False, "")]
    assert told[-1] == MemberGone("camp1", ANNA)


def test_a_board_follows_the_members_of_a_recorded_call() -> None:
    board = Board("camp3", wrapup_s=5)
    states = []
    for message in messages(recording("48-queue")):
        if isinstance(message, MemberSeen):
            board.put(message.member)
            states.append((message.member.name, board.state(message.member, 1_795_391_941_413).value))
    assert states == [
        ("Carl", "ringing"),
        ("Carl", "ringing"),
        ("Carl", "paused"),
        ("Bert", "ringing"),
        ("Bert", "busy"),
        ("Bert", "wrap_up"),
    ]
