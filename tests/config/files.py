"""Files that are right, and the mistakes that the tests make in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dialerd.config import DaemonConfig, parse_daemon

HERE = Path(__file__).parent
ETC = HERE.parents[1] / "etc"

DAEMON = (HERE / "right" / "daemon.yaml").read_text()
CAMPAIGN = (HERE / "right" / "campaign.yaml").read_text()

MARK = "▸"
"""Stands in a mistake where the problem is to point."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text with one mistake in it, and what is told of it."""

    text: str
    line: int
    column: int
    told: str


def daemon() -> DaemonConfig:
    """Return the right daemon's file, read."""
    return parse_daemon(DAEMON, "dialerd.yaml")


def mistakes(name: str, right: str) -> Iterator[Mistake]:
    """Yield each mistake of the file in `mistakes/`, made in the right text."""
    cases = (HERE / "mistakes" / name).read_text().split("\n\n")[1:]
    for case in cases:
        lines = case.strip("\n").split("\n")
        old, new, told = ("\n".join(line[2:] for line in lines if line[0] == sign) for sign in "<>=")
        assert right.count(old) == 1, f"not once in the right file: {old}"
        assert new.count(MARK) == 1, f"not one mark: {new}"
        marked = right.replace(old, new)
        before = marked.partition(MARK)[0]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        yield Mistake(marked.replace(MARK, ""), line, column, told)
