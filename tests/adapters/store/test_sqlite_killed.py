"""What was acknowledged outlives a kill, what was not is there whole or not at all."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from dialerd.adapters.sqlite import SqliteReports, SqliteStore
from dialerd.engine.messages import Noted
from dialerd.engine.ports import Reports, Store
from tests.adapters.store.making import T0, busy

ROUNDS = 6


async def killed_after(path: Path, lines: int) -> list[tuple[str, list[str]]]:
    """Let a process write to the database, kill it after so many acknowledgements, and return these."""
    command = (sys.executable, "-m", "tests.adapters.store.writer_process", str(path))
    writer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert writer.stdout is not None
    assert await writer.stdout.readline() == b"ready\n"
    said = [await writer.stdout.readline() for _ in range(lines)]
    writer.kill()
    said += (await writer.stdout.read()).splitlines(keepends=True)
    await writer.wait()
    words = [line.decode().split() for line in said if line.endswith(b"\n")]
    return [(kind, ids) for kind, *ids in words]


async def states(reports: Reports) -> Mapping[str, str]:
    """Return the state of every attempt."""
    found: dict[str, str] = {}
    last = ""
    while page := await reports.attempts({}, 1_000, last):
        found |= {shown["id"]: shown["state"] for shown in page}
        last = page[-1]["id"]
    return found


async def check(reports: Reports, opened: set[str], closed: set[str]) -> None:
    """Hold what is in the database against what was acknowledged, and its notes against its calls."""
    found = await states(reports)
    assert opened <= found.keys()
    assert {found[call] for call in closed} <= {"closed"}
    notes = await reports.journal("batch", 10_000)
    noted = {
        kind: {call for note in notes if note["kind"] == kind for call in note["text"].split()}
        for kind in ("opened", "closed")
    }
    assert noted["opened"] == found.keys()
    assert noted["closed"] == {call for call, state in found.items() if state == "closed"}


async def test_acknowledged_commits_survive_a_kill_and_nothing_is_half_there(path: Path) -> None:
    random = Random(20)
    opened: set[str] = set()
    closed: set[str] = set()
    for _ in range(ROUNDS):
        for kind, ids in await killed_after(path, random.randint(1, 60)):
            (opened if kind == "opened" else closed).update(ids)
        async with AsyncExitStack() as stack:
            store = await SqliteStore.open(path, random.getrandbits, T0)
            stack.push_async_callback(store.close)
            reports = await SqliteReports.open(path)
            stack.push_async_callback(reports.close)
            await check(reports, opened, closed)
            await end_open_calls(store)
    assert opened


async def end_open_calls(store: Store) -> None:
    """Do what a daemon does at its start, so that the next writer finds its targets."""
    calls = [call for call, _ in (await store.restore()).open_attempts]
    assert len(calls) in (0, 5)
    ids = " ".join(call.id for call in calls)
    await store.write([*(busy(c, T0, T0) for c in calls), Noted(T0, "closed", "batch", ids)])
