"""Opening the database: safe settings, each read back, and a look at the file's health."""

import sqlite3
from functools import partial
from pathlib import Path

from dialerd.adapters.sqlite.faults import StoreRefused
from dialerd.adapters.sqlite.units import READ, WRITE, Units

OLDEST_SQLITE = (3, 37, 0)
"""The first version with STRICT tables."""

CHECKED_BYTES = 2 * 1024**3
"""Larger files are not checked at every start: it takes some 7 s for each GB."""

SETTINGS: tuple[tuple[str, str, object], ...] = (
    ("busy_timeout", "500", 500),
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
    ("busy_timeout", "500", 500),
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


def writer(path: Path) -> Units:
    """Return the connection that writes, not yet open."""
    return Units(partial(_connect, str(path)), WRITE)


def reader(path: Path) -> Units:
    """Return a connection that cannot write, not yet open; `StoreRefused` where there is no file."""
    if not path.is_file():
        raise StoreRefused(f"{path} is not there: the daemon makes it at its first start")
    return Units(partial(_connect, f"{path.absolute().as_uri()}?mode=ro", uri=True), READ)


def settle(settings: tuple[tuple[str, str, object], ...], db: sqlite3.Connection) -> None:
    """Apply the settings and read each back; `StoreRefused` where one does not hold."""
    for name, value, expected in settings:
        db.execute(f"PRAGMA {name} = {value}").fetchall()
        ((got,),) = db.execute(f"PRAGMA {name}")
        if got != expected:
            raise StoreRefused(f"the database does not take {name} = {value} (it says {got!r})")


def require_health(path: Path, db: sqlite3.Connection) -> None:
    """Raise `StoreRefused` where a quick check finds damage; large files are not checked here."""
    ((pages,),) = db.execute("PRAGMA page_count")
    ((page_bytes,),) = db.execute("PRAGMA page_size")
    if pages * page_bytes >= CHECKED_BYTES:
        return
    found = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise StoreRefused(f"{path} is damaged, restore a backup: {'; '.join(found)}")


def _connect(database: str, uri: bool = False) -> sqlite3.Connection:
    """Return a connection on which transactions begin and end by word only."""
    db = sqlite3.connect(database, uri=uri, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db
