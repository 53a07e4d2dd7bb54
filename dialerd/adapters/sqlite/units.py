"""Units of work on one connection."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import aiosqlite

from dialerd.adapters.sqlite.faults import plain
from dialerd.engine.ports import StoreConflict, StoreError

T = TypeVar("T")
Work = Callable[[aiosqlite.Connection], Awaitable[T]]

WRITE = "BEGIN IMMEDIATE"
"""Takes the write lock first: a transaction that reads and then wants to write could be refused at once."""
READ = "BEGIN"


class Units:
    """Runs units of work one at a time, each in one transaction: whole, or not at all."""

    def __init__(self, connection: aiosqlite.Connection, begin: str) -> None:
        self._connection = connection
        self._begin = begin
        self._turn = asyncio.Lock()
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Return the work's result after its commit; `StoreError` or `StoreConflict` after its rollback.

        When the caller is cancelled the unit still goes on to its end: a connection left inside a
        transaction would make the next unit commit half of this one.
        """
        return await asyncio.shield(self._in_turn(work))

    async def close(self) -> None:
        """Close the connection after the units that were asked for before."""
        async with self._turn:
            self._closed = True
            await self._connection.close()

    async def _in_turn(self, work: Work[T]) -> T:
        async with self._turn:
            if self._closed:
                raise StoreError("the store is closed")
            try:
                return await self._transaction(work)
            except sqlite3.IntegrityError as error:
                raise StoreConflict(f"the database refused a record: {error}") from error
            except sqlite3.ProgrammingError:
                raise
            except sqlite3.Error as error:
                raise StoreError(plain(error)) from error

    async def _transaction(self, work: Work[T]) -> T:
        try:
            await self._connection.execute(self._begin)
            result = await work(self._connection)
            await self._connection.commit()
        except BaseException:
            with suppress(sqlite3.Error):  # what it could not undo now, the next unit's failing BEGIN will
                await self._connection.rollback()
            raise
        return result


async def fetch(db: aiosqlite.Connection, sql: str, parameters: Any = ()) -> list[sqlite3.Row]:
    """Return all rows; what is asked must be bounded by its own LIMIT."""
    return list(await db.execute_fetchall(sql, parameters))


async def fetch_one(db: aiosqlite.Connection, sql: str, parameters: Any = ()) -> sqlite3.Row | None:
    """Return the first row, or None."""
    rows = await fetch(db, sql, parameters)
    return rows[0] if rows else None
