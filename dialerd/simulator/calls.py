"""A call that was ordered, from the order to the end of its channel."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from dialerd.adapters.asterisk.dialplan import Variable
from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.simulator.agents import Member
from dialerd.simulator.callees import CallPlan
from dialerd.simulator.channels import Channel, Fields, OriginateRequest
from dialerd.simulator.kernel import Timer

DEFAULT_MAXWAIT = "2"


def nothing() -> None:
    """Do nothing."""


class Place(StrEnum):
    """Where a call is."""

    DIALLING = "dialling"
    DIALPLAN = "dialplan"
    HOLD = "hold"
    QUEUE = "queue"
    TALK = "talk"
    MESSAGE = "message"
    GONE = "gone"


@dataclass(slots=True)
class Talk:
    """A person and an agent who hear each other."""

    member: Member
    leg: Channel
    began_s: int
    hold_s: int
    ended_s: int = 0
    leg_gone: bool = False
    """The agent's channel has ended: events know it no more."""

    def completed(self, reason: str) -> Fields:
        """Return what AgentComplete says of it."""
        leg = {} if self.leg_gone else self.leg.fields("Dest")
        times = {"HoldTime": str(self.hold_s), "TalkTime": str(self.ended_s - self.began_s), "Reason": reason}
        return leg | self.member.identity() | times


@dataclass(slots=True)
class Call:
    """A call, its channel, and what is to happen to it."""

    request: OriginateRequest
    channel: Channel
    plan: CallPlan
    place: Place = Place.DIALLING
    group: str = ""
    """How the dialplan counts it: `enter-<queue>`, `hold-<queue>` or not at all."""
    queue_status: str = ""
    abandoned: bool = False
    """DialerdAbandon was told: no agent follows."""
    limit: Timer | None = None
    step: Timer | None = None
    """The next thing that the place it is in will do."""
    far_end: Timer | None = None
    """The next thing that the person or carrier at the other end will do."""
    patience: Timer | None = None
    """When the person hangs up if no agent has come."""
    talk: Talk | None = None
    respond: Callable[[], None] = nothing
    """What is still to be said when DialerdAnswered has been told."""
    torn: Talk | None = None
    """A talk that a Redirect cut; its AgentComplete is told at the end."""

    @property
    def queue(self) -> str:
        """The queue that serves it."""
        return self.request.variables.get(Variable.QUEUE, "")

    @property
    def attempt(self) -> Fields:
        """The field by which the dialplan's events name it."""
        return {"Attempt": self.request.variables.get(Variable.ATTEMPT, "")}

    @property
    def maxwait(self) -> str:
        """The limit from the answer to an agent as the dialplan has it."""
        return self.request.variables.get(Variable.MAXWAIT, "") or DEFAULT_MAXWAIT

    @property
    def maxwait_ms(self) -> Instant:
        """The limit in milliseconds, 0 for none."""
        try:
            seconds = float(self.maxwait)
        except ValueError:
            return 0
        return round(seconds * SECOND_MS) if math.isfinite(seconds) and seconds > 0 else 0

    @property
    def is_up(self) -> bool:
        """Whether the person has answered and is still there."""
        return self.place not in (Place.DIALLING, Place.GONE)

    def lift_limit(self) -> None:
        """Let the call wait, or talk, as long as it wants."""
        if self.limit is not None:
            self.limit.cancel()

    def stop_step(self) -> None:
        """Forget what the place it is leaving was about to do."""
        if self.step is not None:
            self.step.cancel()

    def stop_all(self) -> None:
        """Let nothing more happen to it."""
        for timer in (self.limit, self.step, self.far_end, self.patience):
            if timer is not None:
                timer.cancel()
        self.far_end = None
