"""The facts that a call reports; they may come in any order, but a channel's `Hungup` is its last."""

from dataclasses import dataclass

from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something happened to the attempt's call at that time."""

    attempt: AttemptId
    at: Instant


@dataclass(frozen=True, slots=True)
class Sent(CallEvent):
    """Asterisk took the order."""


@dataclass(frozen=True, slots=True)
class NotSent(CallEvent):
    """The order was certainly not carried out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Undecided(CallEvent):
    """The order was written, and no answer came: it may have been carried out."""

    reason: str


@dataclass(frozen=True, slots=True)
class ChannelCreated(CallEvent):
    """The call's channel exists; from now on it can be hung up."""

    channel: str


@dataclass(frozen=True, slots=True)
class Ringing(CallEvent):
    """The network gave a sign of life: ringing (180) or early media (183)."""


@dataclass(frozen=True, slots=True)
class Answered(CallEvent):
    """The person took the call; patience is counted from here."""


@dataclass(frozen=True, slots=True)
class Held(CallEvent):
    """Nobody was ready: the person waits in the dialplan for a Redirect."""


@dataclass(frozen=True, slots=True)
class Offered(CallEvent):
    """An agent's phone rings for the call."""

    interface: str


@dataclass(frozen=True, slots=True)
class NotTaken(CallEvent):
    """The agent's phone stopped ringing without an answer."""

    interface: str


@dataclass(frozen=True, slots=True)
class Connected(CallEvent):
    """The person and an agent hear each other."""

    interface: str


@dataclass(frozen=True, slots=True)
class TalkEnded(CallEvent):
    """The agent's part of the call is over."""

    interface: str


@dataclass(frozen=True, slots=True)
class LimitReached(CallEvent):
    """No agent came before the limit; the message starts."""


@dataclass(frozen=True, slots=True)
class MessagePlayed(CallEvent):
    """The message was played to its end."""


@dataclass(frozen=True, slots=True)
class RemoteHangup(CallEvent):
    """The far end ended the call."""


@dataclass(frozen=True, slots=True)
class OriginateFailed(CallEvent):
    """The order ended without an answer; `timed_out` when our ring timeout ended it.

    Without a channel before it this is the end of the attempt; otherwise `Hungup` follows or has come.
    """

    timed_out: bool


@dataclass(frozen=True, slots=True)
class Hungup(CallEvent):
    """The channel is gone: Q.850 cause, its text, and the SIP code where Asterisk gives one."""

    cause: int
    cause_text: str
    sip_code: int | None


@dataclass(frozen=True, slots=True)
class Trail:
    """What Asterisk's channel event log holds of one attempt."""

    started_at: Instant | None = None
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    cause: int = 0
    remote: bool = False
    """The far end hung up."""
