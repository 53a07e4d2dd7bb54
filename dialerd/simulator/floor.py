"""The room of the agents: who sits there, and in which queues."""

from collections.abc import Mapping
from functools import partial

from dialerd.simulator.agents import Member, Phone, Status, pause, put_down, renew, show
from dialerd.simulator.answer import Answer, done, refused
from dialerd.simulator.app_queue import AppQueue
from dialerd.simulator.scenario import MEMBER_NAMES, Habits, Scenario, Staff
from dialerd.simulator.switch import Switch


class Floor:
    """The agents of a scenario; `queues` are those they can be members of."""

    def __init__(self, switch: Switch, queues: Mapping[str, AppQueue], scenario: Scenario) -> None:
        self._switch = switch
        self._queues = queues
        self.phones: dict[str, Phone] = {}
        """Every agent's phone, by interface."""
        self._founders: list[Member] = []
        for staff in scenario.staff:
            self._hire(staff, scenario.habits_of(staff))

    def _hire(self, staff: Staff, habits: Habits) -> None:
        for place in range(staff.count):
            turn, which = divmod(len(self.phones), len(MEMBER_NAMES))
            name = MEMBER_NAMES[which] + (f" {turn + 1}" if turn else "")
            interface = f"PJSIP/{staff.first + place}"
            phone = self.phones[interface] = Phone(interface, name, habits)
            for queue in staff.queues if staff.logged_in else ():
                member = Member(queue, phone, name, self._switch.now_s, wrapup_s=staff.wrapup_s)
                self._founders.append(member)
                self._join(member)

    def _join(self, member: Member) -> None:
        self._queues[member.queue].members[member.phone.interface] = member
        member.phone.members.append(member)

    # --- memberships -------------------------------------------------------------------------------------

    def add(
        self,
        queue: str,
        interface: str,
        name: str = "",
        *,
        paused: bool = False,
        penalty: int = 0,
        wrapup_s: int = 0,
    ) -> Answer:
        """Let the interface be a member of the queue; a phone that nobody knows is an invalid member."""
        if queue not in self._queues:
            return refused("Unable to add interface to queue: No such queue")
        if interface in self._queues[queue].members:
            return refused("Unable to add interface: Already there")
        phone = self.phones.get(interface)
        if phone is None:
            phone = self.phones[interface] = Phone(interface, interface, Habits(), Status.INVALID)
        name = name or phone.name
        member = Member(queue, phone, name, self._switch.now_s, True, penalty, wrapup_s, paused)
        self._join(member)
        self._switch.later(0, lambda: self._switch.say("QueueMemberAdded", member.fields()))
        return done("Added interface to queue")

    def remove(self, queue: str, interface: str) -> Answer:
        """End the membership; a call that the member has goes on."""
        if queue not in self._queues:
            return refused("Unable to remove interface from queue: No such queue")
        member = self._queues[queue].members.pop(interface, None)
        if member is None:
            return refused("Unable to remove interface: Not there")
        member.phone.members.remove(member)
        self._switch.later(0, lambda: self._switch.say("QueueMemberRemoved", member.fields()))
        return done("Removed interface from queue")

    def pause(self, interface: str, paused: bool, queue: str = "", reason: str = "") -> Answer:
        """Pause the member or end its pause, in all its queues when none is named."""
        phone = self.phones.get(interface)
        members = [member for member in phone.members if queue in ("", member.queue)] if phone else []
        if not members:
            return refused("Interface not found")
        for member in members:
            self._switch.later(0, partial(pause, self._switch, member, paused, reason))
        return done(f"Interface {'' if paused else 'un'}paused successfully")

    # --- phones ------------------------------------------------------------------------------------------

    def plug(self, interface: str, plugged: bool) -> None:
        """Register the phone, or let it vanish while it has no call of a queue."""
        phone = self.phones[interface]
        if not plugged:
            for queue in self._queues.values():
                queue.phone_vanishes(phone)
        show(self._switch, phone, Status.IDLE if plugged else Status.UNAVAILABLE)

    def own_call(self, interface: str, span_ms: int) -> None:
        """Let an idle agent have a call that is not the queue's for so long."""
        phone = self.phones[interface]
        if phone.status is not Status.IDLE or phone.offered:
            return
        show(self._switch, phone, Status.IN_USE)
        self._switch.later(span_ms, partial(self._own_call_ends, phone))

    def _own_call_ends(self, phone: Phone) -> None:
        if phone.status is Status.IN_USE and not phone.talking:
            show(self._switch, phone, Status.IDLE)

    def forget(self) -> None:
        """Be as after a start of Asterisk: everybody who was a member from the start is one again."""
        for queue in self._queues.values():
            queue.forget()
        for phone in self.phones.values():
            put_down(phone)
        for member in self._founders:
            renew(member, self._switch.now_s)
            self._join(member)
