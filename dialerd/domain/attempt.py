"""One call to one number: the life table of an attempt, fed by facts in any order."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import singledispatch

from dialerd.domain import call_events as ev
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.domain.outcome import Outcome, of_refusal
from dialerd.domain.phone import Phone

CHANNEL_DEADLINE_MS = 10 * SECOND_MS
"""A channel that appears this long after its attempt was written is hung up: it is not expected any more."""

UNTRACED = "no channel and no trail was found: taken as dialled"


NO_CHANNEL = "Asterisk made no channel: the endpoint is not configured, or not reachable"


class Stage(IntEnum):
    """How far a call has come; facts only ever move it forward."""

    OPENED = 0
    SENT = 1
    DIALLING = 2
    RINGING = 3
    ANSWERED = 4
    HELD = 5
    CONNECTED = 6
    LEAVING = 7
    """With the agent no more, or hearing the message."""
    CLOSED = 8


LIFE: Mapping[type[ev.CallEvent], Stage] = {
    ev.Sent: Stage.SENT,
    ev.Undecided: Stage.OPENED,
    ev.NotSent: Stage.CLOSED,
    ev.ChannelCreated: Stage.DIALLING,
    ev.Ringing: Stage.RINGING,
    ev.Answered: Stage.ANSWERED,
    ev.Held: Stage.HELD,
    ev.Offered: Stage.ANSWERED,
    ev.NotTaken: Stage.ANSWERED,
    ev.Connected: Stage.CONNECTED,
    ev.TalkEnded: Stage.LEAVING,
    ev.LimitReached: Stage.LEAVING,
    ev.MessagePlayed: Stage.LEAVING,
    ev.RemoteHangup: Stage.OPENED,
    ev.OriginateFailed: Stage.OPENED,
    ev.Hungup: Stage.CLOSED,
}
"""The life table: each fact lifts the attempt to at least this stage."""


@dataclass(slots=True)
class Attempt:
    """An attempt and the facts known of it so far; unknown times are None."""

    id: AttemptId
    campaign: str
    target: TargetId
    number: Phone
    trunk: str
    queue: str
    caller_id: str
    opened_at: Instant
    max_wait_ms: int
    stage: Stage = Stage.OPENED
    sent_at: Instant | None = None
    channel: str = ""
    ringing_at: Instant | None = None
    answered_at: Instant | None = None
    held_at: Instant | None = None
    connected_at: Instant | None = None
    agent: str = ""
    limit_at: Instant | None = None
    message_played: bool = False
    ended_at: Instant | None = None
    cause: int = 0
    cause_text: str = ""
    sip_code: int | None = None
    remote_hangup: bool = False
    timed_out: bool = False
    adopted: bool = False
    """Found again among the channels after a restart or a lost link: earlier facts may be missing."""
    not_sent: bool = False
    """Certainly not dialled."""
    ended_by_us: str = ""
    """Why we hung up, if we did."""
    note: str = ""

    @property
    def deadline(self) -> Instant:
        """The time by which its channel must have appeared."""
        return self.opened_at + CHANNEL_DEADLINE_MS

    @property
    def is_open(self) -> bool:
        """Whether anything may still happen to it."""
        return self.stage is not Stage.CLOSED

    @property
    def answer_to_agent_ms(self) -> int | None:
        """How long the person waited for an agent, or None."""
        if self.answered_at is None or self.connected_at is None:
            return None
        return self.connected_at - self.answered_at

    @property
    def wants_agent(self) -> bool:
        """Whether the person is on the line and has neither an agent nor the message."""
        return Stage.ANSWERED <= self.stage < Stage.CONNECTED


def advance(attempt: Attempt, event: ev.CallEvent) -> bool:
    """Book one fact; return whether it closed the attempt. A closed attempt takes no more facts."""
    if not attempt.is_open:
        return False
    _book(event, attempt)
    attempt.stage = max(attempt.stage, LIFE[type(event)])
    if isinstance(event, ev.OriginateFailed) and attempt.stage < Stage.DIALLING and not attempt.adopted:
        attempt.stage, attempt.note = Stage.CLOSED, NO_CHANNEL
    if not attempt.is_open:
        attempt.ended_at = event.at
    return not attempt.is_open


def close_by_trail(attempt: Attempt, trail: ev.Trail | None, now: Instant) -> Outcome:
    """Close an attempt whose end was not seen by what the log of channels holds; return its outcome."""
    trail = trail or ev.Trail()
    attempt.stage = Stage.CLOSED
    attempt.ended_at = trail.ended_at or now
    attempt.answered_at = attempt.answered_at or trail.answered_at
    attempt.cause, attempt.remote_hangup = trail.cause, trail.remote or attempt.remote_hangup
    if attempt.answered_at is not None:
        read = "was read from the log of channels" if trail.ended_at else "was not seen"
        attempt.note = f"its end {read}"
        seen = attempt.connected_at or attempt.limit_at
        return outcome(attempt) if seen else Outcome.LOST
    if trail.ended_at is None:
        found = trail.started_at is not None
        attempt.note = "dialled; its end is missing in the log of channels" if found else UNTRACED
        return Outcome.UNKNOWN
    attempt.note = "its end was read from the log of channels"
    attempt.adopted = True
    attempt.channel = attempt.channel or "gone"
    return outcome(attempt)


def outcome(attempt: Attempt) -> Outcome:
    """Return what became of a closed attempt."""
    if attempt.not_sent:
        return Outcome.NOT_SENT
    if attempt.connected_at is not None:
        return Outcome.ANSWERED
    if attempt.answered_at is not None:
        return _outcome_without_agent(attempt, attempt.answered_at)
    if attempt.ended_by_us:
        return Outcome.CANCELLED
    if not attempt.channel:
        return Outcome.FAILED
    if attempt.timed_out or (_is_timeout_cause(attempt) and not attempt.remote_hangup):
        return Outcome.NO_ANSWER if attempt.ringing_at or attempt.adopted else Outcome.UNREACHABLE
    return of_refusal(attempt.cause, attempt.sip_code)


def _outcome_without_agent(attempt: Attempt, answered_at: Instant) -> Outcome:
    if attempt.limit_at is not None:
        return Outcome.ABANDONED
    waited_ms = (attempt.ended_at or answered_at) - answered_at
    gone_early = attempt.remote_hangup and waited_ms < attempt.max_wait_ms
    return Outcome.HUNG_UP if gone_early else Outcome.ABANDONED


def _is_timeout_cause(attempt: Attempt) -> bool:
    """Asterisk writes cause 19 and a made-up 480 when our own ring timeout ends a call."""
    return attempt.cause == 19 and attempt.sip_code in (None, 480)


@singledispatch
def _book(event: ev.CallEvent, attempt: Attempt) -> None:
    """Keep what the fact says besides its stage; most say nothing more."""


@_book.register
def _(event: ev.Sent, attempt: Attempt) -> None:
    attempt.sent_at = event.at


@_book.register
def _(event: ev.NotSent, attempt: Attempt) -> None:
    attempt.not_sent = True
    attempt.note = event.reason


@_book.register
def _(event: ev.Undecided, attempt: Attempt) -> None:
    attempt.note = event.reason


@_book.register
def _(event: ev.ChannelCreated, attempt: Attempt) -> None:
    attempt.channel = event.channel


@_book.register
def _(event: ev.Ringing, attempt: Attempt) -> None:
    attempt.ringing_at = min(event.at, attempt.ringing_at or event.at)


@_book.register
def _(event: ev.Answered, attempt: Attempt) -> None:
    attempt.answered_at = min(event.at, attempt.answered_at or event.at)


@_book.register
def _(event: ev.Held, attempt: Attempt) -> None:
    attempt.held_at = min(event.at, attempt.held_at or event.at)
    attempt.answered_at = min(event.at, attempt.answered_at or event.at)


@_book.register
def _(event: ev.Connected, attempt: Attempt) -> None:
    attempt.connected_at = event.at
    attempt.agent = event.interface
    attempt.answered_at = min(event.at, attempt.answered_at or event.at)


@_book.register
def _(event: ev.LimitReached, attempt: Attempt) -> None:
    attempt.limit_at = event.at


@_book.register
def _(_event: ev.MessagePlayed, attempt: Attempt) -> None:
    attempt.message_played = True


@_book.register
def _(_event: ev.RemoteHangup, attempt: Attempt) -> None:
    attempt.remote_hangup = True


@_book.register
def _(event: ev.OriginateFailed, attempt: Attempt) -> None:
    attempt.timed_out = attempt.timed_out or event.timed_out


@_book.register
def _(event: ev.Hungup, attempt: Attempt) -> None:
    attempt.channel = attempt.channel or "gone"
    attempt.cause, attempt.cause_text, attempt.sip_code = event.cause, event.cause_text, event.sip_code
