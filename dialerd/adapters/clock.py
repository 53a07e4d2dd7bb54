"""The one place that reads the time and waits."""

import asyncio
import time

from dialerd.domain.instant import Instant


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Instant:
        """Return the wall clock's time."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)
