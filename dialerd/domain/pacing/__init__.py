"""How many calls to place now: one pacer a file, made by `create`."""

from collections.abc import Callable, Mapping

from dialerd.domain.pacing.pacer import Pacer, PacingDecision
from dialerd.domain.pacing.ratio import RatioPacer

METHODS: Mapping[str, Callable[[float], Pacer]] = {
    "progressive": lambda _level: RatioPacer(1.0),
    "ratio": RatioPacer,
}
"""Method -> maker of its pacer from the level."""


def create(method: str, level: float = 1.0) -> Pacer:
    """Return a fresh pacer of the method; `KeyError` for a method that is not in `METHODS`."""
    return METHODS[method](level)


__all__ = ["METHODS", "Pacer", "PacingDecision", "create"]
