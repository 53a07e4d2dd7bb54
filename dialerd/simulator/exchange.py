"""The part of Asterisk that dialerd uses, in virtual time: actions in, events out."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from dialerd.adapters.asterisk import dialplan as names
from dialerd.domain.instant import Instant
from dialerd.simulator import causes, listings
from dialerd.simulator.answer import Answer, done, refused
from dialerd.simulator.app_queue import AppQueue
from dialerd.simulator.calls import Call, Place
from dialerd.simulator.channels import OriginateRequest
from dialerd.simulator.dialling import Dialling
from dialerd.simulator.dialplan import Dialplan, talking
from dialerd.simulator.floor import Floor
from dialerd.simulator.kernel import Kernel
from dialerd.simulator.scenario import Happening, Scenario, What
from dialerd.simulator.switch import Listener, Switch, TrailWriter

LONGEST_ID = 149
_ACTS_AFTER_MS = 1
_SHUTDOWN_AFTER_MS = 1_100


class Exchange:
    """An Asterisk with our dialplan, the agents and the people of a scenario.

    It is driven by its kernel alone. An action is answered at once and never tells an event by itself: what
    comes of it comes later, if only in the same millisecond. Of calls it tells only those whose ids begin
    with `prefix`.
    """

    def __init__(self, kernel: Kernel, scenario: Scenario | None = None, *, prefix: str = "dlr-") -> None:
        self.scenario = scenario or Scenario()
        self.kernel = kernel
        self.dialled: Counter[str] = Counter()
        """How often each number was dialled, as a carrier counts: by the digits in the dial string."""
        self.calls: dict[str, Call] = {}
        """The calls that are alive, by Uniqueid."""
        self.dead_trunks = set(self.scenario.dead_trunks)
        self._switch = switch = Switch(kernel, self.scenario.seed, prefix)
        self.queues = {name: AppQueue(switch, rules) for name, rules in self.scenario.rules().items()}
        self.floor = Floor(switch, self.queues, self.scenario)
        self._dialplan = Dialplan(switch, self.queues, self.calls, self.scenario.message_ms)
        people = self.scenario.people
        self._dialling = Dialling(switch, self._dialplan, self.calls, people, self._reaches)
        self._dialling.dialled = partial(self._count)
        for happening in self.scenario.happenings:
            kernel.after(happening.after_ms, partial(self.let_happen, happening))

    # --- listening ---------------------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        """The virtual time."""
        return self.kernel.now

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell the listener each event, its name and fields; return what ends that."""
        self._switch.listeners.append(listener)
        return partial(self._switch.listeners.remove, listener)

    def write_trail(self, writer: TrailWriter | None) -> None:
        """Hand each line of the channel trail, its end included, to the writer."""
        self._switch.trail = writer

    # --- calls -------------------------------------------------------------------------------------------

    def originate(self, request: OriginateRequest) -> Answer:
        """Place a call; OriginateResponse and the other events tell what becomes of it."""
        if not request.channel:
            return refused("Channel not specified")
        if len(request.channel_id) > LONGEST_ID:
            return refused(f"Uniqueid length exceeds maximum of {LONGEST_ID}")
        if request.context != names.CONTEXT or request.exten not in set(names.Extension):
            return refused("Extension does not exist.")
        self._dialling.order(request)
        return done("Originate successfully queued")

    def hangup(self, channel: str, cause: int = causes.NONE) -> Answer:
        """End the channel with this name or Uniqueid, or all whose names match a `/regular expression/`."""
        if len(channel) > 1 and channel.startswith("/") and channel.endswith("/"):
            return self._hangup_matching(re.compile(channel[1:-1]), cause)
        end = self._ending(channel, cause)
        if end is None:
            return refused("No such channel")
        self._switch.later(_ACTS_AFTER_MS, end)
        return done("Channel Hungup")

    def _hangup_matching(self, pattern: re.Pattern[str], cause: int) -> Answer:
        found = [call.channel.name for call in self.calls.values() if pattern.search(call.channel.name)]
        for name in found:
            self.hangup(name, cause)
        items = tuple(("ChannelHungup", {"Channel": name}) for name in found)
        return Answer(True, "Channels hung up will follow", items, "ChannelsHungupListComplete")

    def _ending(self, channel: str, cause: int) -> Callable[[], None] | None:
        call = self._call(channel)
        if call is None:
            agent = talking(self.calls.values()).get(channel)
            return None if agent is None else partial(self._dialplan.agent_leaves, agent)
        if call.place is Place.DIALLING:
            return partial(self._end, call, cause)
        return partial(self._dialplan.finish, call, cause, "")

    def _end(self, call: Call, cause: int) -> None:
        # It may have been answered in the meantime.
        self._dialling.cancel(call, cause)
        self._dialplan.finish(call, cause, "")

    def redirect(self, channel: str, context: str, exten: str) -> Answer:
        """Send a call on in our dialplan, answered or not."""
        call = self._call(channel)
        if call is None:
            return refused(f"Channel does not exist: {channel}")
        place = exten if context == names.CONTEXT else ""
        self._switch.later(_ACTS_AFTER_MS, partial(self._send_on, call, place))
        return done("Redirect successful")

    def _send_on(self, call: Call, exten: str) -> None:
        if call.place is Place.DIALLING:
            self._dialling.divert(call, exten)
        else:
            self._dialplan.redirect(call, exten)

    def show_channels(self) -> Answer:
        """List every channel."""
        items = listings.channels(self.calls.values(), self.queues.values(), self.now)
        return Answer(True, "Channels will follow", tuple(items), "CoreShowChannelsComplete")

    def _call(self, channel: str) -> Call | None:
        exact = self.calls.get(channel)
        return exact or next((call for call in self.calls.values() if call.channel.name == channel), None)

    def _count(self, number: str) -> None:
        self.dialled[number] += 1

    def _reaches(self, trunk: str) -> bool:
        known = not self.scenario.trunks or trunk in self.scenario.trunks
        return bool(trunk) and known and trunk not in self.dead_trunks

    # --- queues ------------------------------------------------------------------------------

    def queue_status(self, queue: str = "", member: str = "") -> Answer:
        """List queues with their members and callers; all of them when none is named."""
        chosen = [each for name, each in self.queues.items() if queue in ("", name)]
        items = tuple(listings.queue_status(chosen, self.now, member))
        return Answer(True, "Queue status will follow", items, "QueueStatusComplete")

    def queue_withdraw(self, queue: str, channel: str) -> Answer:
        """Take a waiting call out of the queue; while a phone rings for it, once that has stopped."""
        call = next((call for call in self.calls.values() if call.channel.name == channel), None)
        known = self.queues.get(queue)
        if call is None or known is None or not known.withdraw(call):
            return refused("Unable to request withdraw from queue: No such caller")
        return done("Withdraw requested successfully")

    # --- the house ---------------------------------------------------------------------------------------

    def let_happen(self, happening: Happening) -> None:
        """Let it happen now; what is not possible, such as pausing somebody who has gone, does not."""
        who, queue = happening.who, happening.queue or next(iter(self.queues), "")
        acts: Mapping[What, Callable[[], object]] = {
            What.LOG_IN: partial(self.floor.add, queue, who),
            What.LOG_OUT: partial(self.floor.remove, queue, who),
            What.PAUSE: partial(self.floor.pause, who, True, happening.queue, "break"),
            What.RESUME: partial(self.floor.pause, who, False, happening.queue),
            What.UNPLUG: partial(self.plug, who, False),
            What.PLUG_IN: partial(self.plug, who, True),
            What.OWN_CALL: partial(self.floor.own_call, who, happening.span_ms),
            What.TRUNK_FAILS: partial(self.set_trunk, who, False),
            What.TRUNK_RECOVERS: partial(self.set_trunk, who, True),
        }
        acts[happening.what]()

    def plug(self, interface: str, plugged: bool) -> None:
        """Register the phone, or let it vanish; the call that it has ends."""
        for call in tuple(self.calls.values()) if not plugged else ():
            if call.talk is not None and call.talk.member.phone.interface == interface:
                self._dialplan.agent_leaves(call)
        self.floor.plug(interface, plugged)

    def set_trunk(self, trunk: str, reachable: bool) -> None:
        """Let the trunk fail or recover as Asterisk finds by asking it."""
        (self.dead_trunks.discard if reachable else self.dead_trunks.add)(trunk)
        contact = {
            "URI": f"sip:{trunk}",
            "ContactStatus": "Reachable" if reachable else "Unreachable",
            "AOR": trunk,
            "EndpointName": trunk,
            "RoundtripUsec": "1000" if reachable else "0",
        }
        self._switch.say("ContactStatus", contact)

    def stop(self) -> None:
        """End all calls and then Asterisk, as `core stop now` does."""
        for call in tuple(self.calls.values()):
            self._end(call, causes.NONE)
        last_words = {"Shutdown": "Cleanly", "Restart": "False"}
        self._switch.later(_SHUTDOWN_AFTER_MS, lambda: self._switch.say("Shutdown", last_words))

    def crash(self) -> None:
        """Forget every call and every member that was added, without a word, as a killed Asterisk does."""
        self._switch.forget_all()
        self.calls.clear()
        self.floor.forget()
