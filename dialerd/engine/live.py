"""What the engine holds in memory: calls in flight, campaigns, boards, budgets."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from dialerd.domain import pacing
from dialerd.domain.agent import Board
from dialerd.domain.attempt import Attempt
from dialerd.domain.campaign import Campaign, CampaignState, Life
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.domain.pacing import Pacer, PacingDecision
from dialerd.domain.pacing import events as pe
from dialerd.domain.phone import Phone
from dialerd.domain.target import Target
from dialerd.domain.trunk import RateBudget
from dialerd.engine.messages import Noted, Order, Record
from dialerd.engine.settings import Settings


@dataclass(slots=True)
class Effects:
    """What a step wants written and done, gathered in order."""

    records: list[Record] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    def note(self, now: Instant, kind: str, subject: str, text: str) -> None:
        """Have something noted that an operator may ask about."""
        self.records.append(Noted(now, kind, subject, text))


@dataclass(slots=True)
class Call:
    """A call in flight."""

    attempt: Attempt
    target: Target
    redirected_at: Instant | None = None
    """When the person was last sent on to an agent."""
    missing_since: Instant | None = None
    """When a survey first did not show its channel."""
    trail_asked: bool = False


@dataclass(slots=True)
class Run:
    """A campaign in memory, with the few targets that may be dialled next."""

    campaign: Campaign
    source: str
    life: Life
    pacer: Pacer
    fault: str = ""
    """Why its rules cannot be used, or nothing."""
    ready: deque[Target] = field(default_factory=deque)
    claiming: bool = False
    claim_at: Instant = 0
    claim_fault: str = ""
    """Why the targets could not be read, or nothing."""
    next_due_at: Instant | None = None
    decision: PacingDecision | None = None
    refusal: str = ""
    """Why the last order that was not sent was not."""
    refused_until: Instant = 0
    noted_rule: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the campaign wants to place calls."""
        return self.life.state is CampaignState.RUNNING

    def forget_ready(self) -> None:
        """Drop the ready targets: they are claimed afresh when they are wanted again."""
        self.ready.clear()
        self.claim_at = 0


@dataclass(slots=True)
class Comparison:
    """How far the comparison of our calls with Asterisk's channels has come since the last login."""

    due_at: Instant | None = None
    asked_at: Instant | None = None
    looked_at: Instant = 0
    looks: int = 0
    again: bool = False
    """Something happened since it was asked that calls for another one at once."""
    ended: set[AttemptId] = field(default_factory=set)
    """Attempts that ended since it was asked: the answer may still show them."""
    heard_of: set[tuple[str, str]] = field(default_factory=set)
    """Members (queue, interface) of whom something newer than the answer was told."""


@dataclass(slots=True)
class Live:
    """The engine's whole state."""

    settings: Settings
    runs: dict[str, Run] = field(default_factory=dict)
    calls: dict[AttemptId, Call] = field(default_factory=dict)
    unseen: dict[AttemptId, Call] = field(default_factory=dict)
    """Those of the calls whose channel has not been seen, the oldest first."""
    held: dict[AttemptId, Call] = field(default_factory=dict)
    """Those of the calls that wait in the dialplan's hold; only from there may they be redirected."""
    on_trunk: Counter[str] = field(default_factory=Counter)
    """How many calls each trunk carries."""
    numbers: set[Phone] = field(default_factory=set)
    """Numbers on a call: nobody is called twice at a time, by whichever campaign."""
    boards: dict[str, Board] = field(default_factory=dict)
    budgets: dict[str, RateBudget] = field(default_factory=dict)
    system_budget: RateBudget = field(default_factory=lambda: RateBudget(1))
    turns: dict[str, int] = field(default_factory=dict)
    first_run: int = 0
    """Which campaign is served first; it moves on with each step, so that none is always last."""
    link_up: bool = False
    link_reason: str = "not connected yet"
    reconciled: bool = False
    survey: Comparison = field(default_factory=Comparison)
    store_trouble: str = ""
    draining: str = ""

    def add(self, call: Call) -> None:
        """Keep a call in flight."""
        attempt = call.attempt
        self.calls[attempt.id] = self.unseen[attempt.id] = call
        self.numbers.add(attempt.number)
        self.on_trunk[attempt.trunk] += 1

    def remove(self, call: Call) -> None:
        """Forget a call that has ended."""
        attempt = call.attempt
        del self.calls[attempt.id]
        self.unseen.pop(attempt.id, None)
        self.held.pop(attempt.id, None)
        self.numbers.discard(attempt.number)
        self.on_trunk[attempt.trunk] -= 1

    def calls_of(self, campaign: str) -> Iterator[Call]:
        """Yield the campaign's calls in flight."""
        return (call for call in self.calls.values() if call.attempt.campaign == campaign)

    def runs_of_queue(self, queue: str) -> Iterator[Run]:
        """Yield the campaigns that are served by the queue."""
        return (run for run in self.runs.values() if run.campaign.queue == queue)

    def tell(self, queue: str, event: pe.PacingEvent) -> None:
        """Tell the pacer of each campaign on the queue what happened."""
        for run in self.runs_of_queue(queue):
            run.pacer.observe(event)

    def held_targets(self, run: Run) -> frozenset[TargetId]:
        """Return the ids of the targets that must not be claimed again: those ready, and those on a call."""
        on_calls = (call.attempt.target for call in self.calls_of(run.campaign.name))
        return frozenset((*(target.id for target in run.ready), *on_calls))


def new_run(campaign: Campaign, source: str, life: Life, fault: str = "") -> Run:
    """Return a campaign ready to run, with a fresh pacer."""
    rule = campaign.pacing
    return Run(campaign, source, life, pacing.create(rule.method, rule.level), fault)


def seconds(now: Instant) -> float:
    """Return the instant as pacers want it: epoch seconds."""
    return now / SECOND_MS
