"""One daemon a database: a lock file held for life."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dialerd.adapters.sqlite.faults import StoreBusy, StoreRefused


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Hold `<database>.lock` while inside; `StoreBusy` names the process that holds it.

    The kernel frees the lock with the process, however it ends. The file stays: to remove it would let
    two processes lock two files of one name.
    """
    database = database.resolve()  # a link to a database is that database
    path = database.with_name(database.name + ".lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    except OSError as error:
        raise StoreRefused(f"cannot open the lock file {path}: {error.strerror}") from error
    try:
        _take(lock, database)
        yield
    finally:
        os.close(lock)


def _take(lock: int, database: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
        raise StoreBusy(f"{database} is in use by process {holder or '(not named yet)'}") from None
    name = b"%d\n" % os.getpid()
    os.pwrite(lock, name, 0)
    os.ftruncate(lock, len(name))
