"""The pacer's door: it is told what happens, and says how many calls to place now, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dialerd.domain.pacing import events


@dataclass(frozen=True, slots=True)
class PacingDecision:
    """How many calls to place now (0 or more), the reason in words, and the figures behind it."""

    calls: int
    reason: str
    inputs: Mapping[str, float]


class Pacer(Protocol):
    """Deterministic and without I/O; one for each campaign, told of every call and agent of its queue."""

    def observe(self, event: events.PacingEvent) -> None:
        """Take note of what happened."""

    def decide(self, now: float) -> PacingDecision:
        """Return how many calls to place at `now`, UTC epoch seconds."""


@dataclass(slots=True)
class Tally:
    """Who is idle and which calls still want an agent: what every simple pacer counts."""

    idle: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)

    def observe(self, event: events.PacingEvent) -> None:
        """Take note of what happened."""
        match event:
            case events.CallLaunched():
                self.pending.add(event.call)
            case events.CallBridged() | events.CallAbandoned() | events.CallEnded():
                self.pending.discard(event.call)
            case events.AgentIdle():
                self.agents.add(event.agent)
                self.idle.add(event.agent)
            case events.AgentLoggedOut():
                self.agents.discard(event.agent)
                self.idle.discard(event.agent)
            case events.AgentLoggedIn() | events.AgentBusy() | events.AgentWrapUp() | events.AgentPaused():
                self.agents.add(event.agent)
                self.idle.discard(event.agent)
            case _:
                pass
