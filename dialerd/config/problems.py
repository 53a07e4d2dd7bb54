"""What is wrong with a file: every problem at once, each with its place and a cure."""

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

MOST_SHOWN = 100
"""More problems than this are counted, not shown: nobody reads on, and a journal is not flooded."""

_MOST_CHARACTERS = 40
"""Of a strange value as much is shown."""

Path = tuple[str | int, ...]
"""Where a value stands: keys and list indices from the top of the document."""

_NEAR = 0.72
"""How alike two words are (0 to 1) for one to be meant by the other."""

_PLAIN = re.compile(r"[A-Za-z0-9_+-]{1,64}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; line and column count from 1, and `path` is '' for the file as a whole."""

    file: str
    line: int
    column: int
    path: str
    text: str
    cure: str

    def __str__(self) -> str:
        place = f"{_printable(self.file)}:{self.line}:{self.column}: "
        subject = f"{self.path}: " if self.path else ""
        cure = f"; {self.cure}" if self.cure else ""
        return f"{place}{subject}{self.text}{cure}"


class ConfigError(Exception):
    """A file cannot be used; `problems` holds everything that is wrong, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        shown = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        more = len(self.problems) - len(shown)
        super().__init__("\n".join([*shown, f"and {more} more problems"] if more else shown))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems sorted by line, at most one a path and place."""
    unique = {(p.line, p.column, p.path, p.text): p for p in problems}
    return tuple(unique[key] for key in sorted(unique))


def dotted(path: Path) -> str:
    """Return the path as people write it, such as `caller_ids.office.numbers[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in path)
    return text.removeprefix(".")


def shown(value: str) -> str:
    """Return the text in quotes, short, and harmless to a terminal or a log."""
    cut = value if len(value) <= _MOST_CHARACTERS else value[:_MOST_CHARACTERS] + "..."
    return ascii(cut) if not cut.isprintable() else f"'{cut}'"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, '' when none is near."""
    by_fold = {option.casefold(): option for option in sorted(known, reverse=True)}
    near = difflib.get_close_matches(word[:_MOST_CHARACTERS].casefold(), by_fold, n=1, cutoff=_NEAR)
    return by_fold[near[0]] if near else ""


def mistyped(words: Iterable[str], known: Collection[str]) -> set[str]:
    """Return the known words that were probably meant by words that are not known."""
    return {nearest(word, known) for word in words if word not in known} - {""}


def meant(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return a cure: the near miss if there is one, else all that is known, else the given sentence."""
    options = sorted(known)
    near = nearest(word, options)
    if near:
        return f"did you mean `{near}`?"
    return f"known are {', '.join(options)}" if options else otherwise


def _key(part: str) -> str:
    return part if _PLAIN.fullmatch(part) else shown(part)


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)
