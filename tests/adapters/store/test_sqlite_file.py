"""Which files the store opens, which it refuses, and in what words."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

import pytest

from dialerd.adapters.sqlite import SqliteReports, SqliteStore, StoreBusy, StoreRefused
from dialerd.adapters.sqlite.connection import settle, writer
from dialerd.domain.identifiers import new_installation
from tests.adapters.store.conftest import Kept
from tests.adapters.store.making import T0, claim, dial, rows, saved

OPENER = """
import asyncio, sys
from pathlib import Path
from random import Random
from dialerd.adapters.sqlite import SqliteStore, StoreBusy

async def main():
    try:
        store = await SqliteStore.open(Path(sys.argv[1]), Random(1).getrandbits, 1)
    except StoreBusy as busy:
        print(busy)
    else:
        await store.close()
        print("opened")

asyncio.run(main())
"""


async def opened(path: Path) -> SqliteStore:
    return await SqliteStore.open(path, Random(1).getrandbits, T0)


def opened_elsewhere(path: Path) -> str:
    """Return what another process says that tries to open the database."""
    tried = subprocess.run([sys.executable, "-c", OPENER, path], capture_output=True, text=True, check=True)
    return tried.stdout.strip()


def spoil(path: Path) -> None:
    path.write_text("name,number\n" * 500)


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(Random(3).randbytes(20_000))


def remove(path: Path) -> None:
    path.unlink()


def is_there(path: Path) -> bool:
    return path.exists()


async def test_a_second_process_is_refused_and_told_who_holds_the_database(sqlite: Kept, path: Path) -> None:
    assert opened_elsewhere(path) == f"{path} is in use by process {os.getpid()}"
    await sqlite.store.write([saved()])
    await sqlite.store.close()
    assert opened_elsewhere(path) == "opened"


async def test_a_second_store_in_the_same_process_is_refused(sqlite: Kept, path: Path) -> None:
    with pytest.raises(StoreBusy, match=str(os.getpid())):
        await opened(path)


async def test_a_new_installation_is_named_by_the_bits_it_was_given(path: Path) -> None:
    store = await opened(path)
    restored = await store.restore()
    await store.close()
    assert restored.installation == new_installation(Random(1).getrandbits)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 500),
        ("wal_autocheckpoint", 1_000),
        ("journal_size_limit", 64 * 1024 * 1024),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("temp_store", 2),
    ],
)
async def test_the_writer_runs_with_safe_settings(sqlite: Kept, name: str, expected: object) -> None:
    assert isinstance(sqlite.store, SqliteStore)
    ((value,),) = await sqlite.store._units.run(lambda db: db.execute(f"PRAGMA {name}").fetchall())
    assert value == expected


async def test_a_setting_that_does_not_hold_is_refused(path: Path) -> None:
    db = await writer(path)
    try:
        with pytest.raises(StoreRefused, match="page_size = 4097"):
            await db.outside(partial(settle, (("page_size", "4097", 4097),)))
    finally:
        await db.close()


async def test_the_reports_cannot_write(sqlite: Kept) -> None:
    assert isinstance(sqlite.reports, SqliteReports)
    with pytest.raises(Exception, match="readonly"):
        await sqlite.reports._units.run(lambda db: db.execute("DELETE FROM journal"))


async def test_a_long_question_does_not_stop_a_write(sqlite: Kept) -> None:
    assert isinstance(sqlite.reports, SqliteReports)
    await sqlite.store.load_targets("people", rows(3), T0)

    loop = asyncio.get_running_loop()

    def long_question(db: sqlite3.Connection) -> list[sqlite3.Row]:
        before = db.execute("SELECT count(*) FROM campaigns").fetchall()
        asyncio.run_coroutine_threadsafe(sqlite.store.write([saved()]), loop).result(30)
        return before + db.execute("SELECT count(*) FROM campaigns").fetchall()

    assert [row[0] for row in await sqlite.reports._units.run(long_question)] == [0, 0]
    assert (await sqlite.reports.report("spring"))["targets"]["ready"] == 3


async def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="No such file or directory"):
        await opened(tmp_path / "nowhere" / "dialerd.db")


async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    spoil(path)
    with pytest.raises(StoreRefused, match="not a database"):
        await opened(path)


async def test_the_database_of_another_program_is_refused_untouched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE leads (phone TEXT)")
    with pytest.raises(StoreRefused, match="another program"):
        await opened(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("leads",)]


async def test_a_damaged_database_is_refused(path: Path) -> None:
    store = await opened(path)
    await store.load_targets("people", rows(2_000, name="someone"), T0)
    await store.close()
    damage(path)
    with pytest.raises(StoreRefused, match="damaged"):
        await opened(path)


async def test_a_newer_database_is_refused_untouched(path: Path) -> None:
    await (await opened(path)).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreRefused, match="version 99, this program knows versions up to"):
        await opened(path)
    with pytest.raises(StoreRefused, match="version 99"):
        await SqliteReports.open(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (99,)


async def test_reports_on_a_file_that_is_not_there_make_none(path: Path) -> None:
    with pytest.raises(StoreRefused, match="is not there"):
        await SqliteReports.open(path)
    assert not is_there(path)


async def test_a_refused_file_leaves_no_lock_and_no_thread_behind(path: Path) -> None:
    before = threading.enumerate()
    spoil(path)
    for _ in range(3):
        with pytest.raises(StoreRefused):
            await opened(path)
        with pytest.raises(StoreRefused):
            await SqliteReports.open(path)
    remove(path)
    await (await opened(path)).close()
    for thread in set(threading.enumerate()).difference(before):
        thread.join(10)
        assert not thread.is_alive()


async def test_a_closed_store_comes_back_with_all_it_held(sqlite: Kept) -> None:
    await sqlite.store.load_targets("people", rows(3), T0)
    await sqlite.store.write([saved()])
    calls = await dial(sqlite.store, 2)
    again = await sqlite.reopened()
    assert [call for call, _ in (await again.restore()).open_attempts] == calls
    assert [target.id for target in (await claim(again)).targets] == [3]
