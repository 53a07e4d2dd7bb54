"""How long people take: spans drawn from a seeded source."""

import math
from dataclasses import dataclass
from random import Random
from typing import Protocol


class Duration(Protocol):
    """A span of time that differs from one time to the next."""

    def draw(self, rng: Random) -> float:
        """Return one span in milliseconds, never below 0."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same span."""

    ms: float

    def draw(self, rng: Random) -> float:  # noqa: ARG002
        """Return the span."""
        return self.ms


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any span between two, all alike."""

    low_ms: float
    high_ms: float

    def draw(self, rng: Random) -> float:
        """Return a span between both."""
        return rng.uniform(self.low_ms, self.high_ms)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Talk and thinking times: half below the median, a long tail above it."""

    median_ms: float
    sigma: float = 0.6

    def draw(self, rng: Random) -> float:
        """Return a span around the median."""
        return rng.lognormvariate(math.log(self.median_ms), self.sigma)


@dataclass(frozen=True, slots=True)
class Hurried:
    """Another duration, lived through so many times faster."""

    of: Duration
    speed: float

    def draw(self, rng: Random) -> float:
        """Return a shortened span."""
        return self.of.draw(rng) / self.speed


def hurried(duration: Duration | None, speed: float) -> Duration | None:
    """Return the duration divided by the speed; None stays None."""
    return duration if duration is None or speed == 1 else Hurried(duration, speed)
