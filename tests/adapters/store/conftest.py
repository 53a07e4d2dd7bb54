"""The stores that the contract is for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from dialerd.adapters.memory import MemoryStore
from dialerd.adapters.sqlite import SqliteReports, SqliteStore
from dialerd.engine.ports import Reports, Store
from tests.adapters.store.making import INSTALLATION, T0, rows, saved


@dataclass(frozen=True, slots=True)
class Kept:
    """A store with its reports; `reopened` is the store as the next daemon finds it."""

    store: Store
    reports: Reports
    reopened: Callable[[], Awaitable[Store]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be."""
    return tmp_path / "dialerd.db"


@pytest.fixture
async def sqlite(path: Path) -> AsyncIterator[Kept]:
    """The store on SQLite."""
    async with AsyncExitStack() as stack:
        store = await SqliteStore.open(path, Random(1).getrandbits, T0)
        stack.push_async_callback(store.close)
        reports = await SqliteReports.open(path)
        stack.push_async_callback(reports.close)

        async def reopened() -> Store:
            await store.close()
            again = await SqliteStore.open(path, Random(2).getrandbits, T0)
            stack.push_async_callback(again.close)
            return again

        yield Kept(store, reports, reopened)


@pytest.fixture
async def memory() -> Kept:
    """The store in memory; it outlives no process, so the next daemon's is the same."""
    store = MemoryStore(INSTALLATION)

    async def reopened() -> Store:
        return store

    return Kept(store, store, reopened)


@pytest.fixture(params=["memory", "sqlite"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each store in turn."""
    found: Kept = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(kept: Kept) -> Store:
    """The store of `kept`."""
    return kept.store


@pytest.fixture
def reports(kept: Kept) -> Reports:
    """The reports of `kept`."""
    return kept.reports


@pytest.fixture
async def people(store: Store) -> Store:
    """The store with a list of 30 people and a running campaign on it."""
    await store.load_targets("people", rows(30, name="someone"), T0)
    await store.write([saved()])
    return store
