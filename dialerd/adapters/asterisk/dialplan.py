"""The names that dialerd and asterisk/extensions.conf share; a test keeps the two in step."""

from enum import StrEnum
from typing import Final

CONTEXT: Final = "dialerd"
TAKEN_CONTEXT: Final = "dialerd-taken"
"""Runs on the agent's leg the moment a member answers; lifts the limit."""
GROUP_CATEGORY: Final = "dialerd"
"""The category in which the dialplan counts calls as enter-<queue> and hold-<queue>."""
PRIORITY: Final = 1


class Extension(StrEnum):
    """Places in the context where a call can be sent."""

    ANSWERED = "answered"
    """Where an Originate sends the person who answered."""
    AGENT = "agent"
    """Where a Redirect sends a call on hold the moment a member is free."""
    HOLD = "hold"
    ABANDON = "abandon"


class Variable(StrEnum):
    """What an Originate sets on the call's channel."""

    ATTEMPT = "DIALERD_ATTEMPT"
    """Our id of the attempt, also the channel's Uniqueid."""
    NUMBER = "DIALERD_NUMBER"
    """The person's number in E.164 form: what the agent's phone shows."""
    QUEUE = "DIALERD_QUEUE"
    MAXWAIT = "DIALERD_MAXWAIT"
    """Seconds from the answer in which an agent must take the call, above 0, e.g. 1.5; missing means 2."""
    MESSAGE = "DIALERD_MESSAGE"
    """The sound for an abandoned call; empty for none."""
    VARS = "DIALERD_VARS"
    """Names of the target's variables, joined by NAME_SEPARATOR; empty for none."""


VALUE_PREFIX: Final = "DIALERD_VAR_"
"""DIALERD_VAR_<NAME> carries one percent-encoded value; only unreserved characters and %XX, never %00."""
TARGET_PREFIX: Final = "TARGET_"
"""TARGET_<NAME> is the decoded value, inherited by the agent's leg."""
NAME_SEPARATOR: Final = "-"
NAME_PATTERN: Final = r"[A-Z][A-Z0-9_]*"


class UserEvent(StrEnum):
    """What the dialplan tells; each event carries the field ATTEMPT_FIELD."""

    ANSWERED = "DialerdAnswered"
    """The person answered; its Timestamp is the time of the answer."""
    HOLD = "DialerdHold"
    """The call waits to be redirected to Extension.AGENT; comes again when Queue() gave the call back."""
    QUEUE_END = "DialerdQueueEnd"
    """Queue() gave the call back without an agent; STATUS_FIELD says why."""
    ABANDON = "DialerdAbandon"
    """The limit is over and no agent has the call; at most once a call, and no agent follows."""
    MESSAGE_PLAYED = "DialerdMessagePlayed"
    """The message ended with the person still there; STATUS_FIELD is SUCCESS, FAILED or NONE (no message)."""
    END = "DialerdEnd"
    """The channel is about to go."""


ATTEMPT_FIELD: Final = "Attempt"
STATUS_FIELD: Final = "Status"
END_CAUSE_FIELD: Final = "HangupCause"
END_SOURCE_FIELD: Final = "HangupSource"
END_QUEUE_STATUS_FIELD: Final = "QueueStatus"

TRAIL_COLUMNS: Final = ("eventtype", "eventtime", "uniqueid", "linkedid", "channame", "eventextra")
"""The columns of the channel trail that asterisk/cel_custom.conf writes, all quoted as in CSV."""
TRAIL_EVENTS: Final = ("CHAN_START", "ANSWER", "HANGUP")
TRAIL_FILE: Final = "cel-custom/dialerd.csv"
"""Below Asterisk's log folder, usually /var/log/asterisk."""
