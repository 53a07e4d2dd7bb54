"""`dialerctl list import`: a file and options in, rows to the daemon, rejects and a summary out."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from dialerd.adapters.numbering import Numbering
from dialerd.adapters.target_files import FileRefused, Record, RejectsFile, TargetFile, open_list
from dialerd.cli import exit_codes
from dialerd.cli.columns import ColumnsRefused, choose
from dialerd.cli.failure import Failure, failure_of
from dialerd.cli.importing import Rows, Tally, check, send
from dialerd.cli.plain import one_line
from dialerd.control.client import Client, Unreachable
from dialerd.control.commands.lists import ListImport
from dialerd.control.wire import Fault

MOST_SHOWN = 10
"""Rejected rows shown on the terminal; all of them are in the rejects file."""

REPORT_ROWS = 100_000
"""Without a terminal a line is written each time so many rows have been read."""

_AGAIN = "run the same command again to take it up; known people stay as they are"


class Rejects:
    """Keeps rejected rows in their file, and the first few to be shown."""

    def __init__(self, file: RejectsFile) -> None:
        self.file = file
        self.shown: list[str] = []

    def add(self, record: Record, reason: str) -> None:
        """Take note of a rejected row."""
        self.file.write(record, reason)
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(f"line {record.line}: {one_line(reason)}")

    def lines(self) -> Iterator[str]:
        """Yield what is shown of them at the end."""
        yield from self.shown
        more = self.file.count - len(self.shown)
        if more:
            yield f"and {more} more"
        if self.shown:
            yield f"all rejected rows are in {self.file.path}"


def run(command: ListImport, socket: str, as_json: bool) -> tuple[Mapping[str, Any], int]:
    """Import the file; return the summary and the exit code."""
    numbering = _numbering(command, as_json)
    tally = Tally()
    try:
        with open_list(Path(command.file), _delimiter(command, as_json)) as file:
            columns = choose(file.header, command.phone, command.map, command.only)
            with RejectsFile(_rejects_path(command), file, columns.number) as rejects_file:
                rejects = Rejects(rejects_file)
                rows = Rows(file, columns, numbering, rejects.add)
                failure = _carry_out(command, socket, rows, tally, file, as_json)
    except (FileRefused, ColumnsRefused) as fault:
        raise Failure(str(fault), exit_codes.REFUSED, as_json) from None
    for line in rejects.lines():
        click.echo(line, err=True)
    if failure:
        failure.show()
    return _summary(command, tally, rejects_file, failure is None), _exit_code(command, failure, rejects_file)


def _carry_out(
    command: ListImport, socket: str, rows: Rows, tally: Tally, file: TargetFile, as_json: bool
) -> Failure | None:
    """Send or check all rows; return what ended it before the end of the file."""
    size = Path(command.file).stat().st_size
    try:
        with _progress(file, size, tally) as progress:
            if command.dry_run:
                check(rows, tally, progress)
                return None
            with Client(socket) as client:
                send(client, command.name, rows, tally, progress)
    except (Fault, Unreachable) as fault:
        ended = failure_of(fault, as_json)
        return Failure(f"{ended.message}; {_AGAIN}", ended.exit_code, as_json)
    except FileRefused as fault:
        return Failure(f"{command.file}: {fault}", exit_codes.REFUSED, as_json)
    except KeyboardInterrupt:
        return Failure(f"interrupted; {_AGAIN}", exit_codes.INTERRUPTED, as_json)
    return None


@contextmanager
def _progress(file: TargetFile, size: int, tally: Tally) -> Iterator[Callable[[], None]]:
    """Show how far the file is read, on standard error; yield what is called after each chunk."""
    if not sys.stderr.isatty():
        yield lambda: _report(tally)
        return
    with click.progressbar(length=size, label="Importing", file=sys.stderr) as bar:
        yield lambda: bar.update(file.position - bar.pos)


def _report(tally: Tally) -> None:
    if tally.rows // REPORT_ROWS > tally.reported:
        tally.reported = tally.rows // REPORT_ROWS
        click.echo(f"{tally.rows} rows read", err=True)


def _summary(command: ListImport, tally: Tally, rejects: RejectsFile, complete: bool) -> dict[str, Any]:
    sent = not command.dry_run
    return {
        "list": command.name,
        "file": command.file,
        "rows": tally.rows,
        "new": tally.new if sent else None,
        "updated": tally.updated if sent else None,
        "unchanged": tally.unchanged if sent else None,
        "duplicates": tally.duplicates,
        "rejected": rejects.count,
        "rejects_file": str(rejects.path) if rejects.count else None,
        "dry_run": command.dry_run,
        "complete": complete,
    }


def _exit_code(command: ListImport, failure: Failure | None, rejects: RejectsFile) -> int:
    if failure:
        return failure.exit_code
    return exit_codes.REFUSED if command.strict and rejects.count else exit_codes.OK


def _rejects_path(command: ListImport) -> Path:
    path = Path(command.rejects) if command.rejects else Path(command.file).with_suffix(".rejects.csv")
    if path.absolute() == Path(command.file).absolute():
        raise FileRefused(f"{path}: rejected rows would overwrite the list; choose another --rejects")
    return path


def _numbering(command: ListImport, as_json: bool) -> Numbering:
    try:
        return Numbering(command.country.upper())
    except ValueError as fault:
        raise Failure(f"--country: {fault}", exit_codes.USAGE, as_json) from None


def _delimiter(command: ListImport, as_json: bool) -> str:
    delimiter = "\t" if command.delimiter == "tab" else command.delimiter
    if len(delimiter) > 1 or delimiter.isalnum() or delimiter in ('"', "\n", "\r", "+"):
        text = f"--delimiter {command.delimiter!r}: one character such as ',' or ';', or the word tab"
        raise Failure(text, exit_codes.USAGE, as_json)
    return delimiter
