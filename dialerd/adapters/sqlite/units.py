"""Units of work on one connection."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import aiosqlite

from dialerd.adapters.sqlite.faults import plain
from dialerd.engine.ports import StoreConflict, StoreError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

WRITE = "BEGIN IMMEDIATE"
"""Takes the write lock first: a transaction that reads and then wants to write could be refused at once."""
READ = "BEGIN"


class Units(aiosqlite.Connection):
    """A connection that does whole units of work on its thread: one at a time, each in one transaction.

    A unit is one plain function that nothing can interrupt or get between. Statement by statement, a
    cancelled caller could leave its transaction open for the next one to commit, and two callers could
    roll back each other's writes; each statement would also wait for the thread to wake up.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], begin: str) -> None:
        super().__init__(connect, iter_chunk_size=64)
        self._begin = begin
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Return the work's result after its commit; `StoreError` or `StoreConflict` after its rollback.

        When the caller is cancelled the unit is still done.
        """
        if self._closed:
            raise StoreError("the store is closed")
        try:
            return await self.outside(partial(_transaction, self._begin, work))
        except sqlite3.IntegrityError as error:
            raise StoreConflict(f"the database refused a record: {error}") from error
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.Error as error:
            raise StoreError(plain(error)) from error

    async def outside(self, work: Work[T]) -> T:
        """Return the result of work that must not be in a transaction, or begins one itself."""
        result: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return result

    async def close(self) -> None:
        """Close the connection after the units that were asked for before."""
        self._closed = True
        await super().close()


def _transaction(begin: str, work: Work[T], db: sqlite3.Connection) -> T:
    try:
        db.execute(begin)
        result = work(db)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite ends it by itself on some faults
            db.execute("ROLLBACK")
        raise
    return result
