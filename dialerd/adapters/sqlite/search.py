"""Finding attempts by what is known of them."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialerd.adapters.sqlite.answers import attempt_answer
from dialerd.domain.errors import DialerError
from dialerd.domain.outcome import Outcome

WINDOW = 100_000
"""Attempts that are looked through in one read transaction for those of a rare outcome."""

BEHIND_LATEST = "SELECT coalesce(max(seq), 0) + 1 AS seq FROM attempts"
SEQ_OF = "SELECT seq FROM attempts WHERE id = ?"

_FIND = """
SELECT a.*, c.name AS campaign_name, l.name AS list_name
FROM attempts AS a {index}
CROSS JOIN campaigns AS c ON c.id = a.campaign
CROSS JOIN targets AS t ON t.id = a.target
CROSS JOIN lists AS l ON l.id = t.list
WHERE a.seq >= :lowest AND a.seq < :below {where}
ORDER BY a.seq DESC LIMIT :limit
"""

_CONDITIONS = {
    "campaign": "a.campaign = (SELECT id FROM campaigns WHERE name = :campaign)",
    "number": "a.target IN (SELECT n.id FROM lists AS m CROSS JOIN targets AS n"
    " ON n.list = m.id AND n.number = :number)",
    "outcome": "a.outcome = :outcome",
    "open": "a.state = 'open'",
    "closed": "a.state = 'closed'",
}

_INDEXES = {
    "number": "INDEXED BY attempts_of_target",
    "open": "INDEXED BY one_open_call_a_number",
    "campaign": "INDEXED BY attempts_of_campaign",
}
"""By which index to look, the first that applies; without any of them, through the table from its end."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: names of conditions, and their values."""

    conditions: tuple[str, ...]
    values: Mapping[str, object]

    @property
    def is_long(self) -> bool:
        """Whether many attempts may have to be looked at to find one."""
        return "outcome" in self.conditions and not {"number", "open"}.intersection(self.conditions)

    @property
    def sql(self) -> str:
        """Return the query, with `lowest`, `below` and `limit` among its parameters."""
        index = next((how for name, how in _INDEXES.items() if name in self.conditions), "NOT INDEXED")
        where = "".join(f" AND {_CONDITIONS[name]}" for name in self.conditions)
        return _FIND.format(index=index, where=where)


def search(filters: Mapping[str, Any]) -> Search:
    """Return the search for the filters; `DialerError` for one that does not exist or an unknown outcome."""
    if unknown := sorted(set(filters) - {"campaign", "number", "outcome", "open"}):
        raise DialerError(f"attempts cannot be chosen by {', '.join(unknown)}")
    values = {name: str(value) for name, value in filters.items() if name != "open"}
    if "outcome" in values and values["outcome"] not in set(Outcome):
        raise DialerError(f"there is no outcome {values['outcome']!r}; there are {', '.join(Outcome)}")
    conditions = [*values, *(["open" if filters["open"] else "closed"] if "open" in filters else [])]
    return Search(tuple(conditions), values)


def start_of(db: sqlite3.Connection, after: str) -> int:
    """Return the sequence number below which the page begins; `DialerError` for an unknown attempt."""
    row = db.execute(SEQ_OF, (after,)).fetchone() if after else db.execute(BEHIND_LATEST).fetchone()
    if row is None:
        raise DialerError(f"there is no attempt {after!r}")
    return int(row["seq"])


def page(db: sqlite3.Connection, wanted: Search, lowest: int, below: int, limit: int) -> list[dict[str, Any]]:
    """Return the attempts found between two sequence numbers, latest first."""
    values = {**wanted.values, "lowest": lowest, "below": below, "limit": limit}
    return [attempt_answer(row) for row in db.execute(wanted.sql, values).fetchall()]
