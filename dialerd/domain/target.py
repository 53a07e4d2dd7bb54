"""A person to reach, and how far a campaign has come with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dialerd.domain.identifiers import TargetId
from dialerd.domain.instant import Instant
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone


class TargetState(StrEnum):
    """Where a target stands in a campaign; it has exactly one state at any time."""

    READY = "ready"
    IN_FLIGHT = "in_flight"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Standing:
    """A target's state, the reason for it, and, when waiting, until when."""

    state: TargetState
    reason: str = ""
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A person with a number, the columns of their row, and the outcomes so far in this campaign."""

    id: TargetId
    number: Phone
    variables: Mapping[str, str] = field(default_factory=dict)
    tries: Mapping[Outcome, int] = field(default_factory=dict)
