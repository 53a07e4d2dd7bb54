"""Picking the targets to call next, at the same cost in a list of thousands and of millions."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from dialerd.domain.identifiers import TargetId
from dialerd.domain.instant import Instant
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Target
from dialerd.engine.messages import Claim, Claimed
from dialerd.engine.ports import ENROL_COUNT, StoreConflict

_FREE = """
    AND ct.target NOT IN (SELECT value FROM json_each(:held))
    AND NOT EXISTS (SELECT 1 FROM attempts AS a WHERE a.number = t.number AND a.state = 'open')
"""

_WAITING = f"""
FROM campaign_targets AS ct INDEXED BY targets_waiting CROSS JOIN targets AS t ON t.id = ct.target
WHERE ct.campaign = :campaign AND ct.list = :list AND ct.state = 'waiting' {_FREE}
"""

_READY = f"""
FROM campaign_targets AS ct INDEXED BY targets_ready CROSS JOIN targets AS t ON t.id = ct.target
WHERE ct.campaign = :campaign AND ct.list = :list AND ct.state = 'ready' {_FREE}
"""

_TARGET = "SELECT ct.target, t.number, t.variables, ct.tries"

DUE = f"{_TARGET} {_WAITING} AND ct.not_before <= :now ORDER BY ct.not_before, ct.target LIMIT :limit"

FRESH = f"{_TARGET} {_READY} ORDER BY ct.target LIMIT :limit"

NEXT_DUE = f"SELECT ct.not_before {_WAITING} ORDER BY ct.not_before, ct.target LIMIT 1"

ANY_LEFT = """
SELECT EXISTS (SELECT 1 FROM campaign_targets INDEXED BY targets_ready
        WHERE campaign = :campaign AND list = :list AND state = 'ready')
    OR EXISTS (SELECT 1 FROM campaign_targets INDEXED BY targets_waiting
        WHERE campaign = :campaign AND list = :list AND state = 'waiting')
    OR EXISTS (SELECT 1 FROM attempts AS a INDEXED BY one_open_call_a_number
        CROSS JOIN targets AS t ON t.id = a.target
        WHERE a.state = 'open' AND a.campaign = :campaign AND t.list = :list)
    OR EXISTS (SELECT 1 FROM targets INDEXED BY targets_in_order WHERE list = :list AND id > coalesce(
        (SELECT upto FROM enrolments WHERE campaign = :campaign AND list = :list), 0))
"""

NEXT_TO_ENROL = """
SELECT max(id), count(*) FROM (SELECT id FROM targets INDEXED BY targets_in_order
    WHERE list = :list AND id > coalesce(
        (SELECT upto FROM enrolments WHERE campaign = :campaign AND list = :list), 0)
    ORDER BY id LIMIT :limit)
"""

ENROL = """
INSERT INTO campaign_targets (campaign, list, target)
SELECT :campaign, :list, id FROM targets INDEXED BY targets_in_order
WHERE list = :list AND id <= :upto AND id > coalesce(
    (SELECT upto FROM enrolments WHERE campaign = :campaign AND list = :list), 0) ORDER BY id
"""

ENROLLED = """
INSERT INTO enrolments (campaign, list, upto, enrolled) VALUES (:campaign, :list, :upto, :count)
ON CONFLICT (campaign, list) DO UPDATE SET upto = excluded.upto, enrolled = enrolled + excluded.enrolled
"""


@dataclass(frozen=True, slots=True)
class _Work:
    """A campaign's work on a list."""

    db: sqlite3.Connection
    campaign: int
    on: int

    def ask(self, sql: str, **values: object) -> list[sqlite3.Row]:
        """Return all rows; each query is bounded by its own limit."""
        return self.db.execute(sql, {"campaign": self.campaign, "list": self.on, **values}).fetchall()


def pick(claim: Claim, now: Instant, db: sqlite3.Connection) -> Claimed:
    """Return the targets of the claim; more of the list joins the campaign when too few are ready."""
    campaign = db.execute("SELECT id FROM campaigns WHERE name = ?", (claim.campaign,)).fetchone()
    if campaign is None:
        raise StoreConflict(f"targets were claimed for {claim.campaign!r}, which is not known")
    on_list = db.execute("SELECT id FROM lists WHERE name = ?", (claim.list,)).fetchone()
    if on_list is None:
        return Claimed(claim.campaign, (), None, open=False)
    work = _Work(db, campaign["id"], on_list["id"])
    due = work.ask(DUE, held=_json(claim.held), now=now, limit=claim.limit)
    fresh = _fresh(work, claim.limit - len(due), claim.held)
    targets = tuple(target_of(row) for row in [*due, *fresh])
    out = _json(claim.held.union(target.id for target in targets))
    next_due = work.ask(NEXT_DUE, held=out)
    ((is_open,),) = work.ask(ANY_LEFT)
    next_due_at = next_due[0]["not_before"] if next_due else None
    return Claimed(claim.campaign, targets, next_due_at, bool(is_open))


def target_of(row: sqlite3.Row) -> Target:
    """Return the target of a row with its columns `target`, `number`, `variables` and `tries`."""
    tries = {Outcome(word): count for word, count in json.loads(row["tries"]).items()}
    return Target(TargetId(row["target"]), Phone(row["number"]), json.loads(row["variables"]), tries)


def _fresh(work: _Work, limit: int, held: frozenset[TargetId]) -> list[sqlite3.Row]:
    """Return up to `limit` ready targets, letting the list join piece by piece until they are enough."""
    rows = work.ask(FRESH, held=_json(held), limit=limit)
    while len(rows) < limit and _enrol(work):
        rows = work.ask(FRESH, held=_json(held), limit=limit)
    return rows


def _enrol(work: _Work) -> bool:
    """Let the next piece of the list join; return whether there was one."""
    ((upto, count),) = work.ask(NEXT_TO_ENROL, limit=ENROL_COUNT)
    if not count:
        return False
    work.ask(ENROL, upto=upto)
    work.ask(ENROLLED, upto=upto, count=count)
    return True


def _json(ids: Iterable[TargetId]) -> str:
    return json.dumps(list(ids))
