"""The kinds of value that a file can hold: each has words for people, a check, and a way back to text.

A kind stands in an `Annotated` type of the schema. A value that is not of its kind is refused with what is
wrong and what to write instead. Kinds of time have a file of their own.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from dialerd.config.problems import meant, shown


class Wrong(ValueError):
    """A value that is not of its kind; `cure` says what to write instead."""

    def __init__(self, text: str, cure: str) -> None:
        super().__init__(text)
        self.text = text
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Kind:
    """`words` say what it is; `read` returns the value or raises Wrong; `write` makes it a scalar again."""

    words: str
    read: Callable[[object], Any]
    write: Callable[[Any], object] = str

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        """Let pydantic check with `read` and dump with `write`."""
        del source, handler
        written = core_schema.plain_serializer_function_ser_schema(self.write)
        return core_schema.no_info_plain_validator_function(self._read, serialization=written)

    def _read(self, value: object) -> object:
        try:
            return self.read(value)
        except Wrong as wrong:
            raise refusal(wrong.text, wrong.cure) from None


def refusal(text: str, cure: str) -> PydanticCustomError:
    """Return the error by which pydantic learns what is wrong and what to write instead."""
    return PydanticCustomError("wrong", "{text}", {"text": text, "cure": cure})


def what_is(value: object) -> str:
    """Return what a value is, in words."""
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case list() | tuple():
            return "a list"
        case dict():
            return "a section"
    return f"the text {shown(str(value))}"


def as_text(value: object, words: str) -> str:
    """Return the value if it is text; raises Wrong, which for a number says how to write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        written = str(value).lower()
        raise Wrong(f"is {what_is(value)}, must be {words}", f'write it in quotes, such as "{written}"')
    raise Wrong(f"is {what_is(value)}, must be {words}", "write one text")


def word(words: str, pattern: str, cure: str = "", repeated: bool = True) -> Kind:
    """Return a text of which every character is on a list: the whole of it matches the pattern.

    `repeated` says whether problems may show what was written.
    """
    compiled = re.compile(pattern, re.ASCII)

    def read(value: object) -> str:
        text = as_text(value, words)
        if compiled.fullmatch(text) is None:
            raise Wrong(f"{shown(text) if repeated else 'it'} is not taken", cure or f"write {words}")
        return text

    return Kind(words, read)


def choice(options: Iterable[str]) -> Kind:
    """Return one word of several."""
    known = tuple(options)
    words = " or ".join(f"`{option}`" for option in known)

    def read(value: object) -> str:
        text = as_text(value, words)
        if text not in known:
            raise Wrong(f"{shown(text)} is not known", meant(text, known))
        return text

    return Kind(words, read)


def whole(low: int, high: int) -> Kind:
    """Return a whole number from low to high."""
    words = f"a whole number from {low} to {high}"

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong(f"is {what_is(value)}, must be {words}", "write digits without quotes")
        if not low <= value <= high:
            raise Wrong(f"{value} is out of range", f"write {words}")
        return value

    return Kind(words, read, int)


def rate(low: float, high: float) -> Kind:
    """Return a number from low to high, fractions allowed."""
    words = f"a number from {low:g} to {high:g}"

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Wrong(f"is {what_is(value)}, must be {words}", "write digits without quotes, such as 1.5")
        if not low <= value <= high:
            raise Wrong(f"{value} is out of range", f"write {words}")
        return float(value)

    return Kind(words, read, float)


def absolute_path(most_bytes: int = 4096) -> Kind:
    """Return the path of a file from the root on; what was written is not repeated in problems."""
    words = "an absolute path"

    def read(value: object) -> Path:
        if isinstance(value, Path):
            return value
        text = as_text(value, words)
        if not text.startswith("/"):
            raise Wrong("is not an absolute path", "begin it with /")
        if not text.isprintable() or text.endswith("/"):
            raise Wrong("is not the path of a file", "write printable characters, and no / at the end")
        if len(text.encode()) > most_bytes:
            raise Wrong("is too long", f"write at most {most_bytes} bytes")
        return Path(text)

    return Kind(words, read)


_CARRIER = r"(?!.{201})[A-Za-z][A-Za-z0-9]{1,15}(/[A-Za-z0-9+_.:@-]{1,100}){1,3}"
"""What a dial string looks like once the number is in it: technology, then up to three parts."""

_MOST_DIGITS = "9" * 15


def dial_template() -> Kind:
    """Return a dial string with exactly one `{number}`, around which nothing can end or multiply a call."""
    words = "a dial string with `{number}` once, such as `PJSIP/{number}@trunk`"
    carrier = re.compile(_CARRIER, re.ASCII)

    def read(value: object) -> str:
        text = as_text(value, words)
        if text.count("{number}") != 1:
            raise Wrong(f"{shown(text)} holds `{{number}}` {text.count('{number}')} times", f"write {words}")
        technology = text.partition("/")[0]
        if "{" in technology or carrier.fullmatch(text.replace("{number}", _MOST_DIGITS)) is None:
            allowed = "a technology, a slash, then letters, digits and _ . + @ : / -"
            raise Wrong(f"{shown(text)} is not a dial string", f"write {allowed} around `{{number}}`")
        return text

    return Kind(words, read)


def phone_number() -> Kind:
    """Return a number to show: E.164 with its plus, or 3 to 15 digits."""
    words = "a telephone number in quotes"
    pattern = re.compile(r"\+[1-9][0-9]{5,14}|[0-9]{3,15}", re.ASCII)

    def read(value: object) -> str:
        text = as_text(value, words)
        if pattern.fullmatch(text) is None:
            cure = "write + and 6 to 15 digits, or 3 to 15 digits, without spaces"
            raise Wrong(f"{shown(text)} is not a telephone number", cure)
        return text

    return Kind(words, read)
