"""The hours of a campaign against a wall clock that is read minute by minute."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialerd.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Instant
from dialerd.domain.schedule import MINUTES_PER_DAY, Hours, Segment

ZONES = (
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
)
"""An hour and half an hour of summer time, clocks that change at midnight, odd offsets, and none at all."""

BERLIN = "Europe/Berlin"
SUNDAY = 6
LONGEST_CLOSED_DAYS = 16


def instant(text: str, zone: str = BERLIN, fold: int = 0) -> Instant:
    """Return the instant at which the zone's clocks show that; the second time when fold is 1."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(local.timestamp() * SECOND_MS)


def is_open_by_the_wall_clock(hours: Hours, at: Instant) -> bool:
    """Say whether the local wall clock shows a minute of one of the weekday's segments."""
    local = datetime.fromtimestamp(at // SECOND_MS, UTC).astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    return any(segment.start <= minute < segment.end for segment in hours.week.get(local.weekday(), ()))


def opening_by_the_wall_clock(hours: Hours, now: Instant) -> Instant | None:
    """Look at each minute after now until the hours are open."""
    if is_open_by_the_wall_clock(hours, now):
        return now
    next_minute = now - now % MINUTE_MS + MINUTE_MS
    minutes = range(next_minute, next_minute + LONGEST_CLOSED_DAYS * DAY_MS, MINUTE_MS)
    return next((at for at in minutes if is_open_by_the_wall_clock(hours, at)), None)


@cache
def clock_changes(zone: str) -> tuple[Instant, ...]:
    """Return each instant from 2020 to 2037 at which the zone's offset changes, and one that is no change."""

    def offset(at: Instant) -> timedelta | None:
        return datetime.fromtimestamp(at // SECOND_MS, ZoneInfo(zone)).utcoffset()

    changes = [instant("2026-07-01T00:00", zone)]
    for begin in range(instant("2020-01-01T00:00", "UTC"), instant("2038-01-01T00:00", "UTC"), DAY_MS):
        if offset(begin) != offset(begin + DAY_MS):
            quarters = range(begin, begin + DAY_MS, 15 * MINUTE_MS)
            changes += [at for at in quarters if offset(at) != offset(at + 15 * MINUTE_MS)]
    return tuple(changes)


@st.composite
def segments(draw: st.DrawFn) -> tuple[Segment, ...]:
    """Return one to three segments, most of them near the hours at which clocks change."""
    starts = st.one_of(st.integers(0, 4 * 60), st.integers(22 * 60, 1439), st.integers(0, 1439))
    found = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(starts)
        length = draw(st.sampled_from((1, 15, 45, 120, 600)))
        found.append(Segment(start, min(start + length, MINUTES_PER_DAY)))
    return tuple(found)


def every_day(segments: tuple[Segment, ...]) -> dict[int, tuple[Segment, ...]]:
    """Return a week whose days are all alike."""
    return dict.fromkeys(range(7), segments)


WEEKS: st.SearchStrategy[dict[int, tuple[Segment, ...]]] = st.one_of(
    st.dictionaries(st.integers(0, 6), segments(), min_size=1), st.builds(every_day, segments())
)


@st.composite
def hours_and_instants(draw: st.DrawFn) -> tuple[Hours, Instant]:
    """Return hours, and an instant near a change of their zone's clocks or in the week before it."""
    zone = draw(st.sampled_from(ZONES))
    near = st.integers(-5 * HOUR_MS, 5 * HOUR_MS) | st.integers(-9 * DAY_MS, 2 * DAY_MS)
    at = draw(st.sampled_from(clock_changes(zone))) + draw(near)
    return Hours(zone, draw(WEEKS)), at


@given(hours_and_instants())
def test_hours_are_open_when_the_wall_clock_lies_in_a_segment_of_its_weekday(
    drawn: tuple[Hours, Instant],
) -> None:
    hours, at = drawn
    assert hours.is_open(at) == is_open_by_the_wall_clock(hours, at)


@given(hours_and_instants())
def test_the_next_opening_is_the_first_open_minute_that_a_wall_clock_comes_to(
    drawn: tuple[Hours, Instant],
) -> None:
    hours, at = drawn
    assert hours.next_opening(at) == opening_by_the_wall_clock(hours, at)


def berlin(*segments: Segment, days: Mapping[int, tuple[Segment, ...]] | None = None) -> Hours:
    """Return hours in Berlin: the same segments each day unless days are given."""
    return Hours(BERLIN, days or every_day(segments))


def test_a_segment_is_open_from_its_first_millisecond_to_its_last() -> None:
    hours = berlin(Segment(9 * 60, 18 * 60))
    opening, closing = instant("2026-05-04T09:00"), instant("2026-05-04T18:00")
    assert [hours.is_open(at) for at in (opening - 1, opening, closing - 1, closing)] == [
        False,
        True,
        True,
        False,
    ]
    assert hours.next_opening(opening - 1) == opening
    assert hours.next_opening(closing) == instant("2026-05-05T09:00")


def test_an_end_at_midnight_is_open_to_the_last_millisecond_of_the_day() -> None:
    hours = berlin(days={SUNDAY: (Segment(20 * 60, MINUTES_PER_DAY),)})
    midnight = instant("2026-05-04T00:00")
    assert hours.is_open(midnight - 1)
    assert not hours.is_open(midnight)


def test_open_hours_open_now() -> None:
    now = instant("2026-05-04T12:34:56.789")
    assert berlin(Segment(0, MINUTES_PER_DAY)).next_opening(now) == now


@pytest.mark.parametrize("week", [{}, {3: ()}])
def test_hours_without_a_segment_never_open(week: Mapping[int, tuple[Segment, ...]]) -> None:
    hours = Hours(BERLIN, week)
    assert not hours.is_open(instant("2026-05-07T12:00"))
    assert hours.next_opening(instant("2026-05-07T12:00")) is None


def test_a_segment_whose_beginning_is_skipped_opens_when_the_clocks_jump() -> None:
    hours = berlin(Segment(2 * 60 + 30, 4 * 60))
    jump = instant("2026-03-29T03:00")
    assert hours.next_opening(instant("2026-03-29T01:00")) == jump
    assert not hours.is_open(jump - 1)


def test_a_weekly_segment_that_is_skipped_whole_opens_a_week_later() -> None:
    hours = berlin(days={SUNDAY: (Segment(2 * 60 + 30, 2 * 60 + 45),)})
    assert hours.next_opening(instant("2026-03-22T02:45")) == instant("2026-04-05T02:30")


def test_a_segment_within_the_repeated_hour_opens_twice() -> None:
    hours = berlin(Segment(2 * 60 + 10, 2 * 60 + 20))
    first, second = instant("2026-10-25T02:10"), instant("2026-10-25T02:10", fold=1)
    assert second - first == HOUR_MS
    assert hours.next_opening(first - 1) == first
    assert hours.next_opening(first + 10 * MINUTE_MS) == second


def test_two_segments_within_the_repeated_hour_open_in_the_order_of_time() -> None:
    hours = berlin(Segment(2 * 60, 2 * 60 + 10), Segment(2 * 60 + 30, 2 * 60 + 40))
    between = instant("2026-10-25T02:15")
    assert hours.next_opening(between) == instant("2026-10-25T02:30")


def test_clocks_set_back_into_a_segment_open_it_again() -> None:
    hours = berlin(Segment(60 + 30, 2 * 60 + 30))
    closed = instant("2026-10-25T02:45")
    assert not hours.is_open(closed)
    assert hours.next_opening(closed) == instant("2026-10-25T02:00", fold=1)


@example(2024)
@example(2037)
@given(st.integers(2020, 2037))
def test_a_working_day_has_the_hours_that_its_clock_shows(year: int) -> None:
    hours = Hours("Asia/Kathmandu", {day: (Segment(9 * 60, 17 * 60),) for day in range(5)})
    minutes = range(instant(f"{year}-02-01T00:00", hours.zone), instant(f"{year}-02-08T00:00", hours.zone))
    assert sum(hours.is_open(at) for at in minutes[::MINUTE_MS]) == 5 * 8 * 60
