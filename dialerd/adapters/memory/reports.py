"""Answers to questions, with the keys that the reports on SQLite name."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from dialerd.adapters.memory.books import Books, Call
from dialerd.domain.errors import DialerError
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.instant import Instant, iso
from dialerd.domain.outcome import LIVE, Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import TargetState
from dialerd.engine.messages import StoredCampaign
from dialerd.engine.ports import ATTEMPTS_SHOWN, LARGEST_PAGE


class MemoryReports:
    """The `Reports` on books."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def lists(self) -> list[dict[str, Any]]:
        """Return each list with its number of targets."""
        return [
            {"name": name, "targets": len(known.targets), "created_at": iso(known.created_at)}
            for name, known in sorted(self._books.lists.items())
        ]

    async def list_targets(self, list_name: str, limit: int, after: int) -> list[dict[str, Any]]:
        """Return targets of the list with an id above `after`, in order."""
        _require_page(limit)
        if list_name not in self._books.lists:
            raise DialerError(f"there is no list {list_name!r}")
        behind = (target for target in self._books.lists[list_name].targets if target > after)
        return [{"id": target, **self._entry(target)} for target in islice(behind, limit)]

    async def counts(self, campaign: str) -> dict[str, int]:
        """Return the campaign's targets by state, `ready` including those never looked at yet."""
        known = self._books.lists.get(self._campaign(campaign).list)
        targets = known.targets if known else []
        states = Counter(self._books.place(campaign, target).standing.state for target in targets)
        return {state.value: states[state] for state in TargetState}

    async def target(self, number: Phone) -> list[dict[str, Any]]:
        """Return the number's standing in each list and campaign, with its attempts, latest first."""
        rows = ((name, known.by_number.get(number)) for name, known in self._books.lists.items())
        of_number = (call for call in self._latest_first("") if call.attempt.number == number)
        calls = list(islice(of_number, ATTEMPTS_SHOWN))
        return [
            {
                "list": name,
                "target": target,
                **self._entry(target),
                "campaigns": self._standings(target, calls),
            }
            for name, target in rows
            if target is not None
        ]

    async def attempts(self, filters: Mapping[str, Any], limit: int, after: str) -> list[dict[str, Any]]:
        """Return attempts, latest first; filters: campaign, number, outcome, open."""
        _require_page(limit)
        _require_filters(filters)
        found = (_answer(call) for call in self._latest_first(after) if _matches(call, filters))
        return list(islice(found, limit))

    async def report(self, campaign: str) -> dict[str, Any]:
        """Return the campaign's figures: attempts by outcome, answer-to-agent times, abandonment, counts."""
        stored = self._campaign(campaign)
        calls = [call for call in self._books.calls.values() if call.attempt.campaign == campaign]
        outcomes = Counter(call.outcome for call in calls if call.outcome is not None)
        abandoned, answered = outcomes[Outcome.ABANDONED], outcomes[Outcome.ANSWERED]
        return {
            "campaign": campaign,
            "list": stored.list,
            "state": stored.life.state.value,
            "attempts": len(calls),
            "open": len(calls) - outcomes.total(),
            "outcomes": {outcome.value: outcomes[outcome] for outcome in sorted(outcomes)},
            "live_answers": sum(outcomes[outcome] for outcome in LIVE),
            "abandoned": abandoned,
            "abandoned_percent": _percent(abandoned, answered + abandoned),
            "answer_to_agent_ms": _waits(calls),
            "targets": await self.counts(campaign),
            "first_attempt_at": _moment(calls[0].attempt.opened_at if calls else None),
            "last_attempt_at": _moment(calls[-1].attempt.opened_at if calls else None),
        }

    async def journal(self, subject: str, limit: int) -> list[dict[str, Any]]:
        """Return what was noted, latest first; an empty subject means all."""
        _require_page(limit)
        notes = (note for note in reversed(self._books.journal) if not subject or note.subject == subject)
        return [
            {"at": iso(note.at), "kind": note.kind, "subject": note.subject, "text": note.text}
            for note in islice(notes, limit)
        ]

    def _campaign(self, name: str) -> StoredCampaign:
        if name not in self._books.campaigns:
            raise DialerError(f"there is no campaign {name!r}")
        return self._books.campaigns[name]

    def _entry(self, target: TargetId) -> dict[str, Any]:
        entry = self._books.entries[target]
        return {"number": entry.number.e164, "variables": dict(entry.variables)}

    def _standings(self, target: TargetId, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Return the target's standing in each campaign that has or will have to do with it."""
        list_name = self._books.entries[target].list
        return [
            self._standing(name, target, calls)
            for name, campaign in self._books.campaigns.items()
            if campaign.list == list_name or (name, target) in self._books.places
        ]

    def _standing(self, campaign: str, target: TargetId, calls: Sequence[Call]) -> dict[str, Any]:
        place = self._books.place(campaign, target)
        mine = (c for c in calls if (c.attempt.campaign, c.attempt.target) == (campaign, target))
        return {
            "campaign": campaign,
            "state": place.standing.state.value,
            "reason": place.standing.reason or None,
            "not_before": _moment(place.standing.until),
            "tries": {outcome.value: count for outcome, count in place.tries.items()},
            "attempts": [_answer(call) for call in mine],
        }

    def _latest_first(self, after: str) -> Iterator[Call]:
        """Yield the calls, latest first, from behind the attempt `after`."""
        if after and AttemptId(after) not in self._books.calls:
            raise DialerError(f"there is no attempt {after!r}")
        calls = reversed(self._books.calls.values())
        while after and next(calls).attempt.id != after:
            pass
        return calls


def _require_page(limit: int) -> None:
    if not 1 <= limit <= LARGEST_PAGE:
        raise DialerError(f"a page has 1 to {LARGEST_PAGE} rows, not {limit}")


def _require_filters(filters: Mapping[str, Any]) -> None:
    if unknown := sorted(set(filters) - {"campaign", "number", "outcome", "open"}):
        raise DialerError(f"attempts cannot be chosen by {', '.join(unknown)}")
    if "outcome" in filters and filters["outcome"] not in set(Outcome):
        raise DialerError(f"there is no outcome {filters['outcome']!r}; there are {', '.join(Outcome)}")


def _matches(call: Call, filters: Mapping[str, Any]) -> bool:
    has = {
        "campaign": call.attempt.campaign,
        "number": call.attempt.number.e164,
        "outcome": call.outcome,
        "open": call.outcome is None,
    }
    return all(has[name] == wanted for name, wanted in filters.items())


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _waits(calls: Sequence[Call]) -> dict[str, int | None]:
    """Return percentiles by nearest rank."""
    known = (call.attempt.answer_to_agent_ms for call in calls if call.outcome is Outcome.ANSWERED)
    waits = sorted(wait for wait in known if wait is not None)
    shares = {"median": 50, "p95": 95, "max": 100}
    ranks = {name: math.ceil(len(waits) * share / 100) for name, share in shares.items()}
    return {name: waits[rank - 1] if waits else None for name, rank in ranks.items()}


def _moment(instant: Instant | None) -> str | None:
    return None if instant is None else iso(instant)


def _answer(call: Call) -> dict[str, Any]:
    attempt = call.attempt
    ended_by = "dialer" if attempt.ended_by_us else None
    return {
        "id": attempt.id,
        "campaign": attempt.campaign,
        "list": call.list,
        "number": attempt.number.e164,
        "caller_id": attempt.caller_id,
        "trunk": attempt.trunk,
        "queue": attempt.queue,
        "opened_at": iso(attempt.opened_at),
        "sent_at": _moment(attempt.sent_at),
        "ringing_at": _moment(attempt.ringing_at),
        "answered_at": _moment(attempt.answered_at),
        "connected_at": _moment(attempt.connected_at),
        "ended_at": _moment(attempt.ended_at),
        "state": "open" if call.outcome is None else "closed",
        "outcome": call.outcome.value if call.outcome else None,
        "cause": attempt.cause or None,
        "cause_text": attempt.cause_text or None,
        "sip_code": attempt.sip_code,
        "agent": attempt.agent or None,
        "answer_to_agent_ms": attempt.answer_to_agent_ms,
        "message_played": attempt.message_played,
        "ended_by": "person" if attempt.remote_hangup else ended_by,
        "end_reason": attempt.ended_by_us or None,
        "note": attempt.note or None,
    }
