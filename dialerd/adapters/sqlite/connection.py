"""Opening the database: safe settings, each read back, and a look at the file's health."""

import sqlite3
from pathlib import Path

import aiosqlite

from dialerd.adapters.sqlite.faults import StoreRefused
from dialerd.adapters.sqlite.units import fetch

OLDEST_SQLITE = (3, 37, 0)
"""The first version with STRICT tables."""

CHECKED_BYTES = 2 * 1024**3
"""Larger files are not checked at every start: it takes some 7 s for each GB."""

SETTINGS: tuple[tuple[str, str, object], ...] = (
    ("busy_timeout", "5000", 5000),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("wal_autocheckpoint", "1000", 1000),
    ("journal_size_limit", str(64 * 1024**2), 64 * 1024**2),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("temp_store", "MEMORY", 2),
)
"""Name, value, and what reading it back must give. FULL: a power cut takes back no call that was made."""

READER_SETTINGS: tuple[tuple[str, str, object], ...] = (
    ("busy_timeout", "5000", 5000),
    ("query_only", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("temp_store", "MEMORY", 2),
)


def require_sqlite() -> None:
    """Raise `StoreRefused` where the SQLite library is too old."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise StoreRefused(f"SQLite {sqlite3.sqlite_version} is too old; {needed} is needed")


def writer(path: Path) -> aiosqlite.Connection:
    """Return the connection that writes, not yet open; transactions begin and end by word only."""
    return aiosqlite.connect(path, isolation_level=None)


def reader(path: Path) -> aiosqlite.Connection:
    """Return a connection that cannot write, not yet open; `StoreRefused` where there is no file."""
    if not path.is_file():
        raise StoreRefused(f"{path} is not there: the daemon makes it at its first start")
    return aiosqlite.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


async def settle(db: aiosqlite.Connection, settings: tuple[tuple[str, str, object], ...]) -> None:
    """Apply the settings and read each back; `StoreRefused` where one does not hold."""
    for name, value, expected in settings:
        await fetch(db, f"PRAGMA {name} = {value}")
        ((got,),) = await fetch(db, f"PRAGMA {name}")
        if got != expected:
            raise StoreRefused(f"the database does not take {name} = {value} (it says {got!r})")


async def require_health(db: aiosqlite.Connection, path: Path) -> None:
    """Raise `StoreRefused` where a quick check finds damage; large files are not checked here."""
    ((pages,),) = await fetch(db, "PRAGMA page_count")
    ((page_bytes,),) = await fetch(db, "PRAGMA page_size")
    if pages * page_bytes >= CHECKED_BYTES:
        return
    found = [str(row[0]) for row in await fetch(db, "PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise StoreRefused(f"{path} is damaged, restore a backup: {'; '.join(found)}")
