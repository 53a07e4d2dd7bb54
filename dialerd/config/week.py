"""The days of `hours`: what a key such as `mon-fri` names."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = "daily"


def days_of(key: str) -> tuple[int, ...]:
    """Return the weekdays (0 is Monday) that a key names; none for a key that names no days."""
    if key == DAILY:
        return tuple(range(len(DAYS)))
    first, dash, last = key.partition("-")
    last = last if dash else first
    if first not in DAYS or last not in DAYS:
        return ()
    begin, end = DAYS.index(first), DAYS.index(last)
    return tuple(range(begin, end + 1)) if begin < end or not dash else ()
