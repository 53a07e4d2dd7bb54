"""What the network said: the outcome of one attempt, from causes and SIP codes."""

from collections.abc import Mapping
from enum import StrEnum


class Outcome(StrEnum):
    """How one attempt ended, in one word."""

    ANSWERED = "answered"
    """Answered, and put through to an agent."""
    ABANDONED = "abandoned"
    """Answered, and not with an agent before the limit, or cut off on our side while waiting for one."""
    HUNG_UP = "hung_up"
    """Answered, and ended by the called person before the limit and before an agent."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """It rang until the ring timeout."""
    REJECTED = "rejected"
    INVALID = "invalid"
    """No such number, or no longer."""
    UNREACHABLE = "unreachable"
    """Switched off, out of reach, or no sign from the network at all."""
    CONGESTION = "congestion"
    FAILED = "failed"
    """Something between us and the person did not work."""
    CANCELLED = "cancelled"
    """Hung up by us before it was answered."""
    LOST = "lost"
    """Answered, but what became of it was not seen."""
    UNKNOWN = "unknown"
    """Sent, and nothing is known of it: taken as dialled."""
    NOT_SENT = "not_sent"
    """Certainly not dialled; it counts as nothing."""


LIVE = (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.HUNG_UP, Outcome.LOST)
"""The outcomes of calls that a person answered."""

BY_SIP_CODE: Mapping[int, Outcome] = {
    403: Outcome.FAILED,
    404: Outcome.INVALID,
    408: Outcome.UNREACHABLE,
    410: Outcome.INVALID,
    430: Outcome.UNREACHABLE,
    480: Outcome.UNREACHABLE,
    484: Outcome.INVALID,
    486: Outcome.BUSY,
    487: Outcome.NO_ANSWER,
    503: Outcome.CONGESTION,
    600: Outcome.BUSY,
    603: Outcome.REJECTED,
    604: Outcome.INVALID,
    607: Outcome.REJECTED,
    608: Outcome.REJECTED,
}
"""SIP final response -> outcome; every other refusal is `failed`. Source: RFC 3261, RFC 8197, RFC 8688."""

BY_CAUSE: Mapping[int, Outcome] = {
    1: Outcome.INVALID,
    17: Outcome.BUSY,
    18: Outcome.UNREACHABLE,
    19: Outcome.NO_ANSWER,
    20: Outcome.UNREACHABLE,
    21: Outcome.REJECTED,
    22: Outcome.INVALID,
    27: Outcome.UNREACHABLE,
    28: Outcome.INVALID,
    34: Outcome.CONGESTION,
    42: Outcome.CONGESTION,
    44: Outcome.CONGESTION,
}
"""Q.850 hangup cause -> outcome; every other one is `failed`."""


def of_refusal(cause: int, sip_code: int | None) -> Outcome:
    """Return the outcome of a call that the far end ended before it was answered.

    The SIP code says more than the cause and comes first; Asterisk 20.16, 22.6 and 23.0 give only the cause.
    """
    if sip_code is not None:
        return BY_SIP_CODE.get(sip_code, Outcome.FAILED)
    return BY_CAUSE.get(cause, Outcome.FAILED)
