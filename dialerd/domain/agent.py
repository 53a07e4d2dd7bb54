"""Queue members, and the board that tells what each of them is doing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import SECOND_MS, Instant


class AgentState(StrEnum):
    """What a queue member is doing, as far as the queue is concerned."""

    AVAILABLE = "available"
    RINGING = "ringing"
    TALKING = "talking"
    BUSY = "busy"
    """On a call that is not the queue's."""
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    GONE = "gone"
    """Without a phone that could ring."""


class DeviceState(StrEnum):
    """What the member's phone is doing."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    IN_USE = "in_use"
    RINGING = "ringing"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Member:
    """A queue member as Asterisk last described it.

    `last_call_s` is the end of the last queue call in whole epoch seconds, 0 for none; `wrapup_s` is the
    member's own wrap-up time, 0 when the queue's applies.
    """

    queue: str
    interface: str
    name: str
    device: DeviceState
    paused: bool = False
    pause_reason: str = ""
    last_call_s: int = 0
    wrapup_s: int = 0


@dataclass(slots=True)
class Board:
    """The members of one queue. `wrapup_s` is the queue's own wrap-up time."""

    queue: str
    wrapup_s: int = 0
    members: dict[str, Member] = field(default_factory=dict)
    offered: dict[str, AttemptId] = field(default_factory=dict)
    """Interfaces whose phone rings for a call of this queue."""
    connected: dict[str, AttemptId] = field(default_factory=dict)
    """Interfaces that talk on a call of this queue."""

    def wrapup_end(self, member: Member) -> Instant:
        """Return when the member's wrap-up ends: no event tells.

        Asterisk compares whole seconds: a member is passed over while now - last call < wrap-up.
        """
        return (member.last_call_s + (member.wrapup_s or self.wrapup_s)) * SECOND_MS

    def state(self, member: Member, now: Instant) -> AgentState:
        """Return what the member is doing now."""
        if member.interface in self.connected:
            return AgentState.TALKING
        if member.interface in self.offered or member.device is DeviceState.RINGING:
            return AgentState.RINGING
        if member.device is DeviceState.UNREACHABLE:
            return AgentState.GONE
        if member.device is DeviceState.IN_USE:
            return AgentState.BUSY
        if member.paused:
            return AgentState.PAUSED
        if now < self.wrapup_end(member) and member.last_call_s:
            return AgentState.WRAP_UP
        return AgentState.AVAILABLE

    def states(self, now: Instant) -> Mapping[str, AgentState]:
        """Return each interface's state now."""
        return {interface: self.state(member, now) for interface, member in self.members.items()}

    def available(self, now: Instant) -> int:
        """Return how many members could take a call now."""
        return sum(self.state(m, now) is AgentState.AVAILABLE for m in self.members.values())

    def next_release(self, now: Instant) -> Instant | None:
        """Return when the next wrap-up ends, or None when nobody is in wrap-up."""
        ends = [
            self.wrapup_end(member)
            for member in self.members.values()
            if self.state(member, now) is AgentState.WRAP_UP
        ]
        return min(ends, default=None)
