"""Queue members, and the board that tells what each of them is doing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
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


class Board:
    """The members of one queue, kept up member by member. `wrapup_s` is the queue's own wrap-up time."""

    def __init__(self, queue: str, wrapup_s: int = 0) -> None:
        self.queue = queue
        self.wrapup_s = wrapup_s
        self.members: dict[str, Member] = {}
        self._offered: dict[str, AttemptId] = {}
        self._connected: dict[str, AttemptId] = {}
        self._states: dict[str, AgentState] = {}
        self._counts: Counter[AgentState] = Counter()
        self._wrapups: dict[str, Instant] = {}
        self._touched: set[str] = set()
        self._changes: list[tuple[str, AgentState | None]] = []

    # --- what happens ---------------------------------------------------------------------------------

    def put(self, member: Member) -> None:
        """Take the member's latest description."""
        self.members[member.interface] = member
        self._touched.add(member.interface)

    def remove(self, interface: str) -> None:
        """The member has left the queue."""
        self.members.pop(interface, None)
        self._touched.add(interface)

    def set_wrapup(self, wrapup_s: int) -> None:
        """Let another wrap-up time of the queue's apply."""
        self.wrapup_s = wrapup_s
        self._touched.update(self.members)

    def offer(self, interface: str, attempt: AttemptId) -> None:
        """The member's phone rings for a call of this queue."""
        self._offered[interface] = attempt
        self._touched.add(interface)

    def connect(self, interface: str, attempt: AttemptId) -> None:
        """The member talks on a call of this queue."""
        self._connected[interface] = attempt
        self._touched.add(interface)

    def release(self, attempt: AttemptId, interface: str = "") -> None:
        """The member, or whoever it is, rings or talks for the call no more."""
        for busy in (self._offered, self._connected):
            for served in [i for i, call in busy.items() if call == attempt and interface in ("", i)]:
                del busy[served]
                self._touched.add(served)

    # --- what is so -----------------------------------------------------------------------------------

    def serving(self, interface: str) -> AttemptId | None:
        """Return the call for which the member rings or talks."""
        return self._connected.get(interface) or self._offered.get(interface)

    @property
    def ringing(self) -> frozenset[AttemptId]:
        """The calls for which a member's phone rings."""
        return frozenset(self._offered.values())

    def wrapup_end(self, member: Member) -> Instant:
        """Return when the member's wrap-up ends: no event tells.

        Asterisk compares whole seconds: a member is passed over while now - last call < wrap-up.
        """
        return (member.last_call_s + (member.wrapup_s or self.wrapup_s)) * SECOND_MS

    def state(self, member: Member, now: Instant) -> AgentState:
        """Return what the member is doing now."""
        if member.interface in self._connected:
            return AgentState.TALKING
        if member.interface in self._offered or member.device is DeviceState.RINGING:
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
        self._refresh(now)
        return self._states

    def counts(self, now: Instant) -> Mapping[AgentState, int]:
        """Return how many members are in each state now."""
        self._refresh(now)
        return +self._counts

    def available(self, now: Instant) -> int:
        """Return how many members could take a call now."""
        self._refresh(now)
        return self._counts[AgentState.AVAILABLE]

    def next_release(self, now: Instant) -> Instant | None:
        """Return when the next wrap-up ends, or None when nobody is in wrap-up."""
        self._refresh(now)
        return min(self._wrapups.values(), default=None)

    def changes(self, now: Instant) -> list[tuple[str, AgentState | None]]:
        """Return, once, whose state became what since it was last asked; None for one who has left."""
        self._refresh(now)
        changes, self._changes = self._changes, []
        return changes

    def _refresh(self, now: Instant) -> None:
        """Look again at the members of whom something was heard, or whose wrap-up has ended."""
        due = self._touched
        if self._wrapups:
            due = due | {interface for interface, end in self._wrapups.items() if end <= now}
        for interface in sorted(due):
            self._look_at(interface, now)
        self._touched.clear()

    def _look_at(self, interface: str, now: Instant) -> None:
        member = self.members.get(interface)
        state = None if member is None else self.state(member, now)
        self._wrapups.pop(interface, None)
        if member is not None and state is AgentState.WRAP_UP:
            self._wrapups[interface] = self.wrapup_end(member)
        before = self._states.pop(interface, None)
        if state is not None:
            self._states[interface] = state
        if before is state:
            return
        self._changes.append((interface, state))
        self._counts.update([state] if state else [])
        self._counts.subtract([before] if before else [])
