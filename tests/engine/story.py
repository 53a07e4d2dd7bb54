"""A small world around the engine, to tell the story of calls: time, agents and the network move by hand."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from dialerd.domain import call_events as ev
from dialerd.domain.agent import DeviceState, Member
from dialerd.domain.attempt import Attempt
from dialerd.domain.caller_id import CallerIdPool
from dialerd.domain.campaign import Campaign, PacingRule
from dialerd.domain.campaign import Step as CampaignStep
from dialerd.domain.identifiers import AttemptId, TargetId, new_attempt_id
from dialerd.domain.instant import SECOND_MS
from dialerd.domain.originate import Originate
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, Target, TargetState
from dialerd.domain.trunk import Trunk
from dialerd.engine import messages as m
from dialerd.engine.dialer import Dialer
from dialerd.engine.settings import Settings

MONDAY_10_UTC = 1_795_428_000_000
SETTINGS = Settings(
    trunks={"carrier": Trunk("carrier", "PJSIP/{number}@trunk", channels=100, calls_per_second=1000)},
    queues={"sales": 0, "support": 5},
    caller_ids={"office": CallerIdPool("office", ("12025550100", "12025550101"), "Acme")},
    channels=200,
    calls_per_second=1000,
)


def counted_ids() -> Any:
    """Return a source of attempt ids, the same ones each time."""
    numbers = count(1)
    return lambda: new_attempt_id("aaaaaa", lambda _bits: next(numbers))


class Story:
    """Moves one engine; every message goes in by itself, so each step is one fact."""

    def __init__(self, settings: Settings = SETTINGS, connected: bool = True) -> None:
        self.now = MONDAY_10_UTC
        self.dialer = Dialer(settings, counted_ids())
        self.records: list[m.Record] = []
        self.orders: list[m.Order] = []
        self.lists: dict[str, dict[TargetId, tuple[Target, Standing]]] = {}
        self.answers_to: dict[int, Any] = {}
        self.held_claims: list[m.Claim] | None = None
        self._target_ids = count(1)
        self._tokens = count(1)
        self._list_of: dict[TargetId, str] = {}
        if connected:
            self.link_comes_up()

    # --- the world -----------------------------------------------------------------------------------

    def link_comes_up(self) -> None:
        self.hears(m.LinkChanged(True, "logged in"))
        self.survey_shows()
        self.passes(2)
        self.survey_shows()

    def survey_shows(self, *channels: m.LivingChannel, members: Iterable[Member] | None = None) -> None:
        known = [member for board in self.dialer._live.boards.values() for member in board.members.values()]
        self.hears(m.Surveyed(self.now, channels, tuple(known if members is None else members)))

    def agents(self, number: int, queue: str = "sales") -> list[str]:
        interfaces = [f"Local/{2001 + i}@agents" for i in range(number)]
        for interface in interfaces:
            self.agent(interface, queue=queue)
        return interfaces

    def agent(
        self, interface: str, device: DeviceState = DeviceState.IDLE, queue: str = "sales", **more: Any
    ) -> None:
        self.hears(m.MemberSeen(Member(queue, interface, interface, device, **more)))

    def targets(self, number: int, list_name: str = "people") -> None:
        for _ in range(number):
            target_id = TargetId(next(self._target_ids))
            target = Target(target_id, Phone(f"+1202555{target_id:04d}"))
            self.lists.setdefault(list_name, {})[target_id] = (target, Standing(TargetState.READY))
            self._list_of[target_id] = list_name
        self.hears(m.TargetsLoaded(list_name))

    def campaign(self, name: str = "spring", start: bool = True, **rules: Any) -> None:
        pacing = PacingRule("ratio", rules.pop("level")) if "level" in rules else PacingRule()
        defaults = {"list": "people", "queue": "sales", "trunk": "carrier", "caller_ids": "office"}
        campaign = Campaign(name=name, pacing=pacing, **{**defaults, **rules})
        self.asks(m.ApplyCampaign(campaign, "name: spring"))
        if start:
            self.asks(m.MoveCampaign(name, CampaignStep.START))

    # --- what goes in --------------------------------------------------------------------------------

    def hears(self, *messages: m.Message) -> m.Step:
        step = self.dialer.step(messages, self.now)
        self.records += step.records
        self.orders += step.orders
        for record in step.records:
            self._write(record)
        for order in step.orders:
            self._act(order)
        return step

    def passes(self, seconds: float) -> None:
        """Let time pass, waking the engine when it wants to be."""
        until = self.now + round(seconds * SECOND_MS)
        while self.now < until:
            wake_at = self.hears().wake_at
            self.now = min(until, wake_at if wake_at is not None else until)
        self.hears()

    def asks(self, request: m.Request) -> Any:
        """Return the answer; a refusal comes back as a `Refusal`."""
        token = next(self._tokens)
        self.hears(m.Command(token, request))
        return self.answers_to.pop(token)

    # --- what calls do --------------------------------------------------------------------------------

    def created(self, *attempts: AttemptId) -> None:
        for attempt in attempts:
            self.hears(ev.Sent(attempt, self.now))
            self.hears(ev.ChannelCreated(attempt, self.now, f"PJSIP/trunk-{attempt[-8:]}"))

    def answers(self, *attempts: AttemptId, held: bool = False) -> None:
        for attempt in attempts:
            self.created(attempt)
            self.hears(ev.Answered(attempt, self.now))
            if held:
                self.hears(ev.Held(attempt, self.now))

    def connects(self, attempt: AttemptId, interface: str) -> None:
        self.hears(ev.Offered(attempt, self.now, interface))
        self.agent(interface, DeviceState.IN_USE)
        self.hears(ev.Connected(attempt, self.now, interface))

    def reaches_limit(self, attempt: AttemptId) -> None:
        self.hears(ev.LimitReached(attempt, self.now))
        self.hears(ev.MessagePlayed(attempt, self.now))
        self.hangs_up(attempt, remote=False)

    def hangs_up(
        self, attempt: AttemptId, cause: int = 16, sip: int | None = None, remote: bool = True
    ) -> None:
        if remote:
            self.hears(ev.RemoteHangup(attempt, self.now))
        self.hears(ev.Hungup(attempt, self.now, cause, "", sip))

    def is_busy(self, *attempts: AttemptId) -> None:
        for attempt in attempts:
            self.created(attempt)
            self.hangs_up(attempt, cause=17, sip=486)

    # --- what came out --------------------------------------------------------------------------------

    def originates(self) -> list[Originate]:
        return [order for order in self.orders if isinstance(order, Originate)]

    def placed(self) -> list[AttemptId]:
        return [order.attempt for order in self.originates()]

    def of(self, kind: type) -> list[Any]:
        return [thing for thing in (*self.records, *self.orders) if isinstance(thing, kind)]

    def outcome(self, attempt: AttemptId) -> Outcome | None:
        closed = {record.attempt.id: record.outcome for record in self.of(m.AttemptClosed)}
        return closed.get(attempt)

    def attempt(self, attempt: AttemptId) -> Attempt:
        return next(r.attempt for r in reversed(self.of(m.AttemptClosed)) if r.attempt.id == attempt)

    def standing(self, number: int) -> Standing:
        target = TargetId(number)
        return self.lists[self._list_of[target]][target][1]

    def state(self, campaign: str = "spring") -> str:
        return str(self.asks(m.AskCampaign(campaign))["state"])

    def blocked_by(self, campaign: str = "spring") -> str | None:
        why: Mapping[str, Any] = self.asks(m.AskWhy(campaign))
        return why["blocked_by"]

    # --- the store, in a few lines --------------------------------------------------------------------

    def _write(self, record: m.Record) -> None:
        match record:
            case m.AttemptOpened(attempt):
                self._set(attempt.target, Standing(TargetState.IN_FLIGHT))
            case m.AttemptClosed(attempt, _, tries, standing):
                self._set(attempt.target, standing, tries)
            case _:
                pass

    def _set(
        self, target_id: TargetId, standing: Standing, tries: Mapping[Outcome, int] | None = None
    ) -> None:
        rows = self.lists[self._list_of[target_id]]
        target, _ = rows[target_id]
        rows[target_id] = (Target(target.id, target.number, tries=tries or target.tries), standing)

    def _act(self, order: m.Order) -> None:
        match order:
            case m.Claim() if self.held_claims is not None:
                self.held_claims.append(order)
            case m.Claim():
                self.hears(self.claimed(order))
            case m.Reply(token, result):
                self.answers_to[token] = result
            case m.Refusal(token, _):
                self.answers_to[token] = order
            case _:
                pass

    def claimed(self, claim: m.Claim) -> m.Claimed:
        rows = [(t, s) for t, s in self.lists.get(claim.list, {}).values() if t.id not in claim.held]
        ready = [t for t, s in rows if s.state is TargetState.READY]
        waiting = [(s.until or 0, t) for t, s in rows if s.state is TargetState.WAITING]
        due = [t for until, t in waiting if until <= self.now] + ready
        later = min((until for until, _ in waiting if until > self.now), default=None)
        undone = any(s.state is not TargetState.DONE for _, s in self.lists.get(claim.list, {}).values())
        return m.Claimed(claim.campaign, tuple(due[: claim.limit]), later, undone)
