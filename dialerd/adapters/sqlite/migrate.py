"""Bringing an older database forward, one whole step at a time."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from dialerd.adapters.sqlite.faults import StoreRefused

APPLICATION_ID = 0x646C7264
"""Marks a file as ours: "dlrd"."""


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements that lead from the version before to this one."""

    version: int
    statements: tuple[str, ...]


def migrations() -> tuple[Migration, ...]:
    """Return all migrations in order, from the numbered files beside this one."""
    folder = files("dialerd.adapters.sqlite") / "schema"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return tuple(
        Migration(int(file.name.split("_")[0]), tuple(_statements(file.read_text(encoding="utf-8"))))
        for file in found
    )


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of the file's schema, 0 for an empty file; `StoreRefused` for a stranger's."""
    ((version,),) = db.execute("PRAGMA user_version")
    ((application,),) = db.execute("PRAGMA application_id")
    if application == APPLICATION_ID:
        return int(version)
    ((tables,),) = db.execute("SELECT count(*) FROM sqlite_schema")
    if tables or version or application:
        raise StoreRefused("the file is the database of another program")
    return 0


def require_version(wanted: int, db: sqlite3.Connection) -> int:
    """Return the file's version; `StoreRefused` where it is newer than this program knows."""
    version = version_of(db)
    if version > wanted:
        raise StoreRefused(
            f"the database has version {version}, this program knows versions up to {wanted}: "
            "use the newer program, or restore a backup"
        )
    return version


def migrate(steps: Sequence[Migration], db: sqlite3.Connection) -> None:
    """Bring the file to the last step's version; each step is done whole or not at all."""
    version = require_version(steps[-1].version, db)
    for step in steps:
        if step.version > version:
            _do(step, db)


def _do(step: Migration, db: sqlite3.Connection) -> None:
    """Do one step. Never by executescript(): it commits first, so half a step could stay."""
    try:
        db.execute("BEGIN IMMEDIATE")
        for statement in step.statements:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {step.version}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _statements(text: str) -> Iterator[str]:
    """Yield the file's statements one by one."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if statement.strip():
        raise ValueError(f"a migration ends inside a statement: {statement.strip()[:60]!r}")
