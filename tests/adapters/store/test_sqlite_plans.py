"""Every query of the daily work goes by an index, and costs the same however long the list is."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dialerd.adapters.sqlite import SqliteStore, attempt_rows, figures, loading, picking, records, reports
from dialerd.adapters.sqlite.search import search
from dialerd.domain.outcome import Outcome
from tests.adapters.store.making import T0, busy, claim, closed, dial, rows, saved

STATEMENTS = {
    "due": picking.DUE,
    "fresh": picking.FRESH,
    "next due": picking.NEXT_DUE,
    "any left": picking.ANY_LEFT,
    "next to enrol": picking.NEXT_TO_ENROL,
    "enrol": picking.ENROL,
    "enrolled": picking.ENROLLED,
    "known rows": loading.KNOWN,
    "change row": loading.CHANGE,
    "open": attempt_rows.OPEN,
    "progress": attempt_rows.PROGRESS,
    "close": attempt_rows.CLOSE,
    "take target": records.TAKE_TARGET,
    "settle target": records.SETTLE_TARGET,
    "move campaign": records.MOVE_CAMPAIGN,
    "trim journal": records.TRIM_JOURNAL,
    "counts": figures.COUNTS,
    "outcomes": figures.OUTCOMES,
    "span": figures.SPAN,
    "waits": figures.NTH_WAIT,
    "targets of a list": reports.LIST_TARGETS,
    "journal of a subject": reports.JOURNAL_OF,
    "attempts of a campaign": search({"campaign": "spring"}).sql,
    "attempts of a number": search({"number": "+12025550100"}).sql,
    "attempts of an outcome": search({"campaign": "spring", "outcome": "busy"}).sql,
    "attempts": search({}).sql,
}

PARAMETER = re.compile(r":[a-z]+|\?[0-9]*")

SMALL = (
    "SCAN CONSTANT ROW",
    "SCAN a USING INDEX one_open_call_a_number",
    "SCAN m",
    "SCAN j VIRTUAL TABLE",
    "SCAN json_each VIRTUAL TABLE",
    "SCAN (subquery",
)
"""What may be scanned whole: the open calls, the lists, values handed in, and a piece looked up before."""


@pytest.fixture
async def schema(path: Path) -> Path:
    """A database with nothing in it."""
    store = await SqliteStore.open(path, lambda _: 0, T0)
    await store.close()
    return path


@pytest.fixture
def db(schema: Path) -> Iterator[sqlite3.Connection]:
    """A connection to it."""
    with closing(sqlite3.connect(schema)) as connection:
        yield connection


def plan(db: sqlite3.Connection, sql: str) -> list[str]:
    """Return the steps of the statement's plan."""
    return [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {PARAMETER.sub('1', sql)}")]


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_scans_a_table_or_sorts(db: sqlite3.Connection, name: str) -> None:
    steps = plan(db, STATEMENTS[name])
    assert [s for s in steps if s.startswith("SCAN") and not s.startswith(SMALL)] == []
    assert name == "attempts of a number" or not [s for s in steps if "TEMP B-TREE" in s]


@pytest.mark.parametrize("name", ["next due", "any left", "counts", "outcomes"])
def test_what_is_counted_is_counted_in_an_index_alone(db: sqlite3.Connection, name: str) -> None:
    steps = plan(db, STATEMENTS[name])
    assert [s for s in steps if " USING INDEX targets_" in s or " USING INDEX outcomes_" in s] == []


async def steps_of_a_day(path: Path, size: int) -> dict[str, int]:
    """Return how many hundred steps SQLite's machine takes for each kind of work on a list of that size."""
    steps: Counter[str] = Counter()
    kind = "setting up"

    def count() -> int:
        steps[kind] += 1
        return 0

    store = await SqliteStore.open(path, lambda _: 0, T0)
    try:
        await store._units.run(lambda db: db.set_progress_handler(count, 100))
        for start in range(0, size, 1_000):
            await store.load_targets("people", rows(1_000, start=start), T0)
        await store.write([saved()])
        half_done = await dial(store, size // 2)
        await store.write([busy(call, T0, T0 + 60_000 + n) for n, call in enumerate(half_done[::2])])
        await store.write([closed(call, Outcome.ANSWERED, None) for call in half_done[1::2]])
        kind = "fresh"
        held = frozenset(target.id for target in (await claim(store, 200)).targets)
        kind = "fresh with others held"
        await claim(store, 200, held=held)
        kind = "retries"
        retries = await claim(store, 200, now=T0 + 60_200)
        assert retries.next_due_at is None or retries.next_due_at > T0 + 60_000
        kind = "a call"
        (call,) = await dial(store, 1)
        await store.write([closed(call, Outcome.ANSWERED, None)])
        kind = "a chunk of an import"
        await store.load_targets("people", rows(500, start=size), T0)
    finally:
        await store.close()
    return dict(steps)


async def test_a_long_list_costs_no_more_than_a_short_one(tmp_path: Path) -> None:
    short = await steps_of_a_day(tmp_path / "short.db", 4_000)
    long = await steps_of_a_day(tmp_path / "long.db", 16_000)
    assert long["setting up"] > 3 * short["setting up"]
    for kind in ("fresh", "fresh with others held", "retries", "a call", "a chunk of an import"):
        assert long[kind] <= 1.1 * short[kind] + 2, kind
