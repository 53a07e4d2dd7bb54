"""Whatever is done, in whatever order: the store in memory and the store on SQLite give the same answers."""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dialerd.adapters.memory import MemoryStore
from dialerd.adapters.sqlite import SqliteReports, SqliteStore
from dialerd.domain.attempt import Attempt, Stage
from dialerd.domain.campaign import CampaignState, Life
from dialerd.domain.errors import DialerError
from dialerd.domain.identifiers import TargetId
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, Target, TargetState
from dialerd.engine.messages import (
    AttemptClosed,
    AttemptOpened,
    AttemptProgressed,
    CampaignMoved,
    CampaignSaved,
    Claim,
    Noted,
    Record,
)
from dialerd.engine.ports import Row, StoreConflict
from tests.adapters.store.making import T0, attempt, number

T = TypeVar("T")

NAMES = st.sampled_from(["spring", "autumn"])
LISTS = st.sampled_from(["people", "others"])
NUMBERS = st.integers(0, 7)
TIMES = st.integers(T0, T0 + 50)
LIVES = st.builds(
    Life, st.sampled_from(CampaignState), st.none() | st.sampled_from(CampaignState), st.text(max_size=3)
)
STANDINGS = st.one_of(
    st.builds(Standing, st.just(TargetState.WAITING), st.text(max_size=3), TIMES),
    st.builds(Standing, st.sampled_from([TargetState.DONE, TargetState.READY]), st.text(max_size=3)),
    st.builds(Standing, st.sampled_from(TargetState), st.just(""), st.none() | TIMES),
)
ROWS = st.lists(
    st.builds(Row, NUMBERS.map(number), st.dictionaries(st.sampled_from("abc"), st.text(max_size=2))),
    max_size=6,
)
WHICH = st.integers(0, 9)
TEXTS = st.text(max_size=4)


class Both(RuleBasedStateMachine):
    """Does everything to both stores and compares what they say."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name, "dialerd.db")
        self.sqlite = self.run(SqliteStore.open(path, Random(1).getrandbits, T0))
        self.reports = self.run(SqliteReports.open(path))
        self.memory = MemoryStore(self.run(self.sqlite.restore()).installation)
        self.calls: list[Attempt] = []
        self.targets = [("spring", TargetId(2), number(1)), ("autumn", TargetId(9), number(3))]
        self.claims: dict[str, frozenset[TargetId]] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the work's result."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Close and remove the database."""
        self.run(self.reports.close())
        self.run(self.sqlite.close())
        self.runner.close()
        self.folder.cleanup()

    def store_both(self, ask: Any) -> Any:
        """Return what both stores answer."""
        return self._same(ask(self.sqlite), ask(self.memory))

    def report_both(self, ask: Any) -> Any:
        """Return what both reports answer."""
        return self._same(ask(self.reports), ask(self.memory))

    def _same(self, one: Coroutine[Any, Any, Any], other: Coroutine[Any, Any, Any]) -> Any:
        answers = [self._answer(one), self._answer(other)]
        assert answers[0] == answers[1]
        return answers[0]

    def _answer(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self.run(work)
        except (StoreConflict, DialerError, ValueError) as refused:
            return type(refused)

    @initialize()
    def begin(self) -> None:
        """Begin with a list and a campaign, so that not every run has to find out how."""
        rows = [Row(number(n), {}) for n in range(4)]
        self.store_both(lambda s: s.load_targets("people", rows, T0))
        self.write([CampaignSaved("spring", "people", "", Life(CampaignState.RUNNING), T0)])

    def write(self, records: list[Record]) -> None:
        """Write the records to both."""
        self.store_both(lambda s: s.write(records))

    @rule(name=LISTS, rows=ROWS, now=TIMES)
    def load(self, name: str, rows: list[Row], now: int) -> None:
        self.store_both(lambda s: s.load_targets(name, rows, now))

    @rule(name=NAMES, on=LISTS, life=LIVES, at=TIMES)
    def save(self, name: str, on: str, life: Life, at: int) -> None:
        self.write([CampaignSaved(name, on, "rules", life, at)])

    @rule(name=NAMES, life=LIVES, at=TIMES)
    def move(self, name: str, life: Life, at: int) -> None:
        self.write([CampaignMoved(name, life, at)])

    @rule(name=NAMES, on=LISTS, limit=st.integers(0, 5), now=TIMES, keeps=st.booleans())
    def claim(self, name: str, on: str, limit: int, now: int, keeps: bool) -> None:
        held = self.claims.get(name, frozenset())
        claimed = self.store_both(lambda s: s.claim(Claim(name, on, limit, held), now))
        if not isinstance(claimed, type):
            self.targets += [(name, target.id, target.number) for target in claimed.targets]
            self.claims[name] = held.union(t.id for t in claimed.targets) if keeps else frozenset()

    @rule(whiches=st.lists(WHICH, min_size=1, max_size=3), text=TEXTS)
    def open(self, whiches: list[int], text: str) -> None:
        records: list[Record] = [Noted(T0, "calls", text, "opened")]
        for which in whiches:
            campaign, target, phone = self.targets[-1 - which % len(self.targets)]
            call = attempt_to(campaign, target, phone)
            self.calls.append(call)
            records.append(AttemptOpened(call))
        self.write(records)

    @precondition(lambda self: self.calls)
    @rule(which=WHICH, stage=st.sampled_from(Stage), note=TEXTS, at=TIMES, waits=st.integers(0, 9))
    def progress(self, which: int, stage: Stage, note: str, at: int, waits: int) -> None:
        call = self.calls[-1 - which % len(self.calls)]
        call.stage, call.note, call.cause = stage, note, waits
        call.answered_at, call.connected_at = at, at + waits
        self.write([AttemptProgressed(call)])

    @precondition(lambda self: self.calls)
    @rule(
        whiches=st.lists(WHICH, min_size=1, max_size=3), outcome=st.sampled_from(Outcome), standing=STANDINGS
    )
    def close(self, whiches: list[int], outcome: Outcome, standing: Standing) -> None:
        calls = [self.calls[-1 - which % len(self.calls)] for which in whiches]
        self.write([AttemptClosed(call, outcome, {outcome: len(calls)}, standing) for call in calls])

    @precondition(lambda self: self.calls)
    @rule(which=WHICH, outcome=st.sampled_from(Outcome), standing=STANDINGS)
    def call_again_at_once(self, which: int, outcome: Outcome, standing: Standing) -> None:
        old = self.calls[-1 - which % len(self.calls)]
        new = attempt_to(old.campaign, old.target, old.number)
        self.calls.append(new)
        self.write([AttemptClosed(old, outcome, {}, standing), AttemptOpened(new), AttemptProgressed(new)])

    @rule(name=NAMES, outcome=st.sampled_from(Outcome), is_open=st.booleans(), limit=st.integers(0, 4))
    def search(self, name: str, outcome: Outcome, is_open: bool, limit: int) -> None:
        for filters in ({"campaign": name}, {"outcome": outcome}, {"open": is_open}):
            page = self.report_both(lambda r, f=filters: r.attempts({**f}, limit, ""))
            if page and not isinstance(page, type):
                self.report_both(lambda r, p=page: r.attempts({"campaign": name}, 3, p[-1]["id"]))
        self.report_both(lambda r: r.attempts({"campaign": name, "outcome": outcome, "open": is_open}, 9, ""))

    @invariant()
    def nobody_can_tell_them_apart(self) -> None:
        self.store_both(lambda s: s.restore())
        for name in ("spring", "autumn"):
            self.report_both(lambda r, n=name: r.report(n))
            self.report_both(lambda r, n=name: r.counts(n))
        for name in ("people", "others"):
            self.report_both(lambda r, n=name: r.list_targets(n, 9, 0))
        self.report_both(lambda r: r.target(number(1)))
        self.report_both(lambda r: r.journal("", 5))


def attempt_to(campaign: str, target: TargetId, phone: Phone) -> Attempt:
    """Return an attempt to the target."""
    return attempt(Target(target, phone), campaign)


TestBoth = Both.TestCase
TestBoth.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
