"""The fenced blocks of a document.

The first word after the fence is the language, as everywhere; words after it, which a reader does not see,
tell the tests what to do:

    sh                  commands, run in order; each must end with 0, or with `exit=N` the last one with N
    sh terminal         a program that stays; the next `sh terminal` or the end of the page ends it
    text                what the block before says, line by line; `...` stands for any lines
    text until          the same, in the end: the block before only looks, so it is run again until it says so
    yaml file=PATH      a file of that content (any language); `append=PATH`: lines for the end of that file
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```([^\n`]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WORDS = re.compile(r"(\w+)(?:=(\S+))?")


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its language, the words after it, its text and the line where it begins."""

    language: str
    words: dict[str, str]
    text: str
    line: int


def blocks(document: Path, until: str = "") -> Iterator[Block]:
    """Yield each fenced block that names a language, in order, up to the heading `until`."""
    content = document.read_text(encoding="utf-8")
    content = content[: content.index(f"\n{until}\n")] if until else content
    for found in _FENCE.finditer(content):
        language, _, rest = found[1].partition(" ")
        words = {name: value or "" for name, value in _WORDS.findall(rest)}
        yield Block(language, words, found[2], content.count("\n", 0, found.start()) + 1)


def pages() -> list[Path]:
    """Every page of the handbook."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
