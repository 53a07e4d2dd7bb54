"""What can be wrong with the database, in plain words."""

import sqlite3


class StoreRefused(Exception):
    """The database cannot be used, and trying again will not help; the text says why and what to do."""


class StoreBusy(StoreRefused):
    """Another process holds the database."""


_PLAIN = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "another process holds a lock on the database",
    sqlite3.SQLITE_LOCKED: "another process holds a lock on the database",
    sqlite3.SQLITE_IOERR: "the disk failed",
    sqlite3.SQLITE_READONLY: "the database cannot be written: check its owner and the file system",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened: check its directory and its owner",
    sqlite3.SQLITE_PERM: "the database may not be opened",
    sqlite3.SQLITE_CORRUPT: "the database is damaged: restore a backup",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
}

_PRIMARY_CODE = 0xFF
"""The low byte of an extended result code is its kind."""


def plain(error: sqlite3.Error) -> str:
    """Return what went wrong, in words an operator can act on, with SQLite's own words behind."""
    code = getattr(error, "sqlite_errorcode", None)
    words = _PLAIN.get(code & _PRIMARY_CODE) if code is not None else None
    return f"{words} ({error})" if words else str(error)
