"""The production engine on the simulated exchange in virtual time: the same seed gives the same day."""

import hashlib
import random
from collections.abc import Coroutine, Iterable
from functools import partial
from typing import Any, TypeVar

from dialerd.adapters.asterisk import events, telephony
from dialerd.adapters.asterisk.dialplan import CONTEXT, Extension
from dialerd.adapters.asterisk.frames import Frame
from dialerd.adapters.memory import MemoryStore
from dialerd.domain import call_events as ev
from dialerd.domain.campaign import Campaign
from dialerd.domain.campaign import Step as CampaignStep
from dialerd.domain.identifiers import new_attempt_id, new_installation, prefix_of
from dialerd.domain.instant import Instant
from dialerd.domain.originate import Originate
from dialerd.engine import messages as m
from dialerd.engine.dialer import Dialer
from dialerd.engine.ports import Row
from dialerd.engine.settings import Settings
from dialerd.simulator import wire
from dialerd.simulator.answer import Answer, Item
from dialerd.simulator.channels import Fields, OriginateRequest
from dialerd.simulator.checks import Watch
from dialerd.simulator.exchange import Exchange
from dialerd.simulator.kernel import Kernel, Timer
from dialerd.simulator.scenario import START, Scenario

T = TypeVar("T")

LONGEST_CHUNK = 500


class Rehearsal:
    """A daemon without its process: one engine, one store, one exchange, one virtual clock.

    `trace` is a digest of everything that the exchange told and that was written: equal for equal seeds.
    """

    def __init__(self, scenario: Scenario, settings: Settings, start: Instant = START) -> None:
        draw = random.Random(scenario.seed)
        installation = new_installation(draw.getrandbits)
        self.kernel = Kernel(start)
        self.exchange = Exchange(self.kernel, scenario, prefix=prefix_of(installation))
        self.store = MemoryStore(installation)
        self.watch = Watch(settings)
        self._dialer = Dialer(settings, partial(new_attempt_id, installation, draw.getrandbits))
        self._translator = events.Translator(prefix_of(installation))
        self._inbox: list[m.Message] = []
        self._wake: Timer | None = None
        self._answers: dict[int, Any] = {}
        self._trace = hashlib.sha256()
        self.exchange.listen(self._heard)
        self._post(m.LinkChanged(True, "simulated"))

    @property
    def trace(self) -> str:
        """The digest so far."""
        return self._trace.hexdigest()

    def load(self, list_name: str, rows: Iterable[Row]) -> None:
        """Put the rows into the list."""
        waiting = list(rows)
        for place in range(0, len(waiting), LONGEST_CHUNK):
            chunk = waiting[place : place + LONGEST_CHUNK]
            finish(self.store.load_targets(list_name, chunk, self.kernel.now))
        self._post(m.TargetsLoaded(list_name))

    def start(self, campaign: Campaign) -> None:
        """Make the campaign known and start it."""
        self.ask(m.ApplyCampaign(campaign, source=""))
        self.ask(m.MoveCampaign(campaign.name, CampaignStep.START))

    def ask(self, request: m.Request) -> Any:
        """Return the engine's answer, or its `Refusal`."""
        token = len(self._answers) + 1
        self._post(m.Command(token, request))
        while token not in self._answers:
            self.kernel.run_next()
        return self._answers[token]

    def run_until(self, when: Instant) -> None:
        """Let everything up to that time happen."""
        self.kernel.run_until(when)

    def run_to_end(self, campaign: str, limit: Instant) -> None:
        """Run until the campaign is finished, or until that time."""
        while self.kernel.now < limit and self.ask(m.AskCampaign(campaign))["state"] != "finished":
            self.kernel.run_until(min(limit, self.kernel.now + 1_000))

    # --- the loop: drain, decide, write, act ---------------------------------------------------------------

    def _post(self, message: m.Message) -> None:
        self._inbox.append(message)
        self._turn_at(self.kernel.now)

    def _turn_at(self, when: Instant) -> None:
        if self._wake is not None and self._wake.waits and self._wake.at <= when:
            return
        if self._wake is not None:
            self._wake.cancel()
        self._wake = self.kernel.at(when, self._turn)

    def _turn(self) -> None:
        messages, self._inbox = self._inbox, []
        step = self._dialer.step(messages, self.kernel.now)
        finish(self.store.write(step.records))
        self.watch.written(step.records)
        self._trace.update(repr((self.kernel.now, step.records)).encode())
        for order in step.orders:
            self._act(order)
        if step.wake_at is not None:
            self._turn_at(step.wake_at)

    def _act(self, order: m.Order) -> None:
        match order:
            case Originate():
                self.watch.ordered(order, self.kernel.now)
                answer = self.exchange.originate(_request(order))
                self._post(_sent(order, answer, self.kernel.now))
            case m.Redirect():
                self.exchange.redirect(order.attempt, CONTEXT, Extension.AGENT)
            case m.HangUp():
                self.exchange.hangup(order.attempt)
            case m.Survey():
                self._post(self._survey())
            case m.ReadTrail():
                self._post(m.TrailRead(dict.fromkeys(order.attempts)))
            case m.Claim():
                self._post(finish(self.store.claim(order, self.kernel.now)))
            case m.Reply():
                self._answers[order.token] = order.result
            case m.Refusal():
                self._answers[order.token] = order

    def _heard(self, name: str, fields: Fields) -> None:
        frame = _frame((name, fields))
        self._trace.update(frame.raw)
        message = self._translator.read(frame, self.kernel.now)
        if message is not None:
            self._post(message)

    def _survey(self) -> m.Message:
        channels = self._translator.channels([_frame(item) for item in self.exchange.show_channels().items])
        queues = [_frame(item) for item in self.exchange.queue_status().items]
        members = tuple(events.member(frame) for frame in queues if frame.name == "QueueMember")
        return m.Surveyed(self.kernel.now, channels, members)


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine returns; it may not wait for anything."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("nothing in virtual time may wait")


def _frame(item: Item) -> Frame:
    return Frame(wire.event(*item).removesuffix(b"\r\n\r\n"))


def _request(order: Originate) -> OriginateRequest:
    """Return what Asterisk would make of the very action that the daemon sends."""
    action = telephony.originate_action(order)
    header = dict(action.headers)
    return OriginateRequest(
        header["Channel"],
        header["ChannelId"],
        header["Context"],
        header["Exten"],
        timeout_ms=int(header["Timeout"]),
        action_id=action.action_id,
        variables=dict(action.variables),
    )


def _sent(order: Originate, answer: Answer, now: Instant) -> m.Message:
    return ev.Sent(order.attempt, now) if answer.ok else ev.NotSent(order.attempt, now, answer.message)
