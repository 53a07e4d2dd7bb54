"""Where calls leave: dial strings and budgets."""

import math
from dataclasses import dataclass

from dialerd.domain.instant import SECOND_MS, Instant

BURST_S = 0.1
"""A bucket holds this many seconds of its rate, and at least one call, so that calls leave evenly."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A way out of the PBX.

    `template` is the dial string with `{number}` for the digits; `channels` is the most calls at one time and
    `calls_per_second` the most new ones, a fraction if need be.
    """

    name: str
    template: str
    channels: int
    calls_per_second: float


@dataclass(slots=True)
class RateBudget:
    """A token bucket of calls."""

    calls_per_second: float
    tokens: float = 1.0
    counted_at: Instant = 0

    @property
    def _depth(self) -> float:
        return max(1.0, self.calls_per_second * BURST_S)

    def available(self, now: Instant) -> int:
        """Return how many calls may start now."""
        gained = max(0, now - self.counted_at) / SECOND_MS * self.calls_per_second
        self.tokens = min(self._depth, self.tokens + gained)
        self.counted_at = now
        return math.floor(self.tokens + 1e-9)

    def take(self) -> None:
        """Spend one call."""
        self.tokens -= 1

    def next_at(self, now: Instant) -> Instant:
        """Return when the next call may start."""
        if self.available(now) >= 1:
            return now
        return now + math.ceil((1 - self.tokens) / self.calls_per_second * SECOND_MS)
