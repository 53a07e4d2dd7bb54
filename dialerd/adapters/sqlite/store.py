"""The store on SQLite: the one writer."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from dialerd.adapters.sqlite import connection, loading, lock, picking, records
from dialerd.adapters.sqlite.attempt_rows import STILL_OPEN, attempt_of
from dialerd.adapters.sqlite.faults import StoreRefused, plain
from dialerd.adapters.sqlite.migrate import migrate, migrations
from dialerd.adapters.sqlite.units import Units
from dialerd.domain.campaign import CampaignState, Life
from dialerd.domain.identifiers import RandomBits, new_installation
from dialerd.domain.instant import Instant
from dialerd.engine.messages import Claim, Claimed, Record, Restored, StoredCampaign
from dialerd.engine.ports import LARGEST_CHUNK, Loaded, Row


class SqliteStore:
    """A `Store` in one file, which this process alone writes for as long as the store is open."""

    def __init__(self, units: Units, held: AsyncExitStack) -> None:
        self._units = units
        self._held = held

    @classmethod
    async def open(cls, path: Path, bits: RandomBits, now: Instant) -> "SqliteStore":
        """Open the file, made or brought forward if need be; `bits` name a new installation.

        Raises `StoreBusy` when another process has it, `StoreRefused` when it must not be used.
        """
        connection.require_sqlite()
        async with AsyncExitStack() as held:
            held.enter_context(lock.held(path))
            try:
                units = await _open(path, held)
                await units.run(partial(_name, new_installation(bits), now))
            except sqlite3.Error as error:
                raise StoreRefused(f"{path}: {plain(error)}") from error
            return cls(units, held.pop_all())

    async def restore(self) -> Restored:
        """Return what the daemon must know to go on: campaigns in the order they were made, open attempts."""
        return await self._units.run(_restore)

    async def write(self, batch: Sequence[Record]) -> None:
        """Write all records or none: `StoreError` when it may be tried again, `StoreConflict` when not."""
        if batch:
            await self._units.run(partial(records.write, records.prepared(batch)))

    async def claim(self, claim: Claim, now: Instant) -> Claimed:
        """Return due targets: retries by due time first, then fresh ones in the list's order.

        Left out are those held, and numbers with an open attempt in any campaign. `next_due_at` is that of
        the earliest waiting target that is neither left out for those reasons nor returned here.
        """
        return await self._units.run(partial(picking.pick, claim, now))

    async def load_targets(self, list_name: str, rows: Sequence[Row], now: Instant) -> Loaded:
        """Add the rows to the list (made if need be); a number already in it gets the new variables too."""
        if len(rows) > LARGEST_CHUNK:
            raise ValueError(f"a chunk has at most {LARGEST_CHUNK} rows, not {len(rows)}")
        return await self._units.run(partial(loading.load, list_name, rows, now))

    async def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        await asyncio.shield(self._held.aclose())


async def _open(path: Path, held: AsyncExitStack) -> Units:
    """Return the units of a file that is fit to be used; `held` closes it."""
    units = connection.writer(path)
    await held.enter_async_context(units)
    await units.outside(partial(connection.settle, connection.SETTINGS))
    await units.outside(partial(connection.require_health, path))
    await units.outside(partial(migrate, migrations()))
    return units


def _name(installation: str, now: Instant, db: sqlite3.Connection) -> None:
    """Name the installation, unless it has a name."""
    db.execute(
        "INSERT INTO meta (one, installation, created_at) VALUES (1, ?, ?) ON CONFLICT (one) DO NOTHING",
        (installation, now),
    )


def _restore(db: sqlite3.Connection) -> Restored:
    ((installation,),) = db.execute("SELECT installation FROM meta")
    campaigns = db.execute("SELECT * FROM campaigns ORDER BY id")
    attempts = db.execute(STILL_OPEN)
    return Restored(
        installation,
        tuple(_campaign(row) for row in campaigns),
        tuple((attempt_of(row), picking.target_of(row)) for row in attempts),
    )


def _campaign(row: sqlite3.Row) -> StoredCampaign:
    then = row["then_state"] and CampaignState(row["then_state"])
    life = Life(CampaignState(row["state"]), then, row["reason"])
    return StoredCampaign(row["name"], row["list"], row["source"], life)
