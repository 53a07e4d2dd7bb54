"""The hours in which a campaign may call, in one time zone, decided in UTC instants."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialerd.domain.instant import MINUTE_MS, SECOND_MS, Instant

MINUTES_PER_DAY = 24 * 60
_LOOK_AHEAD_DAYS = 8
"""A week and a day: every weekday's segments begin at least once in it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Open from `start` up to, not including, `end`: minutes of the day; an `end` of 1440 is midnight."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Segments for each weekday (0 is Monday) on the clocks of one IANA zone."""

    zone: str
    week: Mapping[int, tuple[Segment, ...]]

    def is_open(self, now: Instant) -> bool:
        """Say whether the hours permit a call at that instant."""
        local = self._local(now)
        minute = local.hour * 60 + local.minute
        return any(s.start <= minute < s.end for s in self.week.get(local.weekday(), ()))

    def next_opening(self, now: Instant) -> Instant | None:
        """Return the first instant, from now on, at which the hours are open; None if they never are."""
        if self.is_open(now):
            return now
        later = (instant for instant in self._starts(self._local(now).date()) if instant > now)
        return next((instant for instant in later if self.is_open(instant)), None)

    def _local(self, now: Instant) -> datetime:
        return datetime.fromtimestamp(now / SECOND_MS, UTC).astimezone(ZoneInfo(self.zone))

    def _starts(self, first: date) -> Iterator[Instant]:
        """Yield, in order, each instant at which a segment may begin."""
        for days in range(-1, _LOOK_AHEAD_DAYS):
            day = first + timedelta(days=days)
            for segment in sorted(self.week.get(day.weekday(), ()), key=lambda s: s.start):
                yield from self._instants(day, segment.start)

    def _instants(self, day: date, minute: int) -> Iterator[Instant]:
        """Yield the instants of a local time: one as a rule, two in the repeated hour.

        A time that the clocks skip never comes; the segment then begins somewhere between the two readings.
        """
        naive = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001 (zone follows)
        readings = sorted({_instant(naive, self.zone, fold) for fold in (0, 1)})
        skipped = all(self._local(reading).replace(tzinfo=None) != naive for reading in readings)
        yield from range(readings[0], readings[-1] + 1, MINUTE_MS) if skipped else readings


def _instant(naive: datetime, zone: str, fold: int) -> Instant:
    return round(naive.replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * SECOND_MS)
