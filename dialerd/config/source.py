"""A file's bytes as text: not too large, UTF-8, and without what an editor does not show."""

import re
from collections.abc import Iterator

import yaml

from dialerd.config.problems import ConfigError, Problem

MOST_BYTES = 1024 * 1024
"""A larger file is refused: nobody writes one by hand."""

_BYTE_ORDER_MARK = "\ufeff"

_UNWANTED = {
    "\t": ("a tab", "use spaces"),
    "\r": ("a carriage return inside a line", "end lines with LF or CR LF"),
    "\x85": ("an invisible line break (U+0085)", "delete it"),
    "\u2028": ("an invisible line break (U+2028)", "delete it"),
    "\u2029": ("an invisible line break (U+2029)", "delete it"),
}
"""YAML would begin a line where an editor shows none, so a comment could hide a key."""

_UNWANTED_ONE = re.compile("[\t\x85\u2028\u2029]|\r(?!\\Z)")


def text_of(source: str | bytes, file: str) -> str:
    """Return the source as text without its byte order mark; raises ConfigError."""
    text = _decoded(source, file).removeprefix(_BYTE_ORDER_MARK)
    unwanted = list(_unwanted(text, file))
    if unwanted:
        raise ConfigError(unwanted)
    strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if strange:
        what = f"the character U+{ord(strange.group()):04X} is not taken"
        raise ConfigError([_after(text[: strange.start()], file, what, "delete it")])
    return text


def _decoded(source: str | bytes, file: str) -> str:
    if len(source) > MOST_BYTES:
        cure = f"at most {MOST_BYTES} bytes are read"
        raise ConfigError([Problem(file, 1, 1, "", "the file is too large", cure)])
    if isinstance(source, str):
        return source
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8")
        text = f"byte {error.start} (0x{source[error.start]:02x}) is not UTF-8"
        raise ConfigError([_after(before, file, text, "save the file as UTF-8")]) from None


def _unwanted(text: str, file: str) -> Iterator[Problem]:
    """Yield the first unwanted character of each line."""
    for number, line in enumerate(text.split("\n"), start=1):
        found = _UNWANTED_ONE.search(line)
        if found:
            name, cure = _UNWANTED[found.group()]
            yield Problem(file, number, found.start() + 1, "", f"{name} is not taken", cure)


def _after(before: str, file: str, text: str, cure: str) -> Problem:
    """Return a problem with the character that follows this text."""
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Problem(file, line, column, "", text, cure)
