"""What the store does when the disk, the lock or the caller fails in the middle."""

import asyncio
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dialerd.adapters.sqlite import SqliteStore
from dialerd.engine.messages import AttemptOpened, Noted, Record
from dialerd.engine.ports import Store, StoreError
from tests.adapters.store.conftest import Kept
from tests.adapters.store.making import T0, attempt, busy, claim, dial, number, rows, saved


async def pragma(store: Store, text: str) -> int:
    """Set or read something on the connection that writes."""
    assert isinstance(store, SqliteStore)
    ((value,),) = await store._units.run(lambda db: db.execute(f"PRAGMA {text}").fetchall())
    return int(value)


async def ready(kept: Kept, count: int = 50) -> Store:
    """Return the store with a list and a campaign."""
    await kept.store.load_targets("people", rows(count), T0)
    await kept.store.write([saved()])
    return kept.store


def notes(count: int) -> list[Record]:
    """Return notes that need room."""
    return [Noted(T0, "kind", "subject", "x" * 4_000) for _ in range(count)]


async def test_a_full_disk_undoes_the_batch_and_the_same_batch_is_written_later(sqlite: Kept) -> None:
    store = await ready(sqlite)
    (target,) = (await claim(store, 1)).targets
    batch = [AttemptOpened(attempt(target)), *notes(50)]
    await pragma(store, f"max_page_count = {await pragma(store, 'page_count') + 2}")
    for _ in range(3):
        with pytest.raises(StoreError, match="the disk is full"):
            await store.write(batch)
    with pytest.raises(StoreError, match="the disk is full"):
        await store.load_targets("people", rows(2_000, start=100), T0)
    assert (await store.restore()).open_attempts == ()
    assert await sqlite.reports.journal("", 10) == []
    assert [known["targets"] for known in await sqlite.reports.lists()] == [50]
    await pragma(store, "max_page_count = 1000000")
    await store.write(batch)
    assert len((await store.restore()).open_attempts) == 1
    assert len(await sqlite.reports.journal("", 100)) == 50


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """Let no file grow beyond the limit meanwhile, as if the disk refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_failing_disk_undoes_the_batch_and_the_same_batch_is_written_later(
    sqlite: Kept, path: Path
) -> None:
    store = await ready(sqlite)
    (target,) = (await claim(store, 1)).targets
    batch = [AttemptOpened(attempt(target)), *notes(50)]
    log = path.with_name(path.name + "-wal")
    with small_files(log.stat().st_size + 50_000):
        for _ in range(2):
            with pytest.raises(StoreError, match=r"the disk failed|the disk is full"):
                await store.write(batch)
    assert (await store.restore()).open_attempts == ()
    await store.write(batch)
    again = await sqlite.reopened()
    assert len((await again.restore()).open_attempts) == 1


async def test_a_database_that_another_program_locks_can_be_written_once_it_is_free(
    sqlite: Kept, path: Path
) -> None:
    store = await ready(sqlite)
    await pragma(store, "busy_timeout = 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process holds a lock"):
            await store.write([saved("autumn")])
        stranger.execute("ROLLBACK")
    await store.write([saved("autumn")])
    assert [campaign.name for campaign in (await store.restore()).campaigns] == ["spring", "autumn"]


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34])
async def test_a_cancelled_writer_leaves_its_batch_whole_and_the_next_one_untouched(
    sqlite: Kept, turns: int
) -> None:
    store = await ready(sqlite)
    first, second = (await claim(store, 2)).targets
    writing = asyncio.create_task(store.write([AttemptOpened(attempt(first)), *notes(3)]))
    for _ in range(turns):
        await asyncio.sleep(0)  # how far the writer has come, in turns of the loop
    writing.cancel()
    other = attempt(second)
    await store.write([AttemptOpened(other)])
    done = len(await sqlite.reports.journal("", 10))
    assert done in (0, 3)
    found = [call.number for call, _ in (await store.restore()).open_attempts]
    assert found == ([number(0)] if done else []) + [other.number]


async def test_a_cancelled_writer_that_waits_its_turn_leaves_the_one_before_alone(sqlite: Kept) -> None:
    store = await ready(sqlite)
    calls = [attempt(target) for target in (await claim(store, 20)).targets]
    tasks = [asyncio.create_task(store.write([AttemptOpened(call), *notes(1)])) for call in calls]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    found = {call.id for call, _ in (await store.restore()).open_attempts}
    assert found >= {call.id for call in calls[::2]}
    assert len(await sqlite.reports.journal("", 100)) == len(found)


async def test_what_was_asked_for_before_the_end_is_done_before_the_end(sqlite: Kept) -> None:
    store = await ready(sqlite)
    calls = [attempt(target) for target in (await claim(store, 5)).targets]
    writing = [asyncio.create_task(store.write([AttemptOpened(call)])) for call in calls]
    await asyncio.sleep(0)
    again = await sqlite.reopened()
    await asyncio.gather(*writing)
    assert len((await again.restore()).open_attempts) == 5


async def test_many_callers_at_once_do_not_mix_their_work(sqlite: Kept) -> None:
    store = await ready(sqlite, 400)
    calls = await dial(store, 100)
    await asyncio.gather(
        *(store.write([busy(call, T0, T0 + 9)]) for call in calls),
        *(store.load_targets("people", rows(10, start=1_000 + 10 * n), T0) for n in range(20)),
        *(claim(store, 50) for _ in range(20)),
        *(sqlite.reports.report("spring") for _ in range(20)),
    )
    assert await sqlite.reports.counts("spring") == {"ready": 500, "in_flight": 0, "waiting": 100, "done": 0}


async def test_text_that_utf8_cannot_hold_does_not_stop_a_commit(sqlite: Kept) -> None:
    store = await ready(sqlite)
    await dial(store, 1, note="bad \udce9 byte", agent="PJSIP/\ud800")
    await store.write([Noted(T0, "kind", "\udcff", "Jos\udce9")])
    ((call, _),) = (await store.restore()).open_attempts
    assert call.note == "bad \\udce9 byte"
    assert [note["text"] for note in await sqlite.reports.journal("", 1)] == ["Jos\\udce9"]
