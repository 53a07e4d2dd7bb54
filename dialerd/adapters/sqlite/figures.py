"""A campaign's figures, exact, from indexes alone."""

import math
import sqlite3
from typing import Any

from dialerd.adapters.sqlite.answers import moment
from dialerd.domain.outcome import LIVE, Outcome

COUNTS = """
SELECT coalesce(l.targets, 0) AS listed, coalesce(e.enrolled, 0) AS enrolled,
    (SELECT count(*) FROM campaign_targets INDEXED BY targets_ready
        WHERE campaign = c.id AND list = l.id AND state = 'ready') AS ready,
    (SELECT count(*) FROM attempts AS a INDEXED BY one_open_call_a_number
        CROSS JOIN targets AS t ON t.id = a.target
        WHERE a.state = 'open' AND a.campaign = c.id AND t.list = l.id) AS in_flight,
    (SELECT count(*) FROM campaign_targets INDEXED BY targets_waiting
        WHERE campaign = c.id AND list = l.id AND state = 'waiting') AS waiting
FROM campaigns AS c
LEFT JOIN lists AS l ON l.name = c.list
LEFT JOIN enrolments AS e ON e.campaign = c.id AND e.list = l.id
WHERE c.id = ?
"""

OPEN_CALLS = """
SELECT count(*) FROM attempts INDEXED BY one_open_call_a_number WHERE state = 'open' AND campaign = ?
"""

OUTCOMES = """
SELECT outcome, count(*) FROM attempts INDEXED BY outcomes_of_campaign
WHERE campaign = ? AND outcome IS NOT NULL GROUP BY outcome
"""

SPAN = """
SELECT (SELECT opened_at FROM attempts INDEXED BY attempts_of_campaign
        WHERE campaign = ?1 ORDER BY seq LIMIT 1),
    (SELECT opened_at FROM attempts INDEXED BY attempts_of_campaign
        WHERE campaign = ?1 ORDER BY seq DESC LIMIT 1)
"""

_CONNECTED = """
FROM attempts INDEXED BY outcomes_of_campaign
WHERE campaign = ? AND outcome = 'answered' AND answer_to_agent_ms IS NOT NULL
"""

HOW_MANY_CONNECTED = f"SELECT count(*) {_CONNECTED}"

NTH_WAIT = f"SELECT answer_to_agent_ms {_CONNECTED} ORDER BY answer_to_agent_ms LIMIT 1 OFFSET ?"


def counts_of(db: sqlite3.Connection, campaign: int) -> dict[str, int]:
    """Return the number of targets by state; what the campaign has not come to yet is ready."""
    (row,) = db.execute(COUNTS, (campaign,))
    pending = row["ready"] + row["in_flight"] + row["waiting"]
    return {
        "ready": row["ready"] + row["listed"] - row["enrolled"],
        "in_flight": row["in_flight"],
        "waiting": row["waiting"],
        "done": row["enrolled"] - pending,
    }


def figures_of(db: sqlite3.Connection, campaign: int) -> dict[str, Any]:
    """Return what `report` promises, but for the campaign's name, list and state."""
    outcomes = {str(word): int(count) for word, count in db.execute(OUTCOMES, (campaign,))}
    ((open_calls,),) = db.execute(OPEN_CALLS, (campaign,))
    ((first, last),) = db.execute(SPAN, (campaign,))
    abandoned, answered = outcomes.get(Outcome.ABANDONED, 0), outcomes.get(Outcome.ANSWERED, 0)
    return {
        "attempts": open_calls + sum(outcomes.values()),
        "open": open_calls,
        "outcomes": outcomes,
        "live_answers": sum(outcomes.get(outcome, 0) for outcome in LIVE),
        "abandoned": abandoned,
        "abandoned_percent": percent(abandoned, answered + abandoned),
        "answer_to_agent_ms": _waits(db, campaign),
        "targets": counts_of(db, campaign),
        "first_attempt_at": moment(first),
        "last_attempt_at": moment(last),
    }


def percent(part: int, whole: int) -> float | None:
    """Return the part in percent to two decimals, None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def _waits(db: sqlite3.Connection, campaign: int) -> dict[str, int | None]:
    """Return percentiles by nearest rank: each is a wait that some person really had."""
    ((count,),) = db.execute(HOW_MANY_CONNECTED, (campaign,))
    ranks = {"median": math.ceil(count * 50 / 100), "p95": math.ceil(count * 95 / 100), "max": count}
    return {name: _nth_wait(db, campaign, rank) if count else None for name, rank in ranks.items()}


def _nth_wait(db: sqlite3.Connection, campaign: int, rank: int) -> int:
    ((wait_ms,),) = db.execute(NTH_WAIT, (campaign, rank - 1))
    return int(wait_ms)
