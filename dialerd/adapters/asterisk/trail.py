"""The log of channels that Asterisk writes (CEL): the witness of what happened while nobody listened."""

import csv
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from dialerd.adapters.asterisk.dialplan import TRAIL_COLUMNS
from dialerd.domain.call_events import Trail
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import SECOND_MS, Instant

LONGEST_LINE = 4096
"""Characters; a longer line is not one of ours and is passed over."""


def find(path: Path, attempts: Collection[AttemptId]) -> dict[AttemptId, Trail]:
    """Return what the log, and the one rotated out before it, hold of the attempts; blocks while it reads.

    A log that is missing holds nothing.
    """
    trails: dict[AttemptId, Trail] = {}
    wanted = frozenset(attempts)
    for file in (path.with_name(f"{path.name}.1"), path):
        for row in _rows(file):
            attempt = AttemptId(row["uniqueid"])
            if attempt in wanted:
                trails[attempt] = _add(trails.get(attempt, Trail()), row)
    return trails


def _rows(file: Path) -> Iterator[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", errors="replace", newline="") as lines:
            for line in lines:
                if "dlr-" in line and len(line) <= LONGEST_LINE:
                    fields = next(csv.reader((line,)), [])
                    if len(fields) >= len(TRAIL_COLUMNS):
                        yield dict(zip(TRAIL_COLUMNS, fields, strict=False))
    except (OSError, csv.Error):
        return


def _add(trail: Trail, row: dict[str, str]) -> Trail:
    at = _instant(row["eventtime"])
    match row["eventtype"]:
        case "CHAN_START":
            return replace(trail, started_at=at)
        case "ANSWER":
            return replace(trail, answered_at=at)
        case "HANGUP":
            details = _details(row["eventextra"])
            remote = details.get("hangupsource") == row["channame"]
            return replace(trail, ended_at=at, cause=_cause(details.get("hangupcause")), remote=remote)
        case _:
            return trail


def _cause(found: object) -> int:
    """Return the hangup cause, a number of seven bits, or 0 for anything else."""
    return found if isinstance(found, int) and found in range(128) else 0


def _instant(epoch: str) -> Instant | None:
    try:
        return int(float(epoch) * SECOND_MS)
    except (ValueError, OverflowError):
        return None


def _details(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
