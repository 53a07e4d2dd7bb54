"""What a log line may show: numbers masked, secrets and personal columns never, everything with a limit."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dialerd.domain.identifiers import is_attempt_id

MOST_CHARACTERS = 2_000
"""Characters of one value."""

MOST_ITEMS = 50
"""Items of one list or mapping."""

MOST_DEPTH = 4
"""Lists in lists; what lies deeper is shown as text."""

SHORTEST_SECRET = 6
"""A shorter one would blot out ordinary words, and is none."""

NUMBER_KEYS = frozenset({"number", "numbers", "phone", "caller_id", "caller_ids"})
SECRET_KEYS = frozenset({"secret", "password", "token", "authorization", "credential"})
PERSONAL_KEYS = frozenset({"variables", "columns", "row"})
"""Keys whose values are hidden as a whole: they come from a list, and hold names and anything else."""

_SPECIAL_KEYS = NUMBER_KEYS | SECRET_KEYS | PERSONAL_KEYS | {"attempt"}
_PLAIN = frozenset({int, bool, type(None)})

_HIDDEN = "[hidden]"
_TAIL = 2
_HEAD = 4
_LEAST_MASKED = 4

_NUMBER = re.compile(
    r"""
      (?P<id> dlr-[0-9a-z]{6}-[0-9a-z]{26} )         # an attempt's id, whose digits are no number
    | (?:\+|%2[Bb]) \d (?: [ ().-]{0,2} \d ){5,}     # +1 555 010-0100, also percent-encoded
    | \d{7,}                                         # 15550100100 in a dial string
    """,
    re.VERBOSE,
)
_DIGIT = re.compile(r"\d")
_NOT_DIGITS = re.compile(r"\D+")
_PLUS = re.compile(r"^\s*(?:\+|%2[Bb])")


def mask(number: str) -> str:
    """Return the number with its middle hidden, such as +1555****00; of a short one even less is shown."""
    sign, digits = number[:1], number[1:]
    if sign != "+" or not digits.isdecimal():
        bare = _PLUS.sub("", number, count=1)
        sign, digits = "+" if bare != number else "", _NOT_DIGITS.sub("", bare)
    least = _TAIL + _LEAST_MASKED
    if len(digits) < least:
        return "****"
    return f"{sign}{digits[: min(_HEAD, len(digits) - least)]}****{digits[-_TAIL:]}"


class Redactor:
    """Makes values fit to be shown; `hide` adds a secret that must not appear anywhere."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: tuple[str, ...] = ()
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """Never show the secret from now on."""
        if len(secret) >= SHORTEST_SECRET and secret not in self._secrets:
            self._secrets = (*self._secrets, secret)

    def text(self, text: str) -> str:
        """Return the text without numbers and secrets, cut to the limit."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        if len(text) > MOST_CHARACTERS:
            text = text[: MOST_CHARACTERS - 1] + "…"
        return _NUMBER.sub(_masked, text) if _DIGIT.search(text) else text

    def end_of(self, text: str) -> str:
        """Return the end of the text without numbers and secrets, for texts whose end says most."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        text = _NUMBER.sub(_masked, text[-2 * MOST_CHARACTERS :])
        return text if len(text) <= MOST_CHARACTERS else "…" + text[1 - MOST_CHARACTERS :]

    def field(self, key: str, value: Any, depth: int = 0) -> Any:
        """Return the field's value as JSON may have it."""
        if key in _SPECIAL_KEYS:
            return self._special(key, value, depth)
        kind = type(value)
        if kind in _PLAIN:
            return value
        return self.text(value) if kind is str else self._other(value, depth)

    def _special(self, key: str, value: Any, depth: int) -> Any:
        if key == "attempt":
            return value if is_attempt_id(as_text(value)) else self._other(value, depth)
        if key not in NUMBER_KEYS:
            return _HIDDEN
        if value in (None, ""):
            return value
        many = isinstance(value, list | tuple | set | frozenset)
        return [mask(as_text(v)) for v in list(value)[:MOST_ITEMS]] if many else mask(as_text(value))

    def _other(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if depth < MOST_DEPTH and isinstance(value, Mapping):
            pairs = list(value.items())[:MOST_ITEMS]
            return {self.text(as_text(k)): self.field(as_text(k), v, depth + 1) for k, v in pairs}
        if depth < MOST_DEPTH and isinstance(value, list | tuple | set | frozenset):
            return [self.field("", item, depth + 1) for item in list(value)[:MOST_ITEMS]]
        return self.text(as_text(value))


def as_text(value: Any) -> str:
    """Return the value as text, whatever it is; a value that cannot say what it is does no harm."""
    try:
        return str(value)
    except Exception:
        return f"[{type(value).__name__} without a text]"


def _masked(found: re.Match[str]) -> str:
    return found[0] if found["id"] else mask(found[0])
