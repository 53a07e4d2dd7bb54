"""A database made by an older release is brought forward whole; what was released never changes."""

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

import pytest

from dialerd.adapters.sqlite import SqliteReports, SqliteStore
from dialerd.adapters.sqlite.connection import writer
from dialerd.adapters.sqlite.migrate import Migration, migrate, migrations, version_of
from dialerd.domain.attempt import Stage
from dialerd.domain.outcome import Outcome
from tests.adapters.store.making import T0, answered, busy, claim, number, numbers, saved
from tests.adapters.store.old.make import FOLDER

VERSIONS = [migration.version for migration in migrations()]


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, path: Path) -> Path:
    """A copy of the file that the release of that version left behind."""
    shutil.copy(FOLDER / f"version_{request.param}.db", path)
    return path


def shape(path: Path) -> list[tuple[str, str]]:
    """Return name and statement of all that the file is made of."""
    with closing(sqlite3.connect(path)) as db:
        return sorted(db.execute("SELECT name, coalesce(sql, '') FROM sqlite_schema"))


async def brought(path: Path, *steps: Migration) -> int:
    """Bring the file forward by the steps and return its version."""
    db = await writer(path)
    try:
        await db.outside(partial(migrate, steps))
        return await db.outside(version_of)
    finally:
        await db.close()


def test_versions_are_numbered_without_a_gap() -> None:
    assert list(range(1, len(VERSIONS) + 1)) == VERSIONS


async def test_an_old_file_is_opened_and_its_work_goes_on(old: Path) -> None:
    store = await SqliteStore.open(old, Random(2).getrandbits, T0)
    try:
        restored = await store.restore()
        assert [campaign.name for campaign in restored.campaigns] == ["spring"]
        on_line = [call for call, _ in restored.open_attempts]
        assert [(call.number, call.stage) for call in on_line] == [
            (number(0), Stage.RINGING),
            (number(1), Stage.RINGING),
        ]
        assert restored.open_attempts[0][1].variables == {"name": "Person 0", "city": "Ålesund"}
        await store.write([answered(on_line[0], T0), busy(on_line[1], T0, T0 + 50_000)])
        claimed = await claim(store, 3, now=T0 + 60_000)
        assert numbers(claimed) == [number(n).e164 for n in (1, 2, 5)]
        assert claimed.targets[1].tries == {Outcome.BUSY: 1}
        reports = await SqliteReports.open(old)
        report = await reports.report("spring")
        await reports.close()
    finally:
        await store.close()
    assert (report["attempts"], report["outcomes"]) == (5, {"answered": 2, "busy": 3})
    assert report["targets"] == {"ready": 15, "in_flight": 0, "waiting": 2, "done": 3}


async def test_a_migration_once_released_never_changes(old: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    fresh = tmp_path / "fresh.db"
    await brought(fresh, *(step for step in migrations() if step.version <= version))
    assert shape(fresh) == shape(old)


async def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    await (await SqliteStore.open(path, Random(1).getrandbits, T0)).close()
    before = shape(path)
    wrong = Migration(
        2,
        (
            "CREATE TABLE more (x INTEGER) STRICT",
            "DROP INDEX attempts_of_target",
            "ALTER TABLE nothing RENAME TO x",
        ),
    )
    with pytest.raises(sqlite3.OperationalError, match="nothing"):
        await brought(path, *migrations(), wrong)
    assert shape(path) == before
    store = await SqliteStore.open(path, Random(1).getrandbits, T0)
    await store.write([saved()])
    await store.close()


async def test_steps_are_done_in_order_from_where_the_file_is(path: Path) -> None:
    steps = [
        Migration(1, ("CREATE TABLE one (x INTEGER) STRICT",)),
        Migration(2, ("ALTER TABLE one RENAME TO two",)),
        Migration(3, ("ALTER TABLE two RENAME TO three",)),
    ]
    assert await brought(path, steps[0]) == 1
    assert await brought(path, *steps) == 3
    assert await brought(path, *steps) == 3
    assert [name for name, _ in shape(path)] == ["three"]
