"""An attempt as a row, and back."""

import sqlite3
from typing import Any

from dialerd.domain.attempt import Attempt, Stage
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone

Values = tuple[Any, ...]

OPEN = """
INSERT INTO attempts (
    stage, sent_at, channel, ringing_at, answered_at, held_at, connected_at, agent, limit_at, message_played,
    ended_at, cause, cause_text, sip_code, remote_hangup, timed_out, adopted, not_sent,
    ended_by_us, note,
    id, number, campaign, target, trunk, queue, caller_id, opened_at, max_wait_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?22, (SELECT id FROM campaigns WHERE name = ?), (SELECT id FROM targets WHERE id = ? AND number = ?22),
    ?, ?, ?, ?, ?)
"""
"""A call goes to its target's own number, or it is refused."""

PROGRESS = """
UPDATE attempts SET
    stage = ?, sent_at = ?, channel = ?, ringing_at = ?, answered_at = ?, held_at = ?, connected_at = ?,
    agent = ?, limit_at = ?, message_played = ?, ended_at = ?, cause = ?, cause_text = ?, sip_code = ?,
    remote_hangup = ?, timed_out = ?, adopted = ?, not_sent = ?, ended_by_us = ?, note = ?
WHERE id = ? AND state = 'open'
"""

CLOSE = """
UPDATE attempts SET
    stage = ?, sent_at = ?, channel = ?, ringing_at = ?, answered_at = ?, held_at = ?, connected_at = ?,
    agent = ?, limit_at = ?, message_played = ?, ended_at = ?, cause = ?, cause_text = ?, sip_code = ?,
    remote_hangup = ?, timed_out = ?, adopted = ?, not_sent = ?, ended_by_us = ?, note = ?,
    outcome = ?, state = 'closed'
WHERE id = ? AND state = 'open'
"""

STILL_OPEN = """
SELECT a.*, c.name AS campaign_name, t.variables, ct.tries
FROM attempts AS a
JOIN campaigns AS c ON c.id = a.campaign
JOIN targets AS t ON t.id = a.target
JOIN campaign_targets AS ct ON ct.campaign = a.campaign AND ct.target = a.target
WHERE a.state = 'open'
ORDER BY a.seq
"""


def to_open(attempt: Attempt) -> Values:
    """Return the values of `OPEN`."""
    return (
        *_facts(attempt, _open_stage(attempt)),
        attempt.id,
        attempt.number.e164,
        attempt.campaign,
        attempt.target,
        attempt.trunk,
        attempt.queue,
        attempt.caller_id,
        attempt.opened_at,
        attempt.max_wait_ms,
    )


def to_progress(attempt: Attempt) -> Values:
    """Return the values of `PROGRESS`."""
    return (*_facts(attempt, _open_stage(attempt)), attempt.id)


def to_close(attempt: Attempt, outcome: Outcome) -> Values:
    """Return the values of `CLOSE`."""
    return (*_facts(attempt, int(Stage.CLOSED)), outcome.value, attempt.id)


def attempt_of(row: sqlite3.Row) -> Attempt:
    """Return the attempt of a row of `STILL_OPEN`."""
    return Attempt(
        id=AttemptId(row["id"]),
        campaign=row["campaign_name"],
        target=TargetId(row["target"]),
        number=Phone(row["number"]),
        trunk=row["trunk"],
        queue=row["queue"],
        caller_id=row["caller_id"],
        opened_at=row["opened_at"],
        max_wait_ms=row["max_wait_ms"],
        stage=Stage(row["stage"]),
        sent_at=row["sent_at"],
        channel=row["channel"],
        ringing_at=row["ringing_at"],
        answered_at=row["answered_at"],
        held_at=row["held_at"],
        connected_at=row["connected_at"],
        agent=row["agent"],
        limit_at=row["limit_at"],
        message_played=bool(row["message_played"]),
        ended_at=row["ended_at"],
        cause=row["cause"],
        cause_text=row["cause_text"],
        sip_code=row["sip_code"],
        remote_hangup=bool(row["remote_hangup"]),
        timed_out=bool(row["timed_out"]),
        adopted=bool(row["adopted"]),
        not_sent=bool(row["not_sent"]),
        ended_by_us=row["ended_by_us"],
        note=row["note"],
    )


def storable(text: str) -> str:
    """Return the text with what UTF-8 cannot hold spelled out: a stranger's bytes must not stop a commit."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _open_stage(attempt: Attempt) -> int:
    """An attempt whose end is not written is open, however far the engine has come with it since."""
    return int(min(attempt.stage, Stage.LEAVING))


def _facts(attempt: Attempt, stage: int) -> Values:
    return (
        stage,
        attempt.sent_at,
        storable(attempt.channel),
        attempt.ringing_at,
        attempt.answered_at,
        attempt.held_at,
        attempt.connected_at,
        storable(attempt.agent),
        attempt.limit_at,
        int(attempt.message_played),
        attempt.ended_at,
        attempt.cause,
        storable(attempt.cause_text),
        attempt.sip_code,
        int(attempt.remote_hangup),
        int(attempt.timed_out),
        int(attempt.adopted),
        int(attempt.not_sent),
        storable(attempt.ended_by_us),
        storable(attempt.note),
    )
