"""Virtual time: callbacks that happen at their millisecond, always in the same order."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from dialerd.domain.instant import Instant


class Timer:
    """A callback that has not happened yet."""

    __slots__ = ("_action", "at")

    def __init__(self, at: Instant, action: Callable[[], None]) -> None:
        self.at = at
        self._action: Callable[[], None] | None = action

    @property
    def waits(self) -> bool:
        """Whether it is still to happen."""
        return self._action is not None

    def cancel(self) -> None:
        """Let it never happen; harmless when it has."""
        self._action = None

    def fire(self) -> None:
        """Let it happen now, once."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Kernel:
    """A clock that jumps from one callback to the next; those of the same millisecond keep their order."""

    def __init__(self, start: Instant = 0) -> None:
        self.now: Instant = start
        self._order = count()
        self._heap: list[tuple[Instant, int, Timer]] = []

    def at(self, when: Instant, action: Callable[[], None]) -> Timer:
        """Let the action happen then, or at once if that time has passed."""
        timer = Timer(max(when, self.now), action)
        heappush(self._heap, (timer.at, next(self._order), timer))
        return timer

    def after(self, delay_ms: float, action: Callable[[], None]) -> Timer:
        """Let the action happen so many milliseconds from now."""
        return self.at(self.now + max(0, round(delay_ms)), action)

    @property
    def next_at(self) -> Instant | None:
        """When the next callback happens, None when nothing will."""
        while self._heap and not self._heap[0][2].waits:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_next(self) -> bool:
        """Jump to the next callback and let it happen; False when there is none."""
        if self.next_at is None:
            return False
        self.now, _, timer = heappop(self._heap)
        timer.fire()
        return True

    def run_until(self, when: Instant) -> None:
        """Let everything up to that time happen, that millisecond included, and be there."""
        while (due := self.next_at) is not None and due <= when:
            self.run_next()
        self.now = max(self.now, when)

    def run_for(self, span_ms: Instant) -> None:
        """Let the next so many milliseconds pass."""
        self.run_until(self.now + span_ms)
