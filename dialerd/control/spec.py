"""What a command is: one class is the command of dialerctl, the message on the wire, the help and the docs.

Read at every start of dialerctl: only quick parts of the standard library are imported, and only the commands
themselves are data classes, since making one takes as long as a question to the daemon.
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

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_NUMBER = r"\+?[0-9 ().\-/]{3,40}"
_ATTEMPT_ID = r"[a-z0-9-]{0,64}"
_UNFIT = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
"""Patterns are compiled when they are first used, which most commands never do."""


class Kind:
    """What a parameter may be: `metavar` names it in a command line, `words` describe it in a refusal."""

    __slots__ = ("choices", "fits", "metavar", "words")

    def __init__(
        self, metavar: str, words: str, fits: Callable[[Any], bool], choices: tuple[str, ...] = ()
    ) -> None:
        self.metavar = metavar
        self.words = words
        self.fits = fits
        self.choices = choices


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_text(limit: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= limit and not re.search(_UNFIT, value)


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
ATTEMPT = Kind("ATTEMPT", "an attempt's id", _matches(_ATTEMPT_ID))
WORD = Kind("TEXT", "text of at most 200 characters without control characters", _is_text(200))
FILE_TEXT = Kind("FILE", f"text of at most {MOST_TEXT} characters", _is_text(MOST_TEXT))
"""The command line names a file, the wire carries its text."""
PATH = Kind("FILE", "a file's name", _is_text(4096))
FLAG = Kind("", "true or false", lambda value: type(value) is bool)
PAGE = whole(1, MOST_PAGE)
COLUMNS = Kind("", "a list of names", lambda value: type(value) is list)
ROWS = Kind("", "a list of lists of text", lambda value: type(value) is list)


class Param:
    """One parameter: an argument of the command line, an option, or `hidden` from it."""

    __slots__ = ("default", "help", "hidden", "kind", "many", "name", "positional")

    def __init__(
        self,
        name: str,
        default: Any,
        kind: Kind,
        help: str,  # noqa: A002
        positional: bool = False,
        hidden: bool = False,
        many: bool = False,
    ) -> None:
        self.name = name
        self.default = default
        self.kind = kind
        self.help = help
        self.positional = positional
        self.hidden = hidden
        self.many = many

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


class Spec:
    """A command as data. `role` is None for what runs in dialerctl alone."""

    __slots__ = ("changes", "example", "name", "params", "reply", "role", "text", "type", "wire_only")

    def __init__(
        self,
        name: str,
        type_: type,
        reply: Mapping[str, str],
        example: str = "",
        role: Role | None = None,
        changes: bool = False,
        wire_only: bool = False,
    ) -> None:
        self.name = name
        self.type = type_
        self.params = tuple(Param(f.name, f.default, **f.metadata) for f in fields(type_))
        self.text = "\n".join(line.strip() for line in (type_.__doc__ or "").strip().splitlines())
        self.reply = reply
        self.example = example
        self.role = role
        self.changes = changes
        self.wire_only = wire_only

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
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        SPECS[name] = Spec(name, made, reply, example, role, changes, wire_only)
        return made

    return declare
