"""Answers to questions, through a connection of its own that cannot write."""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from dialerd.adapters.sqlite import connection
from dialerd.adapters.sqlite.answers import moment, standing_answer
from dialerd.adapters.sqlite.faults import StoreRefused, plain
from dialerd.adapters.sqlite.figures import counts_of, figures_of
from dialerd.adapters.sqlite.migrate import migrations, require_version
from dialerd.adapters.sqlite.search import WINDOW, Search, page, search, start_of
from dialerd.adapters.sqlite.units import Units
from dialerd.domain.errors import DialerError
from dialerd.domain.phone import Phone
from dialerd.engine.ports import ATTEMPTS_SHOWN, LARGEST_PAGE

CAMPAIGN = "SELECT id, name, list, state FROM campaigns WHERE name = ?"

LISTS = "SELECT name, targets, created_at FROM lists ORDER BY name"

LIST_TARGETS = """
SELECT id, number, variables FROM targets INDEXED BY targets_in_order
WHERE list = ? AND id > ? ORDER BY id LIMIT ?
"""

ROWS_OF_NUMBER = """
SELECT l.name AS list_name, t.id, t.variables
FROM lists AS l CROSS JOIN targets AS t ON t.list = l.id AND t.number = ? ORDER BY l.id
"""

STANDINGS = """
SELECT c.name AS campaign_name, ct.state, ct.reason, ct.not_before, ct.tries
FROM campaigns AS c LEFT JOIN campaign_targets AS ct ON ct.campaign = c.id AND ct.target = :target
WHERE c.list = :list OR ct.target IS NOT NULL ORDER BY c.id
"""

JOURNAL = "SELECT at, kind, subject, text FROM journal ORDER BY id DESC LIMIT :limit"

JOURNAL_OF = """
SELECT at, kind, subject, text FROM journal WHERE subject = :subject ORDER BY id DESC LIMIT :limit
"""


class SqliteReports:
    """The `Reports` of a database that a `SqliteStore` may be writing at the same time."""

    def __init__(self, units: Units, held: AsyncExitStack) -> None:
        self._units = units
        self._held = held

    @classmethod
    async def open(cls, path: Path) -> "SqliteReports":
        """Open the file for reading; `StoreRefused` where it is missing, or of another version."""
        connection.require_sqlite()
        async with AsyncExitStack() as held:
            try:
                return cls(await _open(path, held), held.pop_all())
            except sqlite3.Error as error:
                raise StoreRefused(f"{path}: {plain(error)}") from error

    async def lists(self) -> list[dict[str, Any]]:
        """Return each list by name: `name`, `targets` (how many), `created_at`."""
        rows = await self._units.run(lambda db: db.execute(LISTS).fetchall())
        return [{**dict(row), "created_at": moment(row["created_at"])} for row in rows]

    async def list_targets(self, list_name: str, limit: int, after: int) -> list[dict[str, Any]]:
        """Return targets of the list with an id above `after`, in order: `id`, `number`, `variables`."""
        _require_page(limit)
        rows = await self._units.run(lambda db: _list_targets(db, list_name, limit, after))
        return [{**dict(row), "variables": json.loads(row["variables"])} for row in rows]

    async def counts(self, campaign: str) -> dict[str, int]:
        """Return the campaign's targets by state, `ready` including those never looked at yet."""
        return await self._units.run(lambda db: _counts(db, campaign))

    async def target(self, number: Phone) -> list[dict[str, Any]]:
        """Return the number's row in each list: `list`, `target`, `number`, `variables`, `campaigns`.

        Each of `campaigns` has `campaign`, `state`, `reason`, `not_before`, `tries` (by outcome), and its
        `attempts`, latest first.
        """
        return await self._units.run(lambda db: _target(db, number))

    async def attempts(self, filters: Mapping[str, Any], limit: int, after: str) -> list[dict[str, Any]]:
        """Return attempts, latest written first, from behind the attempt `after` (empty: from the latest).

        Filters: `campaign`, `number`, `outcome`, `open`.
        """
        _require_page(limit)
        wanted = search(filters)
        below = await self._units.run(lambda db: start_of(db, after))
        found: list[dict[str, Any]] = []
        while below > 0 and len(found) < limit:
            lowest = max(below - WINDOW, 0) if wanted.is_long else 0
            found += await self._page(wanted, lowest, below, limit - len(found))
            below = lowest
        return found

    async def report(self, campaign: str) -> dict[str, Any]:
        """Return the campaign's figures, all of one moment.

        `campaign`, `list`, `state`; `attempts`, of them `open`, the others by `outcomes`; `live_answers` (a
        person answered), `abandoned`, `abandoned_percent` (of answered and abandoned, two decimals);
        `answer_to_agent_ms` with `median`, `p95`, `max` by nearest rank over ended calls; `targets` by state;
        `first_attempt_at`, `last_attempt_at`. What cannot be computed yet is null.
        """
        return await self._units.run(lambda db: _report(db, campaign))

    async def journal(self, subject: str, limit: int) -> list[dict[str, Any]]:
        """Return what was noted, latest first: `at`, `kind`, `subject`, `text`; no subject means all."""
        _require_page(limit)
        values = {"subject": subject, "limit": limit}
        rows = await self._units.run(
            lambda db: db.execute(JOURNAL_OF if subject else JOURNAL, values).fetchall()
        )
        return [{**dict(row), "at": moment(row["at"])} for row in rows]

    async def _page(self, wanted: Search, lowest: int, below: int, limit: int) -> list[dict[str, Any]]:
        return await self._units.run(lambda db: page(db, wanted, lowest, below, limit))

    async def close(self) -> None:
        """Close the connection after the questions that were asked."""
        await asyncio.shield(self._held.aclose())


async def _open(path: Path, held: AsyncExitStack) -> Units:
    units = connection.reader(path)
    await held.enter_async_context(units)
    await units.outside(partial(connection.settle, connection.READER_SETTINGS))
    known = migrations()[-1].version
    if await units.outside(partial(require_version, known)) != known:
        raise StoreRefused(f"{path} has an older version: start the daemon once to bring it forward")
    return units


def _require_page(limit: int) -> None:
    if not 1 <= limit <= LARGEST_PAGE:
        raise DialerError(f"a page has 1 to {LARGEST_PAGE} rows, not {limit}")


def _campaign(db: sqlite3.Connection, name: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(CAMPAIGN, (name,)).fetchone()
    if row is None:
        raise DialerError(f"there is no campaign {name!r}")
    return row


def _list_targets(db: sqlite3.Connection, list_name: str, limit: int, after: int) -> list[sqlite3.Row]:
    row = db.execute("SELECT id FROM lists WHERE name = ?", (list_name,)).fetchone()
    if row is None:
        raise DialerError(f"there is no list {list_name!r}")
    return db.execute(LIST_TARGETS, (row["id"], after, limit)).fetchall()


def _counts(db: sqlite3.Connection, campaign: str) -> dict[str, int]:
    return counts_of(db, (_campaign(db, campaign))["id"])


def _report(db: sqlite3.Connection, campaign: str) -> dict[str, Any]:
    row = _campaign(db, campaign)
    head = {"campaign": row["name"], "list": row["list"], "state": row["state"]}
    return head | figures_of(db, row["id"])


def _target(db: sqlite3.Connection, number: Phone) -> list[dict[str, Any]]:
    wanted = search({"number": number.e164})
    attempts = page(db, wanted, 0, start_of(db, ""), ATTEMPTS_SHOWN)
    answers = []
    for row in db.execute(ROWS_OF_NUMBER, (number.e164,)):
        standings = db.execute(STANDINGS, {"target": row["id"], "list": row["list_name"]})
        answers.append(
            {
                "list": row["list_name"],
                "target": row["id"],
                "number": number.e164,
                "variables": json.loads(row["variables"]),
                "campaigns": [_with_attempts(s, row["list_name"], attempts) for s in standings],
            }
        )
    return answers


def _with_attempts(row: sqlite3.Row, list_name: str, attempts: list[dict[str, Any]]) -> dict[str, Any]:
    standing = standing_answer(row)
    key = (standing["campaign"], list_name)
    return {**standing, "attempts": [a for a in attempts if (a["campaign"], a["list"]) == key]}
