"""Laws that every simulated day is held to, checked as it happens."""

from collections.abc import Iterable

from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import Instant
from dialerd.domain.originate import Originate
from dialerd.domain.phone import Phone
from dialerd.engine.messages import AttemptClosed, AttemptOpened, Record
from dialerd.engine.settings import Settings


class BrokenLaw(AssertionError):
    """The engine did what it must never do; the text says which law."""


class Watch:
    """Looks at everything that is written and ordered."""

    def __init__(self, settings: Settings) -> None:
        self._channels = settings.channels
        self._open: dict[AttemptId, Phone] = {}
        self._ordered: set[AttemptId] = set()

    def written(self, records: Iterable[Record]) -> None:
        """Look at records that hold from now on."""
        for record in records:
            if isinstance(record, AttemptOpened):
                self._opened(record)
            elif isinstance(record, AttemptClosed):
                _require(record.attempt.id in self._open, "an attempt is closed once")
                del self._open[record.attempt.id]

    def ordered(self, order: Originate, now: Instant) -> None:
        """Look at a call that is about to be placed."""
        _require(order.attempt in self._open, "an attempt is written before it is ordered")
        _require(order.attempt not in self._ordered, "an attempt is ordered once")
        _require(now <= order.not_after, "nobody is called after the attempt's deadline")
        self._ordered.add(order.attempt)

    def _opened(self, record: AttemptOpened) -> None:
        attempt = record.attempt
        _require(attempt.number not in self._open.values(), "a number is on one call at a time")
        self._open[attempt.id] = attempt.number
        _require(len(self._open) <= self._channels, "calls stay within the channels of the system")


def _require(holds: bool, law: str) -> None:
    if not holds:
        raise BrokenLaw(law)
