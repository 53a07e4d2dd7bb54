"""The agents' phones, and their memberships in queues."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from dialerd.simulator.channels import Fields
from dialerd.simulator.scenario import Habits
from dialerd.simulator.switch import Switch


class Status(IntEnum):
    """What a member's phone is doing, in app_queue's numbers."""

    UNKNOWN = 0
    IDLE = 1
    IN_USE = 2
    BUSY = 3
    INVALID = 4
    UNAVAILABLE = 5
    RINGING = 6


ABSENT = frozenset({Status.UNKNOWN, Status.INVALID, Status.UNAVAILABLE})


@dataclass(slots=True)
class Member:
    """A phone's place in one queue."""

    queue: str
    phone: "Phone"
    name: str
    login_s: int
    dynamic: bool = False
    penalty: int = 0
    wrapup_s: int = 0
    paused: bool = False
    reason: str = ""
    last_pause_s: int = 0
    last_call_s: int = 0
    calls: int = 0
    in_call: bool = False

    def identity(self) -> Fields:
        """Return the fields by which call events name the member."""
        return {"Queue": self.queue, "Interface": self.phone.interface, "MemberName": self.name}

    def fields(self) -> Fields:
        """Return what the events about the member say."""
        interface = self.phone.interface
        who = {
            "Queue": self.queue,
            "MemberName": self.name,
            "Interface": interface,
            "StateInterface": interface,
        }
        wrapup = {"Ringinuse": "0", "Wrapuptime": str(self.wrapup_s)}
        return who | self._condition() | wrapup

    def listed(self) -> Fields:
        """Return the item that stands for the member in a list."""
        interface = self.phone.interface
        who = {"Queue": self.queue, "Name": self.name, "Location": interface, "StateInterface": interface}
        return who | self._condition() | {"Wrapuptime": str(self.wrapup_s)}

    def _condition(self) -> Fields:
        return {
            "Membership": "dynamic" if self.dynamic else "static",
            "Penalty": str(self.penalty),
            "CallsTaken": str(self.calls),
            "LastCall": str(self.last_call_s),
            "LastPause": str(self.last_pause_s),
            "LoginTime": str(self.login_s),
            "InCall": str(int(self.in_call)),
            "Status": str(int(self.phone.status)),
            "Paused": str(int(self.paused)),
            "PausedReason": self.reason,
        }


@dataclass(slots=True)
class Phone:
    """An agent's phone, and the agent behind it."""

    interface: str
    name: str
    habits: Habits
    status: Status = Status.IDLE
    offered: bool = False
    """A call is on its way to it or rings."""
    talking: bool = False
    """On a call of a queue."""
    members: list[Member] = field(default_factory=list)


def show(switch: Switch, phone: Phone, status: Status) -> None:
    """Let the phone have the status, and tell each of its queues if that is new."""
    if phone.status is status:
        return
    phone.status = status
    for member in phone.members:
        switch.say("QueueMemberStatus", member.fields())


def pause(switch: Switch, member: Member, paused: bool, reason: str = "") -> None:
    """Pause the member or end its pause, and tell; a reason belongs to a pause only."""
    member.paused, member.reason = paused, reason if paused else ""
    if paused:
        member.last_pause_s = switch.now_s
    switch.say("QueueMemberPause", member.fields())


def finish_call(phone: Phone, member: Member, now_s: int) -> None:
    """Count a call that the member has had; its end counts in all queues of the phone."""
    phone.talking = False
    member.in_call = False
    member.calls += 1
    for each in phone.members:
        each.last_call_s = now_s


def wrap_up_by_hand(switch: Switch, phone: Phone) -> None:
    """Let an agent who does so pause for the notes after a call."""
    if phone.habits.wrap is None:
        return
    for member in phone.members:
        if not member.paused:
            pause(switch, member, True, "wrapup")
    switch.later(phone.habits.wrap.draw(switch.rng), _ends_wrap_up(switch, phone))


def _ends_wrap_up(switch: Switch, phone: Phone) -> Callable[[], None]:
    def end() -> None:
        for member in phone.members:
            if member.paused and member.reason == "wrapup":
                pause(switch, member, False)

    return end


def put_down(phone: Phone) -> None:
    """Let the phone know of no call and no queue, as after a start of Asterisk."""
    phone.offered = phone.talking = False
    phone.members.clear()
    if phone.status not in ABSENT:
        phone.status = Status.IDLE


def renew(member: Member, now_s: int) -> None:
    """Let the membership be as after a start of Asterisk."""
    member.paused = member.in_call = False
    member.reason = ""
    member.last_pause_s = member.last_call_s = member.calls = 0
    member.login_s = now_s
