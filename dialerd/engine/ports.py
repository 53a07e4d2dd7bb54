"""What the engine and the daemon need of the outside world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dialerd.domain.instant import Instant
from dialerd.domain.phone import Phone
from dialerd.engine.messages import Claim, Claimed, Order, Record, Restored

# --- limits that every store keeps, and the contract tests hold it to ------------------------------------

LARGEST_CHUNK = 2_000
"""Rows that one `load_targets` takes at most: the calls wait for as long as it writes."""

ENROL_COUNT = 1_000
"""Targets that join a campaign at a time: a start on a million rows is instant, later imports are seen."""

JOURNAL_LIMIT = 100_000
"""Notes kept: weeks of a busy system, some 20 MB."""

LARGEST_PAGE = 10_000
"""Rows in one answer of the reports: a reader that takes long holds up the store's housekeeping."""

ATTEMPTS_SHOWN = 1_000
"""Attempts shown for one number, the latest."""


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> Instant:
        """Return the wall clock's time."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""


class StoreError(Exception):
    """Nothing of the unit of work was written; the same may be tried again."""


class StoreConflict(Exception):
    """The store holds something else than the engine believes: go on with nothing, start anew."""


@dataclass(frozen=True, slots=True)
class Row:
    """A checked row of an import."""

    number: Phone
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a chunk of rows; `updated` rows brought other variables for a known number."""

    new: int
    updated: int
    unchanged: int


class Store(Protocol):
    """The one writer; each verb is one transaction."""

    async def restore(self) -> Restored:
        """Return what the daemon must know to go on."""

    async def write(self, records: Sequence[Record]) -> None:
        """Write all records, or none (`StoreError`)."""

    async def claim(self, claim: Claim, now: Instant) -> Claimed:
        """Return due targets: retries by due time first, then fresh ones in the list's order."""

    async def load_targets(self, list_name: str, rows: Sequence[Row], now: Instant) -> Loaded:
        """Add the rows to the list (made if need be); a number already in it gets the new variables too."""

    async def close(self) -> None:
        """Let go of the store."""


class Reports(Protocol):
    """Questions to the store, through readers of their own; answers are JSON values, times ISO 8601."""

    async def lists(self) -> list[dict[str, Any]]:
        """Return each list with its number of targets."""

    async def list_targets(self, list_name: str, limit: int, after: int) -> list[dict[str, Any]]:
        """Return targets of the list with an id above `after`, in order."""

    async def counts(self, campaign: str) -> dict[str, int]:
        """Return the campaign's targets by state, `ready` including those never looked at yet."""

    async def target(self, number: Phone) -> list[dict[str, Any]]:
        """Return the number's standing in each list and campaign, with its attempts, latest first."""

    async def attempts(self, filters: Mapping[str, Any], limit: int, after: str) -> list[dict[str, Any]]:
        """Return attempts, latest first; filters: campaign, number, outcome, open."""

    async def report(self, campaign: str) -> dict[str, Any]:
        """Return the campaign's figures: attempts by outcome, answer-to-agent times, abandonment, counts."""

    async def journal(self, subject: str, limit: int) -> list[dict[str, Any]]:
        """Return what was noted, latest first; an empty subject means all."""


class Telephony(Protocol):
    """Carries orders out; what comes of them arrives as messages."""

    async def perform(self, order: Order) -> None:
        """Carry out a call order; never raises for what the network does."""
