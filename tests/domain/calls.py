"""Calls as Asterisk tells of them: the facts of each way a call can go, in the order of their times."""

from dataclasses import dataclass

from dialerd.domain import call_events as ev
from dialerd.domain.attempt import Attempt
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.instant import Instant
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone

ID = AttemptId("dlr-000000-" + "0" * 26)
OPENED: Instant = 1_795_387_785_000
MAX_WAIT_MS = 2_000
AGENT = "PJSIP/1001"
CAUSE_TEXT = "as Asterisk puts it"


def attempt(max_wait_ms: int = MAX_WAIT_MS) -> Attempt:
    """Return an attempt that was just written down."""
    return Attempt(
        ID, "spring", TargetId(1), Phone("+15550100"), "trunk", "camp1", "+15550199", OPENED, max_wait_ms
    )


@dataclass(frozen=True)
class Flow:
    """A call that went so: its facts, and what has to come of it."""

    name: str
    outcome: Outcome
    facts: tuple[ev.CallEvent, ...]

    def __str__(self) -> str:
        return self.name


def sent() -> ev.CallEvent:
    return ev.Sent(ID, OPENED + 1)


def created() -> ev.CallEvent:
    return ev.ChannelCreated(ID, OPENED + 2, "PJSIP/trunk-00000001")


def ringing(after_ms: int = 10) -> ev.CallEvent:
    return ev.Ringing(ID, OPENED + after_ms)


def remote_hangup(after_ms: int) -> ev.CallEvent:
    return ev.RemoteHangup(ID, OPENED + after_ms)


def failed(after_ms: int, timed_out: bool = False) -> ev.CallEvent:
    return ev.OriginateFailed(ID, OPENED + after_ms, timed_out)


def hungup(after_ms: int, cause: int, sip_code: int | None = None) -> ev.CallEvent:
    return ev.Hungup(ID, OPENED + after_ms, cause, CAUSE_TEXT, sip_code)


def refused(name: str, outcome: Outcome, cause: int, sip_code: int | None, rang: bool = False) -> Flow:
    """Return a call that the far end refuses."""
    signs = (ringing(),) if rang else ()
    ending = (remote_hangup(1_000), failed(1_001), hungup(1_002, cause, sip_code))
    return Flow(name, outcome, (sent(), created(), *signs, *ending))


def ring_timeout(name: str, outcome: Outcome, *signs: ev.CallEvent) -> Flow:
    """Return a call that our own ring timeout ends: Asterisk makes up cause 19 and a 480."""
    ending = (failed(25_000, timed_out=True), hungup(25_001, 19, 480))
    return Flow(name, outcome, (sent(), created(), *signs, *ending))


def answered(name: str, outcome: Outcome, *rest: ev.CallEvent) -> Flow:
    """Return a call that is answered 5 s after it was written down; both tellings of it come."""
    answers = (ev.Answered(ID, OPENED + 5_001), ev.Answered(ID, OPENED + 5_000))
    return Flow(name, outcome, (sent(), created(), ringing(), *answers, *rest))


def held(after_ms: int) -> ev.CallEvent:
    return ev.Held(ID, OPENED + after_ms)


def agent_leg(offered_ms: int, connected_ms: int) -> tuple[ev.CallEvent, ...]:
    """Return an agent's phone ringing and being answered."""
    return (ev.Offered(ID, OPENED + offered_ms, AGENT), ev.Connected(ID, OPENED + connected_ms, AGENT))


def talk_ended(after_ms: int) -> ev.CallEvent:
    return ev.TalkEnded(ID, OPENED + after_ms, AGENT)


REFUSED = (
    refused("busy at once (486)", Outcome.BUSY, 17, 486),
    refused("busy after ringing (486)", Outcome.BUSY, 17, 486, rang=True),
    refused("unallocated (404)", Outcome.INVALID, 1, 404),
    refused("the carrier's own time limit (408)", Outcome.UNREACHABLE, 18, 408),
    refused("gone (410)", Outcome.INVALID, 22, 410),
    refused("switched off (480)", Outcome.UNREACHABLE, 19, 480),
    refused("switched off after ringing (480)", Outcome.UNREACHABLE, 19, 480, rang=True),
    refused("address incomplete (484)", Outcome.INVALID, 28, 484),
    refused("no common codec (488)", Outcome.FAILED, 58, 488),
    refused("server error (500)", Outcome.FAILED, 38, 500),
    refused("congestion (503)", Outcome.CONGESTION, 34, 503),
    refused("declined (603)", Outcome.REJECTED, 21, 603, rang=True),
    refused("busy where Asterisk gives no SIP code", Outcome.BUSY, 17, None),
    refused("unallocated where Asterisk gives no SIP code", Outcome.INVALID, 1, None),
    refused("unheard-of cause", Outcome.FAILED, 99, None),
    refused("no answer for 32 s from a dead trunk", Outcome.UNREACHABLE, 18, 408),
)

TIMED_OUT = (
    ring_timeout("rings out", Outcome.NO_ANSWER, ringing()),
    ring_timeout("early media, then ringing, rings out", Outcome.NO_ANSWER, ringing(10), ringing(700)),
    ring_timeout("no sign of life at all", Outcome.UNREACHABLE),
)

WITHOUT_CHANNEL = (
    Flow("trunk known to be dead", Outcome.FAILED, (sent(), failed(2))),
    Flow("failed before it was known to be sent", Outcome.FAILED, (failed(2),)),
    Flow("certainly not sent", Outcome.NOT_SENT, (ev.NotSent(ID, OPENED + 1, "the link is down"),)),
)

ANSWERED = (
    answered("hangs up at once", Outcome.HUNG_UP, remote_hangup(5_010), hungup(5_020, 0)),
    answered("hangs up on hold", Outcome.HUNG_UP, held(5_002), remote_hangup(6_900), hungup(6_910, 0)),
    answered(
        "hangs up while an agent's phone rings",
        Outcome.HUNG_UP,
        ev.Offered(ID, OPENED + 5_005, AGENT),
        ev.NotTaken(ID, OPENED + 6_005, AGENT),
        remote_hangup(6_000),
        hungup(6_010, 0),
    ),
    answered("hangs up after the limit", Outcome.ABANDONED, remote_hangup(7_001), hungup(7_002, 0)),
    answered(
        "hears the message to its end",
        Outcome.ABANDONED,
        held(5_002),
        ev.LimitReached(ID, OPENED + 7_000),
        ev.MessagePlayed(ID, OPENED + 8_200),
        hungup(8_201, 16),
    ),
    answered(
        "hangs up during the message",
        Outcome.ABANDONED,
        ev.LimitReached(ID, OPENED + 7_000),
        remote_hangup(7_500),
        hungup(7_510, 0),
    ),
    answered(
        "talks to an agent and hangs up",
        Outcome.ANSWERED,
        *agent_leg(5_005, 5_300),
        remote_hangup(9_000),
        talk_ended(9_001),
        hungup(9_002, 16),
    ),
    answered(
        "talks to an agent who hangs up",
        Outcome.ANSWERED,
        *agent_leg(5_005, 5_300),
        talk_ended(9_000),
        hungup(9_001, 16),
    ),
    answered(
        "waits on hold and talks to an agent",
        Outcome.ANSWERED,
        held(5_002),
        held(5_900),
        *agent_leg(6_000, 6_200),
        talk_ended(9_000),
        hungup(9_001, 16),
    ),
    answered(
        "second agent takes it",
        Outcome.ANSWERED,
        ev.Offered(ID, OPENED + 5_005, "PJSIP/1002"),
        ev.NotTaken(ID, OPENED + 5_800, "PJSIP/1002"),
        *agent_leg(6_000, 6_200),
        talk_ended(9_000),
        hungup(9_001, 16),
    ),
)

FLOWS = REFUSED + TIMED_OUT + WITHOUT_CHANNEL + ANSWERED
