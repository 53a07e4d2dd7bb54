"""Asterisk's Queue(): callers wait in line, and members' phones are rung one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.simulator.agents import ABSENT, Member, Phone, Status, pause, show
from dialerd.simulator.calls import Call, Talk
from dialerd.simulator.channels import Channel, ChannelState
from dialerd.simulator.kernel import Timer
from dialerd.simulator.scenario import QueueRules
from dialerd.simulator.switch import Switch

RECHECK_MS = SECOND_MS
"""How often a waiting call looks whether it is its turn, from its own start: a constant of Asterisk."""

_PHONE_RINGS_AFTER_MS = 2
_PHONE_REFUSES_AFTER_MS = 1
_STATUS_COMES_FIRST = 0.85
"""How often the member's new status is told before AgentConnect."""


@dataclass(slots=True)
class Ring:
    """A member's phone that rings for a caller."""

    member: Member
    leg: Channel
    began_at: Instant
    timers: list[Timer] = field(default_factory=list)

    def stop(self) -> None:
        """Let nothing more come of it."""
        for timer in self.timers:
            timer.cancel()


@dataclass(slots=True)
class Caller:
    """A call that waits in the queue."""

    call: Call
    joined_at: Instant
    position: int
    returns: Callable[[str], None]
    """Takes the call back when no member took it, with the QUEUESTATUS."""
    taken: Callable[[Talk], None]
    ring: Ring | None = None
    tried: list[Member] = field(default_factory=list)
    timer: Timer | None = None
    withdrawn: bool = False
    pending: bool = False

    def stop(self) -> None:
        """Let nothing more happen to it here."""
        for waiting in (self.timer, self.ring):
            if isinstance(waiting, Ring):
                waiting.stop()
            elif waiting is not None:
                waiting.cancel()


class AppQueue:
    """One queue with the strategy leastrecent, autofill yes and ringinuse no."""

    def __init__(self, switch: Switch, rules: QueueRules) -> None:
        self._switch = switch
        self.rules = rules
        self.members: dict[str, Member] = {}
        self.callers: list[Caller] = []
        self.completed = self.abandoned = self.hold_s = self.talk_s = 0

    # --- what the dialplan can ask -----------------------------------------------------------------------

    def is_ready(self, member: Member) -> bool:
        """Say whether the member could be rung now; wrap-up counts in whole seconds."""
        wrapup = member.wrapup_s or self.rules.wrapup_s
        rested = not member.last_call_s or self._switch.now_s - member.last_call_s >= wrapup
        return member.phone.status in (Status.IDLE, Status.UNKNOWN) and not member.paused and rested

    def ready(self) -> int:
        """Return how many members could be rung now."""
        return sum(map(self.is_ready, self.members.values()))

    def is_deserted(self) -> bool:
        """Say whether no member is logged in and unpaused."""
        return all(m.paused or m.phone.status in ABSENT for m in self.members.values())

    # --- callers -----------------------------------------------------------------------------------------

    def join(self, call: Call, returns: Callable[[str], None], taken: Callable[[Talk], None]) -> None:
        """Let the call wait for a member; exactly one of both is told at its end, unless it is dropped."""
        if self.rules.strict and self.is_deserted():
            returns("JOINEMPTY")
            return
        caller = Caller(call, self._switch.now, len(self.callers) + 1, returns, taken)
        self.callers.append(caller)
        counts = {"Queue": self.rules.name, "Position": str(caller.position), "Count": str(len(self.callers))}
        self._switch.say("QueueCallerJoin", call.channel.fields(), counts)
        self._take_turn(caller)

    def drop(self, call: Call) -> Callable[[], None] | None:
        """Let a waiting call out because it hangs up, is sent elsewhere or has waited long enough.

        Returns what lets the phone stop that rang for it, to be done now or soon, or None.
        """
        caller = self._caller(call)
        if caller is None:
            return None
        self._abandon(caller)
        return None if caller.ring is None else self._hang_up(caller.ring)

    def withdraw(self, call: Call) -> bool:
        """Ask for the call back, which waits for the end of a ring; False if it is not in the queue."""
        caller = self._caller(call)
        if caller is None:
            return False
        caller.withdrawn = True
        if not caller.pending:
            self._switch.later(0, lambda: self._take_turn(caller))
        return True

    def _caller(self, call: Call) -> Caller | None:
        return next((caller for caller in self.callers if caller.call is call), None)

    def _take_turn(self, caller: Caller) -> None:
        if caller not in self.callers or caller.pending:
            return
        if caller.timer is not None:
            caller.timer.cancel()
        if caller.withdrawn:
            self._give_back(caller, "WITHDRAW")
        elif self.rules.strict and self.is_deserted():
            self._give_back(caller, "LEAVEEMPTY")
        elif self._is_turn(caller):
            caller.tried.clear()
            caller.pending = True
            self._ring_next(caller)
        else:
            self._look_again(caller, RECHECK_MS)

    def _is_turn(self, caller: Caller) -> bool:
        waiting = [each for each in self.callers if not each.pending]
        return waiting.index(caller) < self.ready()

    def _look_again(self, caller: Caller, delay_ms: int) -> None:
        caller.pending = False
        caller.timer = self._switch.later(delay_ms, lambda: self._take_turn(caller))

    def _give_back(self, caller: Caller, status: str) -> None:
        self._abandon(caller)
        caller.returns(status)

    def _abandon(self, caller: Caller) -> None:
        caller.stop()
        place = self.callers.index(caller) + 1
        self.callers.remove(caller)
        self.abandoned += 1
        waited_s = self._switch.now_s - caller.joined_at // SECOND_MS
        fields = {"Queue": self.rules.name, "Position": str(place)}
        more = {"OriginalPosition": str(caller.position), "HoldTime": str(waited_s)}
        self._switch.say("QueueCallerAbandon", caller.call.channel.fields(), fields, more)
        self._say_leave(caller, place)

    def _say_leave(self, caller: Caller, place: int) -> None:
        counts = {"Queue": self.rules.name, "Position": str(place), "Count": str(len(self.callers))}
        self._switch.say("QueueCallerLeave", caller.call.channel.fields(), counts)

    # --- phones ------------------------------------------------------------------------------------------

    def _best(self, caller: Caller) -> Member | None:
        able = [
            member
            for member in self.members.values()
            if member not in caller.tried and not member.phone.offered and self.is_ready(member)
        ]
        return min(able, key=lambda member: (member.penalty, member.last_call_s), default=None)

    def _ring_next(self, caller: Caller) -> None:
        member = self._best(caller)
        if member is None:
            self._look_again(caller, self.rules.retry_s * SECOND_MS)
            return
        caller.tried.append(member)
        phone, switch = member.phone, self._switch
        phone.offered = True
        ring = caller.ring = Ring(member, self._leg(caller, member), switch.now)
        switch.note("CHAN_START", ring.leg)
        self._say_of_ring("AgentCalled", caller, ring)
        if phone.habits.busy:
            ring.timers.append(switch.later(_PHONE_REFUSES_AFTER_MS, lambda: self._refused(caller, ring)))
            return
        ring.timers.append(switch.later(_PHONE_RINGS_AFTER_MS, lambda: self._rings(ring)))
        limit_ms, pickup_ms = self.rules.ring_timeout_s * SECOND_MS, self._pickup_ms(member)
        if pickup_ms is not None and pickup_ms < limit_ms:
            delay_ms = max(pickup_ms, _PHONE_RINGS_AFTER_MS)
            ring.timers.append(switch.later(delay_ms, lambda: self._connect(caller, ring)))
        else:
            ring.timers.append(switch.later(limit_ms, lambda: self._rang_out(caller, ring)))

    def _pickup_ms(self, member: Member) -> float | None:
        habits, rng = member.phone.habits, self._switch.rng
        if habits.pickup is None or (habits.ignores and rng.random() < habits.ignores):
            return None
        return habits.pickup.draw(rng)

    def _leg(self, caller: Caller, member: Member) -> Channel:
        switch, customer = self._switch, caller.call.channel
        number = switch.next_channel()
        leg = Channel(
            f"{member.phone.interface}-{number:08x}",
            f"{switch.now_s}.{number}",
            customer.linkedid,
            switch.now,
        )
        leg.number, leg.caller = customer.number, customer.caller
        leg.goto("from-agents", customer.exten)
        leg.runs("AppQueue", "(Outgoing Line)")
        return leg

    def _say_of_ring(self, name: str, caller: Caller, ring: Ring, **more: str) -> None:
        blocks = (caller.call.channel.fields(), ring.leg.fields("Dest"), ring.member.identity(), more)
        self._switch.say(name, *blocks)

    def _rings(self, ring: Ring) -> None:
        ring.leg.state = ChannelState.RINGING
        show(self._switch, ring.member.phone, Status.RINGING)

    def _hang_up(self, ring: Ring) -> Callable[[], None]:
        self._switch.note("HANGUP", ring.leg, {"hangupcause": 0, "hangupsource": "", "dialstatus": ""})
        return partial(self._fall_silent, ring.member.phone)

    def _fall_silent(self, phone: Phone) -> None:
        phone.offered = False
        if phone.status is Status.RINGING:
            show(self._switch, phone, Status.IDLE)

    def _refused(self, caller: Caller, ring: Ring) -> None:
        caller.ring = None
        ring.member.phone.offered = False
        self._say_of_ring("AgentRingNoAnswer", caller, ring, RingTime="0")
        self._switch.note("HANGUP", ring.leg, {"hangupcause": 17, "hangupsource": "", "dialstatus": ""})
        self._ring_next(caller)

    def _rang_out(self, caller: Caller, ring: Ring) -> None:
        caller.ring = None
        rang_ms = self._switch.now - ring.began_at
        self._say_of_ring("AgentRingNoAnswer", caller, ring, RingTime=str(rang_ms))
        if self.rules.autopause:
            pause(self._switch, ring.member, True, "Auto-Pause")
        self._hang_up(ring)()
        caller.pending = False
        if self.rules.strict and self.is_deserted():
            self._give_back(caller, "LEAVEEMPTY")
        else:
            self._look_again(caller, self.rules.retry_s * SECOND_MS)

    def _connect(self, caller: Caller, ring: Ring) -> None:
        switch, phone = self._switch, ring.member.phone
        caller.stop()
        place = self.callers.index(caller) + 1
        self.callers.remove(caller)
        self._say_leave(caller, place)
        phone.offered, phone.talking = False, True
        ring.leg.state = ChannelState.UP
        switch.note("ANSWER", ring.leg)
        talk = Talk(ring.member, ring.leg, switch.now_s, switch.now_s - caller.joined_at // SECOND_MS)
        self.hold_s = _smoothed(self.hold_s, talk.hold_s)
        rang_s = switch.now_s - ring.began_at // SECOND_MS
        if switch.rng.random() < _STATUS_COMES_FIRST:
            show(switch, phone, Status.IN_USE)
        self._say_of_ring("AgentConnect", caller, ring, HoldTime=str(talk.hold_s), RingTime=str(rang_s))
        ring.member.in_call = True
        show(switch, phone, Status.IN_USE)
        caller.taken(talk)

    def phone_vanishes(self, phone: Phone) -> None:
        """Stop ringing a phone that is not there any more."""
        for caller in tuple(self.callers):
            if caller.ring is not None and caller.ring.member.phone is phone:
                caller.ring.stop()
                self._refused(caller, caller.ring)

    def count(self, talk: Talk) -> None:
        """Count a talk that has ended."""
        self.completed += 1
        self.talk_s = _smoothed(self.talk_s, talk.ended_s - talk.began_s)

    def forget(self) -> None:
        """Be as after a start of Asterisk, and without members."""
        self.callers.clear()
        self.members.clear()
        self.completed = self.abandoned = self.hold_s = self.talk_s = 0


def _smoothed(average: int, value: int) -> int:
    return (average * 3 + value) // 4
