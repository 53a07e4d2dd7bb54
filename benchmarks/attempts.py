"""What writing one attempt costs, from its opening to its end, on disk with every commit synced.

The floor is plain sqlite3 with ready-made values and two tables without a single check: insert all facts
of the attempt and mark its target, later update both, each in a transaction shared by a group. Ours is the
store's `write` of the same groups: it makes the values of the records, crosses to its thread, sees to it
that each row changed as it must, and keeps the indexes that claims and reports need.

    python benchmarks/attempts.py [--quick] [--check]
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import fields
from pathlib import Path

from dialerd.adapters.sqlite import SqliteStore
from dialerd.domain.attempt import Attempt, Stage
from dialerd.domain.campaign import CampaignState, Life
from dialerd.domain.identifiers import TargetId, new_attempt_id
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, TargetState
from dialerd.engine.messages import AttemptClosed, AttemptOpened, CampaignSaved, Claim
from dialerd.engine.ports import Row

GROUP_GOAL, ALONE_GOAL = 3.0, 3.0
"""What we promise in groups of 100 and one by one; `--check` allows a fifth more on a shared machine."""
LEEWAY = 1.2

NOW = 1_700_000_000_000

FACTS = [field.name for field in fields(Attempt)]
"""All that is known of an attempt; its id comes first."""

TABLES = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "CREATE TABLE targets (id INTEGER PRIMARY KEY, number TEXT UNIQUE, state TEXT, not_before INTEGER)",
    "CREATE INDEX due ON targets (state, not_before)",
    f"CREATE TABLE attempts ({', '.join(FACTS)}, outcome, PRIMARY KEY (id))",
)
OPEN = f"INSERT INTO attempts VALUES ({', '.join('?' * len(FACTS))}, NULL)"
CLOSE = f"UPDATE attempts SET {', '.join(f'{name} = ?' for name in FACTS[1:])}, outcome = ? WHERE id = ?"
TAKE = "UPDATE targets SET state = 'in_flight' WHERE id = ? AND state = 'ready'"
SETTLE = "UPDATE targets SET state = 'done' WHERE id = ? AND state = 'in_flight'"

Values = list[tuple[object, ...]]


def number(n: int) -> str:
    """Return a number; numbers come in no order."""
    return f"+1{2_000_000_000 + n * 7_919_993 % 1_000_000_007}"


def floor(folder: Path, targets: int, attempts: int, group: int) -> float:
    """Return the CPU microseconds of one attempt by plain sqlite3."""
    bits = random.Random(1)
    calls = [call(bits, n, number(n)) for n in range(attempts)]
    opened = [facts(one) for one in calls]
    closed = [(*facts(ended(one).attempt)[1:], "answered", one.id) for one in calls]
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as db:
        for statement in TABLES:
            db.execute(statement)
        db.execute("BEGIN")
        rows = ((n, number(n), "ready", None) for n in range(targets))
        db.executemany("INSERT INTO targets VALUES (?, ?, ?, ?)", rows)
        db.execute("COMMIT")
        begun = time.process_time()
        for first in range(0, attempts, group):
            ids: Values = [(n,) for n in range(first, first + group)]
            write_group(db, (OPEN, opened[first : first + group]), (TAKE, ids))
            write_group(db, (CLOSE, closed[first : first + group]), (SETTLE, ids))
        return (time.process_time() - begun) * 1e6 / attempts


def write_group(db: sqlite3.Connection, *changes: tuple[str, Values]) -> None:
    """Make the changes in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    for sql, values in changes:
        db.executemany(sql, values)
    db.execute("COMMIT")


def facts(one: Attempt) -> tuple[object, ...]:
    """Return all that is known of the attempt in types that SQLite takes as they are."""
    values = (getattr(one, name) for name in FACTS)
    return tuple(
        value.e164 if isinstance(value, Phone) else int(value) if isinstance(value, int) else value
        for value in values
    )


async def ours(folder: Path, targets: int, attempts: int, group: int) -> float:
    """Return the CPU microseconds of one attempt by the store."""
    bits = random.Random(1)
    store = await SqliteStore.open(folder / "ours.db", bits.getrandbits, NOW)
    try:
        calls = await prepared(store, targets, attempts, bits)
        begun = time.process_time()
        for first in range(0, attempts, group):
            await store.write([AttemptOpened(one) for one in calls[first : first + group]])
            await store.write([ended(one) for one in calls[first : first + group]])
        return (time.process_time() - begun) * 1e6 / attempts
    finally:
        await store.close()


async def prepared(store: SqliteStore, targets: int, attempts: int, bits: random.Random) -> list[Attempt]:
    """Fill the store and return an attempt for each of the first targets of the list."""
    for first in range(0, targets, 2_000):
        rows = [Row(Phone(number(n)), {}) for n in range(first, min(first + 2_000, targets))]
        await store.load_targets("people", rows, NOW)
    await store.write([CampaignSaved("spring", "people", "", Life(CampaignState.RUNNING), NOW)])
    claimed = await store.claim(Claim("spring", "people", attempts, frozenset()), NOW)
    return [call(bits, target.id, target.number.e164) for target in claimed.targets]


def call(bits: random.Random, target: int, e164: str) -> Attempt:
    """Return an attempt that was just opened."""
    names = ("carrier", "sales", "12025550100")
    attempt_id = new_attempt_id("abc123", bits.getrandbits)
    return Attempt(attempt_id, "spring", TargetId(target), Phone(e164), *names, NOW, 2_000)


def ended(one: Attempt) -> AttemptClosed:
    """Return the record of the call's end."""
    one.stage, one.channel, one.agent, one.cause = Stage.CLOSED, "PJSIP/carrier-00000001", "PJSIP/101", 16
    one.answered_at, one.connected_at, one.ended_at = NOW, NOW + 9, NOW + 99
    return AttemptClosed(one, Outcome.ANSWERED, {Outcome.ANSWERED: 1}, Standing(TargetState.DONE, "answered"))


def best(targets: int, attempts: int, group: int, rounds: int) -> tuple[float, float]:
    """Return the floor's and our CPU microseconds, each the least of several rounds in turn."""
    floors, costs = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            floors.append(floor(Path(folder), targets, attempts, group))
            costs.append(asyncio.run(ours(Path(folder), targets, attempts, group)))
    return min(floors), min(costs)


def main() -> int:
    """Print one line for each figure; 1 if `--check` was given and a figure is far from its goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="less than 10 seconds")
    parser.add_argument("--check", action="store_true", help="fail when a figure is far from its goal")
    options = parser.parse_args()
    targets, attempts, rounds = (20_000, 4_000, 2) if options.quick else (100_000, 20_000, 3)
    failed = False
    for name, group, share, goal in (
        ("attempts_in_groups_of_100", 100, 1, GROUP_GOAL),
        ("attempts_one_by_one", 1, 10, ALONE_GOAL),
    ):
        least, cost = best(targets, attempts // share, group, rounds)
        print(f"{name} {cost:.1f} us/attempt (floor {least:.1f}, ratio {cost / least:.2f}, goal {goal:g})")
        failed |= cost / least > goal * LEEWAY
    return int(options.check and failed)


if __name__ == "__main__":
    sys.exit(main())
