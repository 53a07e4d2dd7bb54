"""The journal in the log: what the engine recorded, at most four lines a call and none for a mere event."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from structlog.typing import FilteringBoundLogger

from dialerd.domain.attempt import Attempt
from dialerd.domain.identifiers import is_attempt_id
from dialerd.domain.instant import Instant, iso
from dialerd.engine import messages as m

WARNINGS = frozenset({"database", "link_lost", "recovered", "stray_channel"})
"""Kinds of notes that somebody should look at."""

TOLD_OTHERWISE = frozenset({"campaign"})
"""Kinds of notes that repeat a record which has a line of its own."""

Fields = Mapping[str, Any]


class JournalLog:
    """Writes a line for each record worth one; numbers are masked by the log itself."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log

    def write(self, records: Iterable[m.Record]) -> None:
        """Log the records of a cycle, once they are committed."""
        for record in records:
            line = _LINES.get(type(record))
            if line is not None:
                line(self._log, record)


def _opened(log: FilteringBoundLogger, record: m.AttemptOpened) -> None:
    attempt = record.attempt
    log.info("attempt opened", **_call(attempt), trunk=attempt.trunk, caller_id=attempt.caller_id)


def _closed(log: FilteringBoundLogger, record: m.AttemptClosed) -> None:
    standing = record.standing
    until = None if standing.until is None else iso(standing.until)
    fields = {
        **_call(record.attempt),
        "outcome": record.outcome.value,
        **_network(record.attempt),
        **_times(record.attempt),
        "target_is": standing.state.value,
        "because": standing.reason,
        "until": until,
    }
    log.info("attempt closed", **_known(fields))


def _saved(log: FilteringBoundLogger, record: m.CampaignSaved) -> None:
    log.info("campaign saved", campaign=record.name, list=record.list, state=record.life.state.value)


def _moved(log: FilteringBoundLogger, record: m.CampaignMoved) -> None:
    fields = {"campaign": record.name, "state": record.life.state.value, "because": record.life.reason}
    log.info("campaign moved", **_known(fields))


def _noted(log: FilteringBoundLogger, record: m.Noted) -> None:
    if record.kind in TOLD_OTHERWISE:
        return
    key = "attempt" if is_attempt_id(record.subject) else "subject"
    say = log.warning if record.kind in WARNINGS else log.info
    say(record.kind, **{key: record.subject}, text=record.text)


_LINES: Mapping[type[m.Record], Callable[[FilteringBoundLogger, Any], None]] = {
    m.AttemptOpened: _opened,
    m.AttemptClosed: _closed,
    m.CampaignSaved: _saved,
    m.CampaignMoved: _moved,
    m.Noted: _noted,
}
"""Record -> its line; a record that is not in it has none."""


def _call(attempt: Attempt) -> Fields:
    return {
        "attempt": attempt.id,
        "campaign": attempt.campaign,
        "target": attempt.target,
        "number": attempt.number,
    }


def _network(attempt: Attempt) -> Fields:
    return {
        "cause": attempt.cause,
        "sip_code": attempt.sip_code,
        "agent": attempt.agent,
        "ended_by_us": attempt.ended_by_us,
        "note": attempt.note,
    }


def _times(attempt: Attempt) -> Fields:
    """Return how long it rang, waited for an agent, and talked."""
    return {
        "ring_ms": _span(attempt.ringing_at, attempt.answered_at or attempt.ended_at),
        "answer_to_agent_ms": attempt.answer_to_agent_ms,
        "talk_ms": _span(attempt.connected_at, attempt.ended_at),
    }


def _span(start: Instant | None, end: Instant | None) -> int | None:
    return None if start is None or end is None else end - start


def _known(fields: Fields) -> Fields:
    return {key: value for key, value in fields.items() if value not in (None, "")}
