"""A target's own columns, as the dialplan will see them: what a name and a value may be."""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

MOST_VARIABLES = 20
"""Variables of one target; each costs Asterisk a header and some work for every call."""

MOST_VALUE_BYTES = 800
"""Bytes of a percent-encoded value: with its name it must fit into one line of 1,000 bytes to Asterisk."""

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tab and newline, and halves of surrogate pairs."""

_BYTES_PER_ASCII, _BYTES_PER_CHARACTER = 3, 12
"""The most that one character can take when percent-encoded."""


def merged(known: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the known variables with the new ones over them; beyond the most, known ones give way."""
    kept = {name: value for name, value in known.items() if name not in new}
    room = max(0, MOST_VARIABLES - len(new))
    return {**dict(list(kept.items())[-room:] if room else ()), **new}


def is_name(text: str) -> bool:
    """Say whether the text can be a variable's name: capitals, digits and underscores, 32 at most."""
    return _NAME.fullmatch(text) is not None


def as_name(text: str) -> str:
    """Return the column's name with capitals and underscores; it need not be a variable's name even so."""
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


def fault_of(value: str) -> str:
    """Say in words why the value cannot be passed on, or return ''."""
    if _UNFIT.search(value):
        return "holds a control character"
    if _most_bytes(value) > MOST_VALUE_BYTES and len(quote(value, safe="")) > MOST_VALUE_BYTES:
        return f"is longer than {MOST_VALUE_BYTES} bytes when percent-encoded"
    return ""


def first_fault(names: Iterable[str], values: Sequence[str]) -> str:
    """Say which of the named values cannot be passed on and why, or return '' when all can."""
    together = "".join(values)
    if together.isprintable() and _most_bytes(together) <= MOST_VALUE_BYTES:
        return ""  # a quick look that nearly all rows pass
    faults = (
        f"{name} {fault}" for name, value in zip(names, values, strict=True) if (fault := fault_of(value))
    )
    return next(faults, "")


def _most_bytes(text: str) -> int:
    return len(text) * (_BYTES_PER_ASCII if text.isascii() else _BYTES_PER_CHARACTER)
