"""What a command is: one class is the command of dialerctl, the message on the wire, the help and the docs.

Read at every start of dialerctl, so only the standard library's quick parts are imported here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import IntEnum
from typing import Any, TypeVar, dataclass_transform


class Role(IntEnum):
    """What a caller may do; each role may do what the ones below it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


MOST_TEXT = 60_000
"""Characters of a text parameter: a request line holds 64 KiB."""

MOST_PAGE = 1_000
"""Rows of one answer."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NUMBER = re.compile(r"\+?[0-9 ().\-/]{3,40}")
_TOKEN = re.compile(r"[a-z0-9-]{0,64}")
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a parameter may be: `metavar` names it in a command line, `words` describe it in a refusal."""

    metavar: str
    words: str
    fits: Callable[[Any], bool]
    choices: tuple[str, ...] = ()


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_text(limit: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= limit and not _UNFIT.search(value)


def whole(low: int, high: int) -> Kind:
    """Return the kind of whole numbers from `low` to `high`."""
    fits = lambda value: type(value) is int and low <= value <= high  # noqa: E731
    return Kind("N", f"a whole number from {low} to {high}", fits)


def choice(*words: str) -> Kind:
    """Return the kind of one of these words."""
    return Kind("|".join(words), f"one of {', '.join(words)}", lambda value: value in words, words)


NAME = Kind("NAME", "a name: letters, digits, '_', '.' and '-', 64 at most", _matches(_NAME))
CAMPAIGN = Kind("NAME", NAME.words, NAME.fits)
LIST = Kind("LIST", NAME.words, NAME.fits)
NUMBER = Kind("NUMBER", "a telephone number with its country code, such as +15550100123", _matches(_NUMBER))
ATTEMPT = Kind("ATTEMPT", "an attempt's id", _matches(_TOKEN))
WORD = Kind("TEXT", "text of at most 200 characters without control characters", _is_text(200))
FILE_TEXT = Kind("FILE", f"text of at most {MOST_TEXT} characters", _is_text(MOST_TEXT))
"""The command line names a file, the wire carries its text."""
PATH = Kind("FILE", "a file's name", _is_text(4096))
FLAG = Kind("", "true or false", lambda value: type(value) is bool)
PAGE = whole(1, MOST_PAGE)
COLUMNS = Kind("", "a list of names", lambda value: type(value) is list)
ROWS = Kind("", "a list of lists of text", lambda value: type(value) is list)


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: an argument of the command line, an option, or `hidden` from it."""

    name: str
    kind: Kind
    help: str
    default: Any = MISSING
    positional: bool = False
    hidden: bool = False
    many: bool = False

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is MISSING


def argument(kind: Kind, help: str, *, default: Any = MISSING) -> Any:  # noqa: A002
    """Declare a parameter that stands at its place in the command line."""
    return field(default=default, metadata={"kind": kind, "help": help, "positional": True})


def option(kind: Kind, help: str, *, default: Any, many: bool = False) -> Any:  # noqa: A002
    """Declare a parameter given as `--name`; one of `many` may be repeated."""
    return field(default=default, metadata={"kind": kind, "help": help, "many": many})


def flag(help: str) -> Any:  # noqa: A002
    """Declare a parameter that is true when `--name` is given."""
    return field(default=False, metadata={"kind": FLAG, "help": help})


def hidden(kind: Kind, help: str, *, default: Any = MISSING) -> Any:  # noqa: A002
    """Declare a parameter of the wire that dialerctl fills in by itself."""
    return field(default=default, metadata={"kind": kind, "help": help, "hidden": True})


@dataclass(frozen=True, slots=True)
class Spec:
    """A command as data. `role` is None for what runs in dialerctl alone."""

    name: str
    type: type
    params: tuple[Param, ...]
    text: str
    reply: Mapping[str, str]
    example: str
    role: Role | None = None
    changes: bool = False
    wire_only: bool = False

    @property
    def method(self) -> str:
        """Its name on the wire."""
        return self.name.replace(" ", ".")

    @property
    def summary(self) -> str:
        """The first sentence of its help."""
        return self.text.split("\n", 1)[0]


SPECS: dict[str, Spec] = {}
"""The commands of all modules imported so far, by name."""

_T = TypeVar("_T")


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(argument, option, flag, hidden)
)
def command(
    name: str,
    *,
    reply: Mapping[str, str],
    example: str = "",
    role: Role | None = None,
    changes: bool = False,
    wire_only: bool = False,
) -> Callable[[type[_T]], type[_T]]:
    """Make the class a command; `reply` describes each key of its answer, its docstring is its help."""

    def declare(cls: type[_T]) -> type[_T]:
        made: Any = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        params = tuple(Param(f.name, default=f.default, **f.metadata) for f in fields(made))
        text = "\n".join(line.strip() for line in (cls.__doc__ or "").strip().splitlines())
        SPECS[name] = Spec(name, made, params, text, reply, example, role, changes, wire_only)
        return made  # type: ignore[no-any-return]

    return declare
