"""What importing one row costs: from the file through dialerctl, the socket and the daemon into the database.

CPU time of all of it in one process, the server on a thread of its own. Beside it stand `csv.reader` alone;
the store alone, given rows that are ready; `csv.reader` with `executemany` into a table with the same
indexes, where nothing is checked, recognised or sent; and the stock way into that table: `csv.DictReader`,
each number through the library, values as JSON.

    python benchmarks/import_path.py [--quick] [--check]
"""

import argparse
import asyncio
import csv
import gc
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import phonenumbers

from dialerd.adapters.numbering import Numbering
from dialerd.adapters.sqlite import SqliteStore
from dialerd.adapters.target_files import open_list
from dialerd.cli.columns import choose
from dialerd.cli.importing import Rows, Tally, check, send
from dialerd.control.access import Access
from dialerd.control.client import Client
from dialerd.control.server import ControlServer
from dialerd.domain.phone import Phone
from dialerd.engine.ports import Loaded, Row

STORE_GOAL, STOCK_GOAL = 2.0, 0.6
"""Times the store alone: the way to it costs no more than it does. And of the stock way."""

LEEWAY = 1.25
"""`--check` allows as much more, since the machine may be shared."""

ROWS, QUICK_ROWS = 200_000, 20_000
CHUNK = 500
NOW = 1_700_000_000_000
HEADER = ("phone", "first name", "last name", "city", "customer")

LEAN = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "CREATE TABLE targets (id INTEGER PRIMARY KEY, list INTEGER, number TEXT, variables TEXT, at INTEGER)",
    "CREATE UNIQUE INDEX numbers ON targets (list, number)",
    "CREATE INDEX in_order ON targets (list)",
)

Insert = Callable[[Sequence[Sequence[str]]], None]


def write_list(path: Path, rows: int) -> None:
    """Write a list of people whose numbers come in no order."""
    rng = random.Random(1)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for n in range(rows):
            number = f"+1{2_000_000_000 + n * 7_919_993 % 1_000_000_007}"
            names = (rng.choice(("Ann", "Bob", "Zoë")), rng.choice(("Smith", "O'Neill", "Müller")))
            out.writerow((number, *names, "Springfield", f"C-{n:08}"))


def read_only(path: Path, _: Path) -> None:
    """Read every row and do nothing with it."""
    with path.open(newline="") as file:
        for _row in csv.reader(file):
            pass


def bare_insert(path: Path, folder: Path) -> None:
    """Read every row and insert it as it is."""
    with path.open(newline="") as file, closing(lean(folder / "floor.db")) as db:
        reader = csv.reader(file)
        next(reader)
        fill(db, ((number, " ".join(rest)) for number, *rest in reader))


def stock(path: Path, folder: Path) -> None:
    """Read every row as a dict, check its number with the library, and insert it."""
    with path.open(newline="") as file, closing(lean(folder / "stock.db")) as db:
        fill(db, map(stock_row, csv.DictReader(file)))


def stock_row(row: dict[str, str]) -> tuple[str, str]:
    """Return a row's number in E.164 form, and its variables as JSON."""
    number = phonenumbers.parse(row.pop("phone"), None)
    phonenumbers.is_valid_number(number)
    phonenumbers.is_possible_number(number)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written, json.dumps(row)


def lean(path: Path) -> sqlite3.Connection:
    """Return a new database with a lean table."""
    db = sqlite3.connect(path, isolation_level=None)
    for statement in LEAN:
        db.execute(statement)
    return db


def fill(db: sqlite3.Connection, rows: Iterator[tuple[str, str]]) -> None:
    """Insert the rows, a chunk in each transaction."""
    while chunk := list(islice(rows, CHUNK)):
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            "INSERT OR IGNORE INTO targets (list, number, variables, at) VALUES (1, ?, ?, ?)",
            [(*row, NOW) for row in chunk],
        )
        db.execute("COMMIT")


def check_only(path: Path, _: Path) -> None:
    """Read and check every row as `--dry-run` does."""
    check(rows_of(path), Tally(), lambda: None)


def store_only(path: Path, folder: Path) -> None:
    """Give the store rows that are ready."""
    asyncio.run(store_all(path, folder))


async def store_all(path: Path, folder: Path) -> None:
    """Give the store the list's rows in chunks."""
    store = await SqliteStore.open(folder / "store.db", random.Random(1).getrandbits, NOW)
    ready = READY[path]
    for first in range(0, len(ready), CHUNK):
        await store.load_targets("people", ready[first : first + CHUNK], NOW)
    await store.close()


def ready_rows(path: Path) -> list[Row]:
    """Return the list's rows as the store takes them."""
    rows = rows_of(path)
    taken = rows.taken(Tally())
    return [Row(Phone(number), dict(zip(rows.names, values, strict=True))) for number, *values in taken]


READY: dict[Path, list[Row]] = {}
"""Rows made before the clock runs, by their list."""


def whole(path: Path, folder: Path) -> None:
    """Import the list as dialerctl does, into a daemon's socket and database."""
    with Server(folder) as socket, Client(str(socket)) as client:
        tally = Tally()
        send(client, "people", rows_of(path), tally, lambda: None)
    assert tally.new == tally.rows


def rows_of(path: Path) -> Rows:
    """Return the file's rows, rejecting none."""
    file = open_list(path)
    return Rows(file, choose(file.header), Numbering(), refuse)


def refuse(*what: object) -> None:
    """Fail: every row of the list is good."""
    raise AssertionError(what)


class Loading:
    """The part of the daemon's door that an import uses."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    async def load_targets(self, list_name: str, rows: Sequence[Row]) -> Loaded:
        """Add the rows through the store."""
        return await self._store.load_targets(list_name, rows, NOW)


class Server:
    """A control server and its store, on a thread of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))

    def __enter__(self) -> Path:
        self._thread.start()
        self._ready.wait()
        return self._folder / "s"

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        store = await SqliteStore.open(self._folder / "ours.db", random.Random(1).getrandbits, NOW)
        door: Any = Loading(store)
        server = ControlServer(self._folder / "s", door, Access(own_uid=0), ignore, ignore)
        await server.start()
        self._ready.set()
        await self._over.wait()
        await server.close()
        await store.close()


def ignore(*_: object) -> None:
    """Note nothing down."""


def cost_us(work: Callable[[Path, Path], None], path: Path, rows: int) -> float:
    """Return the CPU microseconds a row."""
    with tempfile.TemporaryDirectory(prefix="dlr-") as folder:
        begun = time.process_time()
        work(path, Path(folder))
        return (time.process_time() - begun) * 1e6 / rows


def main() -> int:
    """Print one line for each figure; 1 if `--check` was given and a figure is far from its goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="less than 10 seconds")
    parser.add_argument("--check", action="store_true", help="fail when a figure is far from its goal")
    options = parser.parse_args()
    rows, rounds = (QUICK_ROWS, 2) if options.quick else (ROWS, 3)
    ways = (read_only, bare_insert, stock, store_only, check_only, whole)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_list(path, rows)
        READY[path] = ready_rows(path)
        gc.freeze()
        runs = [[cost_us(way, path, rows) for way in ways] for _ in range(rounds)]
    reading, bare, naive, store, checking, ours = (min(costs) for costs in zip(*runs, strict=True))
    print(f"import_check {checking:.2f} us/row (floor {reading:.2f}, ratio {checking / reading:.1f})")
    print(f"import_whole {ours:.2f} us/row (floor {bare:.2f}, ratio {ours / bare:.2f})")
    for name, other, goal in (("store", store, STORE_GOAL), ("stock", naive, STOCK_GOAL)):
        print(
            f"import_by_{name} {ours:.2f} us/row (floor {other:.2f}, ratio {ours / other:.2f}, goal {goal:g})"
        )
    missed = ours / store > STORE_GOAL * LEEWAY or ours / naive > STOCK_GOAL * LEEWAY
    return int(options.check and missed)


if __name__ == "__main__":
    sys.exit(main())
