"""The store in memory."""

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from itertools import takewhile

from dialerd.adapters.memory.books import Books, Entry, TargetList, Turn, Work
from dialerd.adapters.memory.reports import MemoryReports
from dialerd.domain.identifiers import TargetId
from dialerd.domain.instant import Instant
from dialerd.domain.phone import Phone
from dialerd.domain.variables import merged
from dialerd.engine.messages import (
    AttemptClosed,
    AttemptOpened,
    AttemptProgressed,
    CampaignMoved,
    CampaignSaved,
    Claim,
    Claimed,
    Noted,
    Record,
    Restored,
    StoredCampaign,
)
from dialerd.engine.ports import ENROL_COUNT, LARGEST_CHUNK, Loaded, Row, StoreConflict, StoreError


class MemoryStore(MemoryReports):
    """A `Store`, and the `Reports` on it, for the installation of that name."""

    def __init__(self, installation: str) -> None:
        super().__init__(Books())
        self._installation = installation
        self._closed = False

    async def restore(self) -> Restored:
        """Return what the daemon must know to go on: campaigns in the order they were made, open attempts."""
        self._require_open()
        calls = [call.attempt for call in self._books.calls.values() if call.outcome is None]
        return Restored(
            self._installation,
            tuple(self._books.campaigns.values()),
            tuple((copy(attempt), self._books.target(attempt.campaign, attempt.target)) for attempt in calls),
        )

    async def write(self, batch: Sequence[Record]) -> None:
        """Write all records or none: `StoreConflict` when one does not fit."""
        self._require_open()
        self._books.begin()
        try:
            for record in batch:
                self._write(record)
        except StoreConflict:
            self._books.take_back()
            raise
        self._books.journal.extend(record for record in batch if isinstance(record, Noted))

    async def claim(self, claim: Claim, now: Instant) -> Claimed:
        """Return due targets: retries by due time first, then fresh ones in the list's order.

        Left out are those held, and numbers with an open attempt in any campaign. `next_due_at` is that of
        the earliest waiting target that is neither left out for those reasons nor returned here.
        """
        self._require_open()
        if claim.campaign not in self._books.campaigns:
            raise StoreConflict(f"targets were claimed for {claim.campaign!r}, which is not known")
        if claim.list not in self._books.lists:
            return Claimed(claim.campaign, (), None, open=False)
        work = self._books.work.setdefault((claim.campaign, claim.list), Work())
        due = self._pick(claim, takewhile(lambda turn: turn[0] <= now, work.waiting), claim.limit)
        fresh = self._fresh(claim, work, claim.limit - len(due))
        return Claimed(
            claim.campaign,
            tuple(self._books.target(claim.campaign, target) for target in [*due, *fresh]),
            self._next_due(claim, work, due),
            self._any_left(claim, work),
        )

    async def load_targets(self, list_name: str, rows: Sequence[Row], now: Instant) -> Loaded:
        """Add the rows to the list (made if need be); a number already in it gets the new variables too."""
        self._require_open()
        if len(rows) > LARGEST_CHUNK:
            raise ValueError(f"a chunk has at most {LARGEST_CHUNK} rows, not {len(rows)}")
        wanted: dict[Phone, dict[str, str]] = {}
        for row in rows:
            wanted[row.number] = merged(wanted.get(row.number, {}), row.variables)
        self._books.lists.setdefault(list_name, TargetList(now))
        became = Counter(self._load(list_name, number, wanted[number]) for number in wanted)
        return Loaded(became["new"], became["updated"], len(rows) - became["new"] - became["updated"])

    async def close(self) -> None:
        """Let go of the store; what it holds is gone with it."""
        self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError("the store is closed")

    def _write(self, record: Record) -> None:
        match record:
            case CampaignSaved():
                self._books.save(StoredCampaign(record.name, record.list, record.source, record.life))
            case CampaignMoved():
                if record.name not in self._books.campaigns:
                    raise StoreConflict("a campaign that moved is not known")
                self._books.save(replace(self._books.campaigns[record.name], life=record.life))
            case AttemptOpened():
                self._books.open_call(record.attempt)
            case AttemptProgressed():
                self._books.progress_call(record.attempt)
            case AttemptClosed():
                self._books.close_call(record)

    def _fresh(self, claim: Claim, work: Work, limit: int) -> list[TargetId]:
        """Return up to `limit` ready targets, letting the list join piece by piece until they are enough."""
        fresh = self._pick(claim, work.ready, limit)
        while len(fresh) < limit and self._books.enrol(claim.campaign, claim.list, ENROL_COUNT):
            fresh = self._pick(claim, work.ready, limit)
        return fresh

    def _pick(self, claim: Claim, line: Iterable[Turn], limit: int) -> list[TargetId]:
        picked: list[TargetId] = []
        for _, target in line:
            if len(picked) >= limit:
                break
            if self._is_free(claim, target):
                picked.append(target)
        return picked

    def _next_due(self, claim: Claim, work: Work, due: list[TargetId]) -> Instant | None:
        left = (until for until, target in work.waiting if target not in due and self._is_free(claim, target))
        return next(left, None)

    def _is_free(self, claim: Claim, target: TargetId) -> bool:
        return target not in claim.held and self._books.entries[target].number not in self._books.open

    def _any_left(self, claim: Claim, work: Work) -> bool:
        flying = (self._books.calls[call] for call in self._books.open.values())
        return (
            bool(work.ready or work.waiting)
            or work.enrolled < len(self._books.lists[claim.list].targets)
            or any((c.attempt.campaign, c.list) == (claim.campaign, claim.list) for c in flying)
        )

    def _load(self, list_name: str, number: Phone, variables: dict[str, str]) -> str:
        entries, known = self._books.entries, self._books.lists[list_name]
        if number not in known.by_number:
            target = TargetId(len(entries) + 1)
            known.targets.append(target)
            known.by_number[number] = target
            entries[target] = Entry(list_name, number, variables)
            return "new"
        before = entries[known.by_number[number]]
        together = merged(before.variables, variables)
        entries[known.by_number[number]] = replace(before, variables=together)
        return "unchanged" if together == before.variables else "updated"
