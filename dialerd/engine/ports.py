"""What the engine and the daemon need of the outside world."""

from typing import Protocol

from dialerd.domain.instant import Instant


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> Instant:
        """Return the wall clock's time."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
