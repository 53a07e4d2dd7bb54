"""YAML read strictly: a value is what it looks like, and every key and value keeps its line and column.

Of YAML's many words for a scalar only a few are taken, so that no number loses its plus or its zeros, no time
of the day becomes an integer and no country becomes false. What can hide or multiply content is refused: keys
that stand twice, anchors, aliases, merge keys, tags, more than one document.
"""

import re
from dataclasses import dataclass, field
from typing import NoReturn, cast

import yaml
from yaml import events

from dialerd.config.problems import ConfigError, Path, Problem, dotted
from dialerd.config.source import text_of

MOST_LEVELS = 50
"""Deeper nesting is refused: it is a mistake, or an attack on the stack."""

MOST_PARTS = 50_000
"""Keys, values and brackets of one file; more would hold up the reader for seconds."""

Position = tuple[int, int]
"""Line and column, from 1."""

_TOP: Position = (1, 1)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}", re.ASCII)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}

_WORDINGS = (
    ("'<stream end>'", "the end of the file"),
    ("unexpected end of stream", "the end of the file"),
)
_CURES = (
    ("but found ':'", "write a name before the colon"),
    ("mapping values are not allowed", "check the indentation; put a text that holds a colon in quotes"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("cannot start any token", "put the text in quotes"),
    ("the end of the file", "close the quotes or the bracket"),
    ("expected ',' or", "close the bracket, or put a comma between the values"),
    ("expected <block end>", "give everything that belongs together the same indentation"),
)
_OTHER_CURE = "check indentation, colons and quotes here and in the line above"


@dataclass(slots=True)
class Document:
    """A file's plain data (dict, list, str, int, float, bool, None), and where each part of it stands."""

    file: str
    data: object = None
    keys: dict[Path, Position] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    """What the reader itself refused; the rest of the data is usable."""

    def get(self, *path: str | int) -> object:
        """Return the value at the path, None when nothing is there."""
        here = self.data
        for part in path:
            if isinstance(here, dict):
                here = here.get(part)
            elif isinstance(here, list) and isinstance(part, int) and 0 <= part < len(here):
                here = here[part]
            else:
                return None
        return here

    def names(self, *path: str | int) -> tuple[str, ...]:
        """Return the keys of the mapping at the path, none when there is no mapping."""
        here = self.get(*path)
        return tuple(here) if isinstance(here, dict) else ()

    def place(self, path: Path, of_key: bool = False) -> Position:
        """Return where the value stands, or its key; the nearest thing above it where it is not there."""
        first, second = (self.keys, self.values) if of_key else (self.values, self.keys)
        found = first.get(path) or second.get(path)
        if found or not path:
            return found or _TOP
        return self.place(path[:-1], of_key=True)

    def problem(self, path: Path, text: str, cure: str = "", of_key: bool = False) -> Problem:
        """Return a problem with what stands at the path."""
        line, column = self.place(path, of_key)
        return Problem(self.file, line, column, dotted(path), text, cure)


def read(source: str | bytes, file: str) -> Document:
    """Return the document in the source; `file` names it in problems.

    Raises ConfigError where there is no telling what the data is.
    """
    loader = yaml.SafeLoader(text_of(source, file))
    try:
        return _Composer(loader, file).document()
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_syntax(error, file)]) from None
    except (ValueError, OverflowError):
        # An escape such as "\UFFFFFFFF", or a version with thousands of digits.
        text = "not valid YAML: a number out of range"
        raise ConfigError(
            [Problem(file, loader.line + 1, loader.column + 1, "", text, _OTHER_CURE)]
        ) from None
    finally:
        loader.dispose()


def _position(mark: object) -> Position:
    return (mark.line + 1, mark.column + 1) if isinstance(mark, yaml.Mark) else _TOP


def _syntax(error: yaml.MarkedYAMLError, file: str) -> Problem:
    what = error.problem or error.context or "it cannot be read"
    for theirs, ours in _WORDINGS:
        what = what.replace(theirs, ours)
    cure = next((cure for part, cure in _CURES if part in what), _OTHER_CURE)
    begin, end = _position(error.context_mark), _position(error.problem_mark or error.context_mark)
    if error.context and begin[0] < end[0]:
        what += f" ({error.context} that begins in line {begin[0]})"
    return Problem(file, *end, "", f"not valid YAML: {what}", cure)


def _scalar(event: events.ScalarEvent) -> object:
    """Return what a scalar is: text, unless it is unquoted and looks like nothing else."""
    text = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


class _Composer:
    """Builds the data from the parser's events, and notes places and problems on the way."""

    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self._loader = loader
        self._document = Document(file)
        self._parts = 0

    def document(self) -> Document:
        """Return the first document, with a problem for each thing in it that is refused."""
        self._next()  # the stream's start
        if self._comes(events.DocumentStartEvent):
            start = cast("events.DocumentStartEvent", self._next())
            if start.version or start.tags:
                place = _position(start.start_mark)
                self._refuse(place, (), "a line that begins with % is not taken", "delete it")
            self._document.data = self._value(())
            self._next()  # the document's end
        if not self._comes(events.StreamEndEvent):
            begin = _position(self._next().start_mark)
            self._refuse(begin, (), "a second document begins here", "one file holds one; delete `---`")
        return self._document

    def _next(self) -> events.Event:
        event = cast("events.Event", self._loader.get_event())  # type: ignore[no-untyped-call]
        self._parts += 1
        if self._parts > MOST_PARTS:
            cure = f"at most {MOST_PARTS} keys, values and brackets are read"
            self._give_up(_position(event.start_mark), "the file has too many parts", cure)
        return event

    def _comes(self, kind: type[events.Event]) -> bool:
        return bool(self._loader.check_event(kind))

    def _refuse(self, position: Position, path: Path, text: str, cure: str) -> None:
        self._document.problems.append(Problem(self._document.file, *position, dotted(path), text, cure))

    def _value(self, path: Path) -> object:
        event = self._next()
        position = self._document.values[path] = _position(event.start_mark)
        self._refuse_hidden(event, path)
        if isinstance(event, events.AliasEvent):
            return None
        if isinstance(event, events.ScalarEvent):
            return _scalar(event)
        self._look_down(len(path), position)
        return self._sequence(path) if isinstance(event, events.SequenceStartEvent) else self._mapping(path)

    def _look_down(self, level: int, position: Position) -> None:
        if level >= MOST_LEVELS:
            self._give_up(position, f"nested more than {MOST_LEVELS} levels deep", "check the brackets")

    def _give_up(self, position: Position, text: str, cure: str) -> NoReturn:
        self._refuse(position, (), text, cure)
        raise ConfigError(self._document.problems)

    def _refuse_hidden(self, event: events.Event, path: Path) -> None:
        position = _position(event.start_mark)
        if isinstance(event, events.AliasEvent):
            self._refuse(position, path, "an alias (*) is not taken", "write the value out, or in quotes")
        elif isinstance(event, events.NodeEvent) and event.anchor is not None:
            self._refuse(position, path, "an anchor (&) is not taken", "write each value out, or in quotes")
        if isinstance(event, events.ScalarEvent | events.CollectionStartEvent) and event.tag is not None:
            self._refuse(position, path, "a tag (!) is not taken", "delete it, or write the value in quotes")

    def _sequence(self, path: Path) -> list[object]:
        items: list[object] = []
        while not self._comes(events.SequenceEndEvent):
            items.append(self._value((*path, len(items))))
        self._next()
        return items

    def _mapping(self, path: Path) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while not self._comes(events.MappingEndEvent):
            key = self._key(path, mapping)
            if key is None:
                self._skip()
            else:
                mapping[key] = self._value((*path, key))
        self._next()
        return mapping

    def _key(self, path: Path, mapping: dict[str, object]) -> str | None:
        """Return the next key as it is written and note its place, None when its value is to be skipped."""
        if not self._comes(events.ScalarEvent):
            position = self._skip()
            self._refuse(position, (*path, "?"), "a key must be a plain text", "write `key: value`")
            return None
        event = cast("events.ScalarEvent", self._next())
        position, key = _position(event.start_mark), event.value
        self._refuse_hidden(event, (*path, key))
        if key in mapping:
            text = f"the key stands already in line {self._document.keys[*path, key][0]}"
            self._refuse(position, (*path, key), text, "keep one of the two")
            return None
        if key == "<<" and not event.style:
            self._refuse(position, (*path, key), "a merge key (<<) is not taken", "write the keys out")
            return None
        if not key.strip() or "\n" in key:
            self._refuse(position, (*path, key), "this cannot be a key", "write a name before the colon")
            return None
        self._document.keys[*path, key] = position
        return key

    def _skip(self) -> Position:
        """Pass over the next value, however deep, and return where it began."""
        first = event = self._next()
        depth = 0
        while True:
            depth += isinstance(event, events.CollectionStartEvent)
            depth -= isinstance(event, events.CollectionEndEvent)
            self._look_down(depth, _position(event.start_mark))
            if not depth:
                return _position(first.start_mark)
            event = self._next()
