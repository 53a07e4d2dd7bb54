"""Points in time and spans, as whole milliseconds."""

from datetime import UTC, datetime

Instant = int
"""UTC, milliseconds since 1970-01-01."""

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def iso(instant: Instant) -> str:
    """Return the instant as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(instant / SECOND_MS, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
