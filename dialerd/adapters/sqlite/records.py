"""Writing the engine's records: many of a kind by one statement, what belongs together in its order."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialerd.adapters.sqlite.attempt_rows import (
    CLOSE,
    OPEN,
    PROGRESS,
    Values,
    storable,
    to_close,
    to_open,
    to_progress,
)
from dialerd.domain.target import TargetState
from dialerd.engine.messages import (
    AttemptClosed,
    AttemptOpened,
    AttemptProgressed,
    CampaignMoved,
    CampaignSaved,
    Noted,
    Record,
)
from dialerd.engine.ports import JOURNAL_LIMIT, StoreConflict

SAVE_CAMPAIGN = """
INSERT INTO campaigns (name, list, source, state, then_state, reason, created_at, changed_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
ON CONFLICT (name) DO UPDATE SET
    list = excluded.list, source = excluded.source, state = excluded.state,
    then_state = excluded.then_state, reason = excluded.reason, changed_at = excluded.changed_at
"""

MOVE_CAMPAIGN = "UPDATE campaigns SET state = ?, then_state = ?, reason = ?, changed_at = ? WHERE name = ?"

TAKE_TARGET = """
UPDATE campaign_targets SET state = 'in_flight', reason = '', not_before = NULL
WHERE campaign = (SELECT id FROM campaigns WHERE name = ?) AND target = ? AND state IN ('ready', 'waiting')
    AND (not_before IS NULL OR not_before <= ?)
"""

SETTLE_TARGET = """
UPDATE campaign_targets SET state = ?, reason = ?, not_before = ?, tries = ?
WHERE campaign = (SELECT id FROM campaigns WHERE name = ?) AND target = ? AND state = 'in_flight'
"""

NOTE = "INSERT INTO journal (at, kind, subject, text) VALUES (?, ?, ?, ?)"

TRIM_JOURNAL = "DELETE FROM journal WHERE id <= (SELECT max(id) FROM journal) - ?"


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that must change exactly one row for each record, and what it means when it does not."""

    sql: str
    values: Callable[[Any], Values]
    otherwise: str


def _saved(record: CampaignSaved) -> Values:
    life = record.life
    return (
        record.name,
        record.list,
        storable(record.source),
        life.state.value,
        life.then and life.then.value,
        storable(life.reason),
        record.at,
    )


def _moved(record: CampaignMoved) -> Values:
    life = record.life
    return life.state.value, life.then and life.then.value, storable(life.reason), record.at, record.name


def _taken(record: AttemptOpened) -> Values:
    return record.attempt.campaign, record.attempt.target, record.attempt.opened_at


def _settled(record: AttemptClosed) -> Values:
    standing = record.standing
    if standing.state is TargetState.IN_FLIGHT:
        raise StoreConflict("a target without a call cannot stay in flight")
    tries = ",".join(f'"{outcome.value}":{count}' for outcome, count in record.tries.items())
    attempt = record.attempt
    return (
        standing.state.value,
        storable(standing.reason),
        standing.until,
        f"{{{tries}}}",
        attempt.campaign,
        attempt.target,
    )


def _noted(record: Noted) -> Values:
    return record.at, record.kind, storable(record.subject), storable(record.text)


CHANGES: Mapping[type[Record], tuple[Change, ...]] = {
    CampaignSaved: (Change(SAVE_CAMPAIGN, _saved, "a campaign could not be saved"),),
    CampaignMoved: (Change(MOVE_CAMPAIGN, _moved, "a campaign that moved is not known"),),
    AttemptClosed: (
        Change(CLOSE, lambda r: to_close(r.attempt, r.outcome), "an attempt to close is not open"),
        Change(SETTLE_TARGET, _settled, "the target of an attempt to close is not in flight"),
    ),
    AttemptOpened: (
        Change(OPEN, lambda r: to_open(r.attempt), "an attempt could not be opened"),
        Change(TAKE_TARGET, _taken, "a target to call is neither ready nor due"),
    ),
    AttemptProgressed: (
        Change(PROGRESS, lambda r: to_progress(r.attempt), "an attempt that goes on is not open"),
    ),
    Noted: (Change(NOTE, _noted, "a note could not be written"),),
}
"""What each kind of record changes; within a round the kinds are written in this order."""

Round = dict[type[Record], list[Record]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change with the values of all its records."""

    change: Change
    values: list[Values]


def prepared(records: Sequence[Record]) -> list[Prepared]:
    """Return the changes for the records, with what the records say at this moment."""
    return [
        Prepared(change, [change.values(record) for record in one_round[kind]])
        for one_round in _rounds(records)
        for kind, changes in CHANGES.items()
        if kind in one_round
        for change in changes
    ]


def write(batch: Sequence[Prepared], db: sqlite3.Connection) -> None:
    """Make the changes; `StoreConflict` where one does not change exactly the rows that it must."""
    for one in batch:
        changed = db.executemany(one.change.sql, one.values).rowcount
        if changed != len(one.values):
            raise StoreConflict(f"{one.change.otherwise} ({changed} of {len(one.values)} rows)")
    if any(one.change.sql is NOTE for one in batch):
        db.execute(TRIM_JOURNAL, (JOURNAL_LIMIT,))


def _rounds(records: Sequence[Record]) -> Iterator[Round]:
    """Split the records so that in each round all that concern one subject are of one kind.

    Then a round may be written kind by kind: records change places only with those of other subjects.
    """
    current: Round = {}
    seen: dict[str, type[Record]] = {}
    for record in records:
        kind, subject = type(record), _subject(record)
        if seen.setdefault(subject, kind) is not kind:
            yield current
            current, seen = {}, {subject: kind}
        current.setdefault(kind, []).append(record)
    yield current


def _subject(record: Record) -> str:
    """Return what the record concerns; a number stands for its target and all its calls."""
    if isinstance(record, AttemptOpened | AttemptProgressed | AttemptClosed):
        return record.attempt.number.e164
    if isinstance(record, CampaignSaved | CampaignMoved):
        return f"campaign {record.name}"
    return "journal"
