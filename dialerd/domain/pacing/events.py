"""What a pacer is told: calls and agents of its queue. `at` is UTC epoch seconds."""

from dataclasses import dataclass

from dialerd.domain.outcome import Outcome


@dataclass(frozen=True, slots=True)
class PacingEvent:
    """Something happened at that time."""

    at: float


@dataclass(frozen=True, slots=True)
class _OfCall(PacingEvent):
    call: str


@dataclass(frozen=True, slots=True)
class CallLaunched(_OfCall):
    """An order to call went out."""


@dataclass(frozen=True, slots=True)
class CallRinging(_OfCall):
    """The network signalled ringing."""


@dataclass(frozen=True, slots=True)
class CallAnswered(_OfCall):
    """Somebody or something answered."""


@dataclass(frozen=True, slots=True)
class CallPresented(_OfCall):
    """A person wants an agent: patience is counted from here."""


@dataclass(frozen=True, slots=True)
class CallBridged(_OfCall):
    """An agent took the call."""

    agent: str


@dataclass(frozen=True, slots=True)
class CallAbandoned(_OfCall):
    """No agent came in time."""


@dataclass(frozen=True, slots=True)
class CallEnded(_OfCall):
    """The call is over."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _OfAgent(PacingEvent):
    agent: str


@dataclass(frozen=True, slots=True)
class AgentIdle(_OfAgent):
    """The agent could take a call (also the first event of one who logs in free)."""


@dataclass(frozen=True, slots=True)
class AgentLoggedIn(_OfAgent):
    """The agent became a member of the queue."""


@dataclass(frozen=True, slots=True)
class AgentBusy(_OfAgent):
    """The agent rings or talks."""


@dataclass(frozen=True, slots=True)
class AgentWrapUp(_OfAgent):
    """The agent's call is over; the next one comes after wrap-up."""


@dataclass(frozen=True, slots=True)
class AgentPaused(_OfAgent):
    """The agent takes no calls for now."""


@dataclass(frozen=True, slots=True)
class AgentLoggedOut(_OfAgent):
    """The agent is a member no more."""
