"""Our dialplan as the exchange runs it: the same steps as the contexts of asterisk/extensions.conf."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from dialerd.adapters.asterisk import dialplan as names
from dialerd.adapters.asterisk.dialplan import Extension, UserEvent, Variable
from dialerd.simulator import causes
from dialerd.simulator.agents import Status, finish_call, show, wrap_up_by_hand
from dialerd.simulator.app_queue import AppQueue
from dialerd.simulator.calls import Call, Place, Talk
from dialerd.simulator.switch import Switch

BY_DIALPLAN = "dialplan/builtin"
"""What Asterisk names as the source of a hangup by the dialplan itself."""

_AFTER_A_TALK = ("CEQH", "CEHQ", "CQEH", "ECQH", "ECHQ", "EQCH")
"""Orders seen at the end: C AgentComplete, E DialerdEnd, Q the member's new status, H Hangup."""

_WHILE_RINGING = ("EHQ", "EQH")
_AFTER_A_TORN_TALK = ("CEH",)
_WITHOUT_AGENT = ("EH",)

_PHONE_STOPS_AT_ONCE = 0.5
"""How often a phone is quiet in the very moment in which its caller goes elsewhere, and not just after."""
_PHONE_STOPS_AFTER_MS = 1

_PRIORITIES: Mapping[UserEvent, int] = {
    UserEvent.ANSWERED: 1,
    UserEvent.HOLD: 2,
    UserEvent.QUEUE_END: 5,
    UserEvent.ABANDON: 4,
    UserEvent.MESSAGE_PLAYED: 10,
    UserEvent.END: 1,
}
"""Where in its extension each event stands."""


class Dialplan:
    """Leads answered calls to an agent or to the message; `calls` are those that are alive."""

    def __init__(
        self, switch: Switch, queues: Mapping[str, AppQueue], calls: dict[str, Call], message_ms: int
    ) -> None:
        self._switch = switch
        self._queues = queues
        self._calls = calls
        self._message_ms = message_ms

    # --- the extensions ----------------------------------------------------------------------------------

    def enter(self, call: Call, exten: str) -> None:
        """Let the call go on at the extension; one that does not exist ends it."""
        call.stop_step()
        call.place = Place.DIALPLAN
        call.channel.goto(names.CONTEXT, str(exten))
        steps: Mapping[str, Callable[[Call], None]] = {
            Extension.ANSWERED: self._answered,
            Extension.AGENT: self._agent,
            Extension.HOLD: self._hold,
            Extension.ABANDON: self._abandon,
        }
        step = steps.get(exten)
        if step is None:
            self.finish(call, causes.NORMAL, BY_DIALPLAN)
        else:
            step(call)

    def _answered(self, call: Call) -> None:
        self._say(call, UserEvent.ANSWERED)
        call.respond()
        if call.maxwait_ms:
            call.limit = self._switch.later(call.maxwait_ms, partial(self._limit_reached, call))
        call.group = f"enter-{call.queue}"
        self.enter(call, Extension.AGENT if self._has_agent(call) else Extension.HOLD)

    def _has_agent(self, call: Call) -> bool:
        queue = self._queues.get(call.queue)
        ready, waiting = (queue.ready(), len(queue.callers)) if queue else (0, 0)
        held = self._count(f"hold-{call.queue}")
        return ready >= held + self._count(f"enter-{call.queue}") and ready > held + waiting

    def _count(self, group: str) -> int:
        return sum(each.group == group for each in self._calls.values())

    def _agent(self, call: Call) -> None:
        if call.abandoned:
            self._message(call)
            return
        call.group = f"enter-{call.queue}"
        call.place = Place.QUEUE
        call.channel.priority = 4
        call.channel.runs("Queue", f"{call.queue},,,,,,{names.TAKEN_CONTEXT}")
        queue = self._queues.get(call.queue)
        if queue is None:
            self._queue_ended(call, "UNKNOWN")
        else:
            queue.join(call, partial(self._queue_ended, call), partial(self._taken, call))

    def _queue_ended(self, call: Call, status: str) -> None:
        call.queue_status = status
        self._say(call, UserEvent.QUEUE_END, Status=status)
        self.enter(call, Extension.HOLD)

    def _hold(self, call: Call) -> None:
        call.group = f"hold-{call.queue}"
        call.place = Place.HOLD
        self._say(call, UserEvent.HOLD)
        call.channel.priority = 4
        call.channel.runs("Wait", call.maxwait)
        call.step = self._switch.later(call.maxwait_ms, partial(self.enter, call, Extension.ABANDON))

    def _limit_reached(self, call: Call) -> None:
        self._leave_queue(call)
        self.enter(call, Extension.ABANDON)

    def _abandon(self, call: Call) -> None:
        call.lift_limit()
        if not call.abandoned:
            call.abandoned = True
            self._say(call, UserEvent.ABANDON)
            call.group = ""
        self._message(call)

    def _message(self, call: Call) -> None:
        call.place = Place.MESSAGE
        sound = call.request.variables.get(Variable.MESSAGE, "")
        call.channel.runs("Playback", sound)
        played = partial(self._played, call, "SUCCESS" if sound else "NONE")
        call.step = self._switch.later(self._message_ms if sound else 0, played)

    def _played(self, call: Call, status: str) -> None:
        self._say(call, UserEvent.MESSAGE_PLAYED, Status=status)
        self.finish(call, causes.NORMAL, BY_DIALPLAN)

    def _say(self, call: Call, event: UserEvent, **fields: str) -> None:
        call.channel.priority = _PRIORITIES[event]
        blocks = (call.channel.fields(), {"UserEvent": str(event)}, call.attempt, fields)
        self._switch.say_of_call("UserEvent", call.channel.uniqueid, *blocks)

    # --- with an agent -----------------------------------------------------------------------------------

    def _taken(self, call: Call, talk: Talk) -> None:
        call.lift_limit()
        call.group = ""
        call.place = Place.TALK
        call.talk = talk
        call.channel.bridge = talk.leg.bridge = self._bridge()
        if call.patience is not None:
            call.patience.cancel()
        later, rng = self._switch.later, self._switch.rng
        if call.far_end is None and call.plan.talk_ms is not None:
            call.far_end = later(call.plan.talk_ms, partial(self.far_end_leaves, call))
        if (habit := talk.member.phone.habits.talk) is not None:
            call.step = later(habit.draw(rng), partial(self.agent_leaves, call))

    def _bridge(self) -> str:
        digits = f"{self._switch.rng.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def agent_leaves(self, call: Call) -> None:
        """Let the agent hang up."""
        if call.talk is not None:
            self.finish(call, causes.NORMAL, call.talk.leg.name, "agent")

    # --- the end -----------------------------------------------------------------------------------------

    def far_end_leaves(self, call: Call) -> None:
        """Let the person who was called hang up."""
        if not call.is_up:
            return
        cause = causes.NORMAL if call.talk is not None else causes.NONE
        self._switch.say_of_call("HangupRequest", call.channel.uniqueid, call.channel.fields())
        self.finish(call, cause, call.channel.name)

    def redirect(self, call: Call, exten: str) -> None:
        """Take an answered call from wherever it is to the extension, away even from an agent."""
        if not call.is_up:
            return
        self._leave_queue(call)
        if call.talk is not None:
            call.torn, call.talk = call.talk, None
            call.channel.bridge = ""
            self._close(call.torn, "")
            self._free(call.torn)
        self.enter(call, exten)

    def _leave_queue(self, call: Call) -> None:
        stop_phone = self._drop(call)
        if stop_phone is not None:
            if self._switch.rng.random() < _PHONE_STOPS_AT_ONCE:
                stop_phone()
            else:
                self._switch.later(_PHONE_STOPS_AFTER_MS, stop_phone)

    def _drop(self, call: Call) -> Callable[[], None] | None:
        queue = self._queues.get(call.queue)
        return None if queue is None else queue.drop(call)

    def finish(self, call: Call, cause: int, source: str, reason: str = "caller") -> None:
        """End an answered call; `source` is who wants it in Asterisk's words, '' for AMI."""
        if not call.is_up:
            return
        call.stop_all()
        orders: Sequence[str] = _WITHOUT_AGENT
        free = self._drop(call)
        if free is not None:
            orders = _WHILE_RINGING
        elif call.torn is not None:
            orders = _AFTER_A_TORN_TALK
        elif call.talk is not None:
            self._close(call.talk, source)
            cause = cause or causes.NORMAL
            orders, free = _AFTER_A_TALK, partial(self._free, call.talk)
        call.place = Place.GONE
        steps: Mapping[str, Callable[[], None]] = {
            "C": partial(self._tell_complete, call, reason),
            "Q": free or (lambda: None),
            "E": partial(self._tell_end, call, cause, source),
            "H": partial(self._tell_hangup, call, cause, source),
        }
        for letter in self._switch.rng.choice(orders):
            steps[letter]()

    def _tell_complete(self, call: Call, reason: str) -> None:
        talk = call.talk or call.torn
        if talk is not None:
            self._switch.say("AgentComplete", call.channel.fields(), talk.completed(reason))

    def _tell_end(self, call: Call, cause: int, source: str) -> None:
        call.channel.goto(names.CONTEXT, "h")
        end = {"HangupCause": str(cause), "HangupSource": source, "QueueStatus": call.queue_status}
        self._say(call, UserEvent.END, **end)

    def _tell_hangup(self, call: Call, cause: int, source: str) -> None:
        switch, channel = self._switch, call.channel
        channel.priority = 2
        self._calls.pop(channel.uniqueid, None)
        codes = {"Cause": str(cause), "Cause-txt": causes.text(cause)}
        if not source and cause in causes.OF_HANGUP:
            codes["TechCause"] = str(causes.OF_HANGUP[cause])
        switch.say_of_call("Hangup", channel.uniqueid, channel.fields(), codes)
        met = "ANSWER" if call.talk else ""
        switch.note("HANGUP", channel, {"hangupcause": cause, "hangupsource": source, "dialstatus": met})

    def _close(self, talk: Talk, source: str) -> None:
        talk.ended_s = self._switch.now_s
        finish_call(talk.member.phone, talk.member, talk.ended_s)
        self._queues[talk.member.queue].count(talk)
        details = {"hangupcause": causes.NORMAL, "hangupsource": source, "dialstatus": ""}
        self._switch.note("HANGUP", talk.leg, details)

    def _free(self, talk: Talk) -> None:
        talk.leg_gone = True
        phone = talk.member.phone
        if phone.status is Status.IN_USE:
            show(self._switch, phone, Status.IDLE)
        wrap_up_by_hand(self._switch, phone)


def talking(calls: Iterable[Call]) -> Mapping[str, Call]:
    """Return the calls that talk with an agent, by the agent's channel and by its Uniqueid."""
    found: dict[str, Call] = {}
    for call in calls:
        if call.talk is not None:
            found[call.talk.leg.name] = found[call.talk.leg.uniqueid] = call
    return found
