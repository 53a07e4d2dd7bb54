"""Lists of people as files: delimited text, read strictly and in a stream."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

MOST_CELL_CHARACTERS = 10_000
MOST_COLUMNS = 100
MOST_LINE_BYTES = 1024 * 1024
"""A block of this size without a line end is not a list of people."""

DELIMITERS = (",", ";", "\t", "|")
LINE_COLUMN, REASON_COLUMN = "rejected_line", "rejected_reason"
"""What a rejects file adds in front; not variables when such a file is read again."""

_LOOKS_LIKE_DATA = re.compile(r"\+?[0-9][0-9 ().\-/]{5,}")
_LOOKS_LIKE_NUMBER = re.compile(r"\+[0-9 ().\-/]+")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class FileRefused(ValueError):
    """The file as a whole cannot be used; its text says where and why, and what to do."""


class Record(NamedTuple):
    """One record; `line` is where it begins, and `fault` is '' or why it cannot be used."""

    line: int
    cells: list[str]
    fault: str = ""


class TargetFile:
    """An open list: its header and its records. Made by `open_list`."""

    def __init__(self, stream: BinaryIO, delimiter: str = "") -> None:
        _check_text(stream)
        stream.seek(0)
        self._bytes = stream
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        self._last_line = ""
        first = self._text.readline()
        self.delimiter = delimiter or _delimiter_of(first)
        self._reader = csv.reader(self._lines(first), delimiter=self.delimiter, strict=True)
        self.header = self._read_header()

    @property
    def position(self) -> int:
        """How many bytes have been read, in whole blocks."""
        return self._bytes.tell()

    def close(self) -> None:
        """Let go of the file."""
        self._text.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def records(self) -> Iterator[Record]:
        """Yield each record after the header; blank lines are skipped.

        Raises `FileRefused` when a quote that is not closed has swallowed lines.
        """
        reader, width = self._reader, len(self.header)
        while True:
            begins = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                yield self._broken(begins, fault)
                continue
            except UnicodeDecodeError:
                raise FileRefused(f"line {begins}: the file changed while it was read") from None
            if cells:
                yield Record(begins, cells, _fault_of(cells, width))

    def _lines(self, first: str) -> Iterator[str]:
        for line in chain((first,) if first else (), self._text):
            self._last_line = line
            yield line

    def _broken(self, begins: int, fault: csv.Error) -> Record:
        """Return a record of one line as unusable; what spans lines cannot be told from what follows."""
        if self._reader.line_num > begins:
            raise FileRefused(
                f"line {begins}: the record that begins here is broken ({fault});"
                " most likely a double quote in it is not closed"
            )
        return Record(begins, [self._last_line.rstrip("\r\n")], f"bad quotes: {fault}")

    def _read_header(self) -> tuple[str, ...]:
        try:
            cells = next(self._reader, [])
        except csv.Error as fault:
            raise FileRefused(f"line 1: the header is broken: {fault}") from None
        header = tuple(cell.strip() for cell in cells)
        _check_header(header)
        return header


def open_list(path: Path, delimiter: str = "") -> TargetFile:
    """Open the file, which must be UTF-8 with a header row; raises `FileRefused`.

    Without a delimiter the one of `DELIMITERS` that is most frequent in the header is taken.
    """
    try:
        stream = path.open("rb")
    except OSError as fault:
        raise FileRefused(f"{path}: {fault.strerror}") from None
    try:
        if not stream.seekable():
            raise FileRefused("not a regular file; save the list to a file first")
        return TargetFile(stream, delimiter)
    except FileRefused as fault:
        stream.close()
        raise FileRefused(f"{path}: {fault}") from None


def _check_text(stream: BinaryIO) -> None:
    """Refuse what is not UTF-8 text in lines, before any of it is used."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = lines = 0
    while block := stream.read(MOST_LINE_BYTES):
        if offset == 0 and block.startswith(_WIDE_MARKS):
            raise FileRefused("the file is UTF-16; save it as UTF-8")
        _refuse_at(block.find(b"\0"), block, offset, lines, "a NUL byte; this is not a text file")
        try:
            decoder.decode(block)
        except UnicodeDecodeError as fault:
            at = fault.start - (len(fault.object) - len(block))
            _refuse_at(max(at, 0), block, offset + min(at, 0), lines, "not UTF-8; save the file as UTF-8")
        offset += len(block)
        ends = block.count(b"\n") or block.count(b"\r")
        if not ends and len(block) == MOST_LINE_BYTES:
            raise FileRefused(f"line {lines + 1}: longer than {MOST_LINE_BYTES} bytes")
        lines += ends
    if decoder.getstate()[0]:
        raise FileRefused(f"byte {offset}: the file ends within a character; it was cut off")


def _refuse_at(index: int, block: bytes, offset: int, lines: int, why: str) -> None:
    if index >= 0:
        line = lines + 1 + block.count(b"\n", 0, index)
        raise FileRefused(f"line {line}, byte {offset + index}: {why}")


def _delimiter_of(line: str) -> str:
    bare = _QUOTED.sub("", line)
    return max(DELIMITERS, key=bare.count)


def _check_header(header: tuple[str, ...]) -> None:
    if not any(header):
        raise FileRefused("line 1: a header row with the columns' names is needed")
    if len(header) > MOST_COLUMNS:
        raise FileRefused(f"line 1: {len(header)} columns; at most {MOST_COLUMNS} are read")
    if "" in header:
        raise FileRefused(f"line 1: column {header.index('') + 1} has no name")
    data = next((name for name in header if _LOOKS_LIKE_DATA.fullmatch(name)), None)
    if data is not None:
        raise FileRefused("line 1: looks like data; a header row with the columns' names is needed")
    twice = next((name for place, name in enumerate(header) if name in header[:place]), None)
    if twice is not None:
        raise FileRefused(f"line 1: two columns are named {twice!r}")


def _fault_of(cells: list[str], width: int) -> str:
    if len(cells) != width:
        return f"{len(cells)} cells where the header has {width}"
    if max(map(len, cells)) > MOST_CELL_CHARACTERS:
        return f"a cell of more than {MOST_CELL_CHARACTERS} characters"
    return ""


class RejectsFile:
    """The rows that were not taken, each with its line and the reason; made when the first one is written."""

    def __init__(self, path: Path, source: TargetFile, number_column: int) -> None:
        self.path = path
        self.count = 0
        self._source = source
        self._number_column = number_column
        self._file: io.TextIOWrapper | None = None

    def write(self, record: Record, reason: str) -> None:
        """Add the record; raises `FileRefused` when the file cannot be written."""
        cells = [_harmless(cell, place == self._number_column) for place, cell in enumerate(record.cells)]
        try:
            if self.count == 0:
                self._put((LINE_COLUMN, REASON_COLUMN, *self._source.header))
            self._put((str(record.line), reason, *cells))
        except OSError as fault:
            raise FileRefused(f"{self.path}: {fault.strerror}; choose another file for rejects") from None
        self.count += 1

    def _put(self, cells: tuple[str, ...]) -> None:
        if self._file is None:
            self.path.touch(mode=0o600)
            self._file = self.path.open("w", encoding="utf-8", newline="")
        csv.writer(self._file, delimiter=self._source.delimiter).writerow(cells)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def _harmless(cell: str, is_number: bool) -> str:
    """Return the cell such that a spreadsheet takes it as text, never as a formula."""
    if cell[:1] not in ("=", "+", "-", "@", "\t", "\r") or not cell:
        return cell
    return cell if is_number and _LOOKS_LIKE_NUMBER.fullmatch(cell) else "'" + cell
