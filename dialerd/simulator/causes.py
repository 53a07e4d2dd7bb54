"""How Asterisk names the end of a call: Q.850 causes, and the SIP codes that lead to them."""

from collections.abc import Mapping

NONE = 0
NORMAL = 16
NO_ANSWER = 19

TEXTS: Mapping[int, str] = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    21: "Call Rejected",
    22: "Number changed",
    28: "Invalid number format",
    34: "Circuit/channel congestion",
    38: "Network out of order",
    44: "Requested channel not available",
    58: "Bearer capability not available",
}

OF_SIP: Mapping[int, int] = {
    404: 1,
    408: 18,
    410: 22,
    480: NO_ANSWER,
    484: 28,
    486: 17,
    488: 58,
    500: 38,
    503: 34,
    603: 21,
}
"""The cause that Asterisk makes of each final response of a carrier."""

OF_HANGUP: Mapping[int, int] = {21: 403}
"""The SIP code that Asterisk makes of the cause with which it ends an answered call itself."""


def text(cause: int) -> str:
    """Return the words for the cause in a Hangup event."""
    return TEXTS.get(cause, "Unknown")
