"""What the lab's carrier does with a call: the last two digits of the number choose."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing a callee can do, and what Asterisk reports of it.

    `cause` is the Hangup event's Cause and `tech_cause` its SIP code of a call not answered in time;
    of an answered call they depend on who hangs up.
    """

    name: str
    endings: range
    answers: bool = False
    rings: bool = False
    cause: int | None = None
    tech_cause: int | None = None

    def number(self, prefix: str = "15551230", which: int = 0) -> str:
        """A number that behaves so; `which` picks among its endings."""
        return f"{prefix}{self.endings[which % len(self.endings)]:02d}"


_TABLE = (
    Behaviour("answer", range(30), answers=True),
    Behaviour("ring_then_answer", range(30, 40), answers=True, rings=True),
    Behaviour("answer_then_hang_up", range(40, 45), answers=True),
    Behaviour("answer_and_hang_up_at_once", range(45, 50), answers=True),
    Behaviour("busy", range(50, 55), cause=17, tech_cause=486),
    Behaviour("ring_then_busy", range(55, 58), rings=True, cause=17, tech_cause=486),
    Behaviour("decline", range(58, 61), cause=21, tech_cause=603),
    Behaviour("unallocated", range(61, 64), cause=1, tech_cause=404),
    Behaviour("gone", range(64, 66), cause=22, tech_cause=410),
    Behaviour("unavailable", range(66, 68), cause=19, tech_cause=480),
    Behaviour("incomplete", range(68, 70), cause=28, tech_cause=484),
    Behaviour("not_acceptable", range(70, 72), cause=58, tech_cause=488),
    Behaviour("server_error", range(72, 74), cause=38, tech_cause=500),
    Behaviour("congestion", range(74, 78), cause=34, tech_cause=503),
    Behaviour("request_timeout", range(78, 80), cause=18, tech_cause=408),
    Behaviour("no_reply", range(80, 85), cause=19, tech_cause=480),
    Behaviour("ring_out", range(85, 93), rings=True, cause=19, tech_cause=480),
    Behaviour("early_media_ring_out", range(93, 100), rings=True, cause=19, tech_cause=480),
)
BEHAVIOURS: dict[str, Behaviour] = {behaviour.name: behaviour for behaviour in _TABLE}
REFUSALS: dict[str, str] = {
    "busy": "486 Busy Here",
    "decline": "603 Decline",
    "unallocated": "404 Not Found",
    "gone": "410 Gone",
    "unavailable": "480 Temporarily Unavailable",
    "incomplete": "484 Address Incomplete",
    "not_acceptable": "488 Not Acceptable Here",
    "server_error": "500 Server Internal Error",
    "congestion": "503 Service Unavailable",
    "request_timeout": "408 Request Timeout",
}


def behaviour_of(number: str) -> Behaviour:
    """What the carrier does with a call to `number`."""
    ending = int(number[-2:])
    return next(behaviour for behaviour in _TABLE if ending in behaviour.endings)
