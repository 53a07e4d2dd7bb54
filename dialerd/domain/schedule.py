"""The hours in which a campaign may call, in one time zone, decided in UTC instants."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialerd.domain.instant import DAY_MS, MINUTE_MS, SECOND_MS, Instant

MINUTES_PER_DAY = 24 * 60
_LOOK_AHEAD_DAYS = 16
"""Two weeks and more: a segment that comes once a week can fall into an hour that the clocks skip."""


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
        for days in range(_LOOK_AHEAD_DAYS):
            begin, end = now + days * DAY_MS, now + (days + 1) * DAY_MS
            openings = [at for at in self._may_open(begin, end) if begin < at <= end and self.is_open(at)]
            if openings:
                return min(openings)
        return None

    def _local(self, now: Instant) -> datetime:
        return datetime.fromtimestamp(now / SECOND_MS, UTC).astimezone(ZoneInfo(self.zone))

    def _may_open(self, begin: Instant, end: Instant) -> Iterator[Instant]:
        """Yield, in no order, each instant of these 24 hours at which closed hours can become open.

        That is where a segment begins, twice in the repeated hour; and where the clocks change, as that may
        lead into the middle of a segment.
        """
        first, last = self._local(begin), self._local(end)
        if first.utcoffset() != last.utcoffset():
            yield self._clock_change(begin, end)
        for days in range((last.date() - first.date()).days + 1):
            day = first.date() + timedelta(days=days)
            for segment in self.week.get(day.weekday(), ()):
                yield from (_instant(day, segment.start, self.zone, fold) for fold in (0, 1))

    def _clock_change(self, begin: Instant, end: Instant) -> Instant:
        """Return the minute at which the zone's clocks change; they do so once between the two."""
        minutes = range(begin - begin % MINUTE_MS, end + MINUTE_MS, MINUTE_MS)
        before = self._local(begin).utcoffset()
        return minutes[bisect_left(minutes, True, key=lambda at: self._local(at).utcoffset() != before)]


def _instant(day: date, minute: int, zone: str, fold: int) -> Instant:
    local = datetime(
        day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZoneInfo(zone), fold=fold
    )
    return round(local.timestamp() * SECOND_MS)
