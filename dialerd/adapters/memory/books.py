"""What the store in memory holds, and the changes to it that can be taken back."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dialerd.domain.attempt import Attempt, Stage
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.instant import Instant
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, Target, TargetState
from dialerd.engine.messages import AttemptClosed, Noted, StoredCampaign
from dialerd.engine.ports import JOURNAL_LIMIT, StoreConflict

Turn = tuple[int, TargetId]
"""By what a target waits its turn: when it falls due, or its id; then its id."""


@dataclass(frozen=True, slots=True)
class Place:
    """A target's place in a campaign, which it took as a row of this list."""

    list: str
    standing: Standing = Standing(TargetState.READY)  # noqa: RUF009 - it is frozen
    tries: Mapping[Outcome, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """An attempt as it was written last; open as long as it has no outcome."""

    attempt: Attempt
    list: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list."""

    list: str
    number: Phone
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TargetList:
    """The targets of a list in their order."""

    created_at: Instant
    targets: list[TargetId] = field(default_factory=list)
    by_number: dict[Phone, TargetId] = field(default_factory=dict)


@dataclass(slots=True)
class Work:
    """A campaign's work on a list: how many of its targets have joined, and those that may be called."""

    enrolled: int = 0
    ready: list[Turn] = field(default_factory=list)
    waiting: list[Turn] = field(default_factory=list)

    def line_of(self, target: TargetId, standing: Standing) -> tuple[list[Turn], Turn] | None:
        """Return where a target of that standing waits for its turn, None where it does not."""
        if standing.state is TargetState.READY:
            return self.ready, (target, target)
        if standing.until is not None:
            return self.waiting, (standing.until, target)
        return None


class Books:
    """Campaigns, lists, places, calls and notes; what changed since `begin` can be taken back."""

    def __init__(self) -> None:
        self.campaigns: dict[str, StoredCampaign] = {}
        self.lists: dict[str, TargetList] = {}
        self.entries: dict[TargetId, Entry] = {}
        self.places: dict[tuple[str, TargetId], Place] = {}
        self.calls: dict[AttemptId, Call] = {}
        self.open: dict[Phone, AttemptId] = {}
        self.work: dict[tuple[str, str], Work] = {}
        self.journal: deque[Noted] = deque(maxlen=JOURNAL_LIMIT)
        self._undo: list[Callable[[], object]] = []

    def begin(self) -> None:
        """Changes can be taken back to here."""
        self._undo.clear()

    def take_back(self) -> None:
        """Undo every change to campaigns, places and calls since `begin`."""
        while self._undo:
            self._undo.pop()()

    def place(self, campaign: str, target: TargetId) -> Place:
        """Return the target's place; one that the campaign has not come to yet is ready."""
        return self.places.get((campaign, target)) or Place(self.entries[target].list)

    def target(self, campaign: str, target: TargetId) -> Target:
        """Return the target with its outcomes in the campaign."""
        entry, tries = self.entries[target], self.place(campaign, target).tries
        return Target(target, entry.number, dict(entry.variables), dict(tries))

    def save(self, campaign: StoredCampaign) -> None:
        """Keep the campaign, new or changed."""
        self._put(self.campaigns, campaign.name, campaign)

    def open_call(self, attempt: Attempt) -> None:
        """Keep a new attempt and put its target in flight."""
        place = self.places.get((attempt.campaign, attempt.target))
        if attempt.id in self.calls or attempt.number in self.open or place is None:
            raise StoreConflict("an attempt could not be opened")
        if attempt.number != self.entries[attempt.target].number:
            raise StoreConflict("a call goes to its target's own number")
        waits = (
            place.standing.state is TargetState.WAITING and (place.standing.until or 0) <= attempt.opened_at
        )
        if place.standing.state is not TargetState.READY and not waits:
            raise StoreConflict("a target to call is neither ready nor due")
        self._put(self.calls, attempt.id, Call(_still_open(attempt), place.list))
        self._put(self.open, attempt.number, attempt.id)
        self._stand(attempt, replace(place, standing=Standing(TargetState.IN_FLIGHT)))

    def progress_call(self, attempt: Attempt) -> None:
        """Keep what is known of an open attempt now."""
        self._put(self.calls, attempt.id, replace(self._open_call(attempt), attempt=_still_open(attempt)))

    def close_call(self, record: AttemptClosed) -> None:
        """Close an open attempt and give its target its new standing."""
        standing, call = record.standing, self._open_call(record.attempt)
        if standing.state is TargetState.IN_FLIGHT:
            raise StoreConflict("a target without a call cannot stay in flight")
        if (standing.state is TargetState.WAITING) != (standing.until is not None):
            raise StoreConflict("a target that waits has a time, and no other has one")
        closed = copy(record.attempt)
        closed.stage = Stage.CLOSED
        self._put(self.calls, closed.id, replace(call, attempt=closed, outcome=record.outcome))
        self._put(self.open, closed.number, None)
        self._stand(closed, Place(call.list, standing, dict(record.tries)))

    def enrol(self, campaign: str, list_name: str, count: int) -> bool:
        """Let up to `count` more targets of the list join the campaign; return whether there were any."""
        work = self.work[campaign, list_name]
        joining = self.lists[list_name].targets[work.enrolled : work.enrolled + count]
        work.enrolled += len(joining)
        work.ready.extend((target, target) for target in joining)
        self.places.update({(campaign, target): Place(list_name) for target in joining})
        return bool(joining)

    def _open_call(self, attempt: Attempt) -> Call:
        call = self.calls.get(attempt.id)
        if call is None or call.outcome is not None:
            raise StoreConflict("an attempt that goes on or ends is not open")
        return call

    def _stand(self, attempt: Attempt, place: Place) -> None:
        work = self.work[attempt.campaign, place.list]
        before = self.places[attempt.campaign, attempt.target]
        if line := work.line_of(attempt.target, before.standing):
            _leave(*line)
            self._undo.append(partial(insort, *line))
        if line := work.line_of(attempt.target, place.standing):
            insort(*line)
            self._undo.append(partial(_leave, *line))
        self._put(self.places, (attempt.campaign, attempt.target), place)

    def _put(self, table: dict[Any, Any], key: object, value: object) -> None:
        """Set the value, or take it away when None, and remember how it was."""
        self._undo.append(partial(_set, table, key, table.get(key)))
        _set(table, key, value)


def _leave(line: list[Turn], turn: Turn) -> None:
    del line[bisect_left(line, turn)]


def _set(table: dict[Any, Any], key: object, value: object) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _still_open(attempt: Attempt) -> Attempt:
    """Return a copy; an attempt whose end is not written is open, however far the engine has come since."""
    kept = copy(attempt)
    kept.stage = min(attempt.stage, Stage.LEAVING)
    return kept
