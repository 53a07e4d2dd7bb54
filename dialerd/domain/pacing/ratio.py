"""So many calls for each available agent; with level 1 this is progressive dialling."""

import math

from dialerd.domain.pacing.events import PacingEvent
from dialerd.domain.pacing.pacer import PacingDecision, Tally

_ROUNDING = 1e-9
"""1.4 times 45 is 62.99... to a computer, and 63 to whoever wrote 1.4."""


class RatioPacer:
    """Level times available agents, minus the calls that still want an agent."""

    def __init__(self, level: float) -> None:
        self._level = level
        self._tally = Tally()

    def observe(self, event: PacingEvent) -> None:
        """Take note of what happened."""
        self._tally.observe(event)

    def decide(self, now: float) -> PacingDecision:
        """Return how many calls to place now."""
        del now
        idle, pending = len(self._tally.idle), len(self._tally.pending)
        calls = max(0, math.floor(self._level * idle + _ROUNDING) - pending)
        reason = f"{self._level:g} x {idle} available agents - {pending} calls without an agent = {calls}"
        return PacingDecision(
            calls, reason, {"available": idle, "agents": len(self._tally.agents), "in_flight": pending}
        )
