"""Reading a list of people, row by row, and sending it to the daemon in chunks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from dialerd.adapters.numbering import Numbering
from dialerd.adapters.target_files import Record, TargetFile
from dialerd.cli.columns import Columns
from dialerd.control.client import Client
from dialerd.control.commands.lists import MOST_ROWS
from dialerd.control.wire import MOST_REQUEST_BYTES
from dialerd.domain.variables import first_fault

Row = list[str]
"""A number in E.164 form, then a value for each variable."""

Reject = Callable[[Record, str], None]


@dataclass(slots=True)
class Tally:
    """What has become of the rows so far."""

    rows: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    reported: int = 0
    """How many lines about the progress were written."""


class Rows:
    """The rows of a file that can be taken; the others go to `reject`."""

    def __init__(self, file: TargetFile, columns: Columns, numbering: Numbering, reject: Reject) -> None:
        self._file = file
        self._number = columns.number
        self._names = [name for name, _ in columns.variables]
        self._places = [place for _, place in columns.variables]
        self._read = numbering.read
        self._reject = reject
        self._seen: set[int] = set()

    @property
    def names(self) -> list[str]:
        """The variables' names, in the order of the values."""
        return self._names

    def taken(self, tally: Tally) -> Iterator[Row]:
        """Yield each row once; a number that comes again is counted as a duplicate."""
        for record in self._file.records():
            tally.rows += 1
            try:
                row = self._row(record)
            except ValueError as fault:
                self._reject(record, str(fault))
                continue
            digits = int(row[0][1:])
            if digits in self._seen:
                tally.duplicates += 1
            else:
                self._seen.add(digits)
                yield row

    def _row(self, record: Record) -> Row:
        """Return the row; raises `ValueError` that says what is wrong with it."""
        _, cells, fault = record
        if fault:
            raise ValueError(fault)
        number = self._read(cells[self._number])
        values = [cells[place] for place in self._places]
        fault = first_fault(self._names, values)
        if fault:
            raise ValueError(fault)
        return [number.e164, *values]


def send(client: Client, list_name: str, rows: Rows, tally: Tally, progress: Callable[[], None]) -> None:
    """Send all rows; while the daemon writes one chunk, the next is read. Raises what `Client` raises."""
    taken = rows.taken(tally)
    under_way = False
    while chunk := list(islice(taken, MOST_ROWS)):
        for line in lines(client, list_name, rows.names, chunk):
            if under_way:
                _count(client.receive(), tally)
            client.send_line(line)
            under_way = True
        progress()
    if under_way:
        _count(client.receive(), tally)


def lines(client: Client, list_name: str, names: Sequence[str], chunk: list[Row]) -> Iterator[bytes]:
    """Yield the chunk as few requests of the permitted length; each must be sent before the next is made."""
    line = client.line("list.load", {"name": list_name, "columns": names, "rows": chunk})
    if len(line) <= MOST_REQUEST_BYTES:
        yield line
        return
    half = len(chunk) // 2
    yield from lines(client, list_name, names, chunk[:half])
    yield from lines(client, list_name, names, chunk[half:])


def check(rows: Rows, tally: Tally, progress: Callable[[], None]) -> None:
    """Read all rows and send none."""
    taken = rows.taken(tally)
    while list(islice(taken, MOST_ROWS)):
        progress()


def _count(loaded: dict[str, int], tally: Tally) -> None:
    tally.new += loaded["new"]
    tally.updated += loaded["updated"]
    tally.unchanged += loaded["unchanged"]
