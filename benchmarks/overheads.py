"""What the daemon pays besides its work: the cost of a log line.

CPU time in microseconds, the best of several rounds, since other programs only ever make a round slower. Each
figure stands beside its floor: the same fields through the standard library's `json.dumps`.

    python benchmarks/overheads.py [--quick] [--check]
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from dialerd.daemon.logging import configure
from dialerd.daemon.redact import Redactor

ROUNDS = 9
CALLS, QUICK_CALLS = 20_000, 2_000

FIELDS = {
    "attempt": "dlr-abc123-0123456789abcdefghjkmnpqrs",
    "campaign": "spring",
    "target": 1234,
    "number": "+15550100123",
    "outcome": "no_answer",
    "ring_ms": 20_345,
    "trunk": "carrier",
    "cause": 19,
}
"""Eight fields, as the end of an attempt has."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A cost with its floor and the most it may be, as a multiple of the floor."""

    name: str
    cost_us: float
    floor_us: float
    most_ratio: float

    @property
    def ratio(self) -> float:
        """How many times the floor it is."""
        return self.cost_us / self.floor_us

    def __str__(self) -> str:
        floor = f"floor {self.floor_us:.2f}, ratio {self.ratio:.2f}, goal {self.most_ratio:.2f}"
        return f"{self.name} {self.cost_us:.2f} us ({floor})"


class Nowhere(io.RawIOBase):
    """Takes lines and keeps none."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Say that all was written."""
        return len(data)


def cost_us(act: Callable[[], object], calls: int) -> float:
    """Return the CPU time of one call in microseconds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        for _ in range(calls):
            act()
        rounds.append(time.process_time_ns() - began)
    return min(rounds) / calls / 1_000


def figures(calls: int) -> list[Figure]:
    """Measure a line that is written and one below the level."""
    redactor = Redactor(["a-secret-of-the-ami"])
    log = configure(lambda: 1_795_387_785_123, redactor=redactor, out=Nowhere())  # type: ignore[arg-type]
    floor = cost_us(lambda: json.dumps(FIELDS), calls)
    line = cost_us(lambda: log.info("attempt closed", **FIELDS), calls)
    below = cost_us(lambda: log.debug("attempt closed", **FIELDS), calls)
    return [Figure("log.line", line, floor, 5.0), Figure("log.below_level", below, floor, 0.8)]


def main() -> int:
    """Print the figures; with --check return 1 if one misses its goal."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer calls, for CI")
    options.add_argument("--check", action="store_true", help="fail when a goal is missed")
    chosen = options.parse_args()
    measured = figures(QUICK_CALLS if chosen.quick else CALLS)
    for figure in measured:
        print(figure)
    missed = [figure for figure in measured if figure.ratio > figure.most_ratio]
    return 1 if chosen.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
