"""The kinds of value that tell time: durations, zones, hours of the day."""

import re
from functools import cache
from zoneinfo import available_timezones

from dialerd.config.kinds import Kind, Wrong, as_text, what_is
from dialerd.config.problems import nearest, shown
from dialerd.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from dialerd.domain.schedule import MINUTES_PER_DAY, Segment

UNITS_MS = {"d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "s": SECOND_MS, "ms": 1}
"""Unit of a duration -> milliseconds, the largest first."""

_DURATION = re.compile(r"(0|[1-9][0-9]{0,8})(ms|s|m|h|d)", re.ASCII)
_NEARLY_DURATION = re.compile(r"([0-9]{1,9}) *([a-z]{1,12})\.?", re.ASCII | re.IGNORECASE)
_UNITS_MEANT = {
    **{name: name for name in UNITS_MS},
    **dict.fromkeys(("msec", "milli", "millisecond"), "ms"),
    **dict.fromkeys(("sec", "second"), "s"),
    **dict.fromkeys(("min", "minute"), "m"),
    **dict.fromkeys(("hr", "hour"), "h"),
    "day": "d",
}
"""What people write for a unit -> the unit, to make a suggestion."""


def duration(low: str, high: str, grain: str = "ms") -> Kind:
    """Return a text with a unit, read as milliseconds; `grain` is the unit of which it must be a multiple."""
    low_ms, high_ms = duration_ms(low), duration_ms(high)
    words = f"a duration from {low} to {high}" + (" in whole seconds" if grain == "s" else "")

    def read(value: object) -> int:
        ms = duration_ms(value)
        if not low_ms <= ms <= high_ms or ms % UNITS_MS[grain]:
            raise Wrong(f"{shown(str(value))} is out of range", f"write {words}")
        return ms

    return Kind(words, read, duration_text)


def duration_ms(value: object) -> int:
    """Return the milliseconds of a text such as `25s`; raises Wrong."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise Wrong(
            f"is {what_is(value)} without a unit",
            f"write `{value}s` for seconds, `{value}ms` for milliseconds",
        )
    text = as_text(value, "a duration such as `25s`")
    found = _DURATION.fullmatch(text)
    if found is None:
        raise Wrong(f"{shown(text)} is no duration", _duration_meant(text))
    return int(found[1]) * UNITS_MS[found[2]]


def _duration_meant(text: str) -> str:
    nearly = _NEARLY_DURATION.fullmatch(text)
    name = nearly[2].lower() if nearly else ""
    unit = _UNITS_MEANT.get(name) or _UNITS_MEANT.get(name.removesuffix("s"))
    if nearly and unit:
        return f"did you mean `{int(nearly[1])}{unit}`?"
    return "write a whole number and ms, s, m, h or d, such as `25s`"


def duration_text(ms: int) -> str:
    """Return the milliseconds as text in the largest unit that holds them without a fraction."""
    if not ms:
        return "0s"
    unit = next(unit for unit, size in UNITS_MS.items() if ms % size == 0)
    return f"{ms // UNITS_MS[unit]}{unit}"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"Factory", "localtime"}


def zone() -> Kind:
    """Return an IANA time zone that this machine knows."""
    words = "an IANA time zone such as `Europe/Berlin`"

    def read(value: object) -> str:
        text = as_text(value, words)
        if text not in _zones():
            cities = {name.rpartition("/")[2].casefold(): name for name in sorted(_zones()) if "/" in name}
            near = cities.get(text.casefold()) or nearest(text, _zones())
            raise Wrong(
                f"{shown(text)} is not a known time zone",
                f"did you mean `{near}`?" if near else f"write {words}",
            )
        return text

    return Kind(words, read)


_CLOCKS = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})", re.ASCII)


def clock_range() -> Kind:
    """Return hours of one day such as `09:00-17:00`; the end may be 24:00."""
    return Kind('hours of one day such as `"09:00-17:00"`', _segment, _segment_text)


def _segment(value: object) -> Segment:
    text = as_text(value, 'hours such as "09:00-17:00"')
    found = _CLOCKS.fullmatch(text)
    if found is None:
        raise Wrong(f"{shown(text)} is not hours of the day", 'write "HH:MM-HH:MM", such as "09:00-17:00"')
    begin_h, begin_m, end_h, end_m = (int(part) for part in found.groups())
    start, end = begin_h * 60 + begin_m, end_h * 60 + end_m
    if begin_m > 59 or end_m > 59 or start >= MINUTES_PER_DAY or end > MINUTES_PER_DAY:
        raise Wrong(f"{shown(text)} is not a time of the day", "write 00:00 to 23:59; an end may be 24:00")
    if len(text) != len("00:00-00:00"):
        raise Wrong(f"{shown(text)} lacks a digit", f'did you mean "{_segment_text(Segment(start, end))}"?')
    if end == 0:
        raise Wrong(f"{shown(text)} ends before it begins", f'did you mean "{_clock(start)}-24:00"?')
    if end < start:
        parts = f'"{_clock(start)}-24:00", and on the next day "00:00-{_clock(end)}"'
        raise Wrong(f"{shown(text)} goes over midnight", f"split it: {parts}")
    if end == start:
        raise Wrong(f"{shown(text)} has no length", 'the whole day is "00:00-24:00"')
    return Segment(start, end)


def _segment_text(segment: Segment) -> str:
    return f"{_clock(segment.start)}-{_clock(segment.end)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
