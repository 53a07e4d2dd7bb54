"""Adding rows to a list."""

import json
import sqlite3
from collections.abc import Sequence

from dialerd.domain.instant import Instant
from dialerd.domain.variables import merged
from dialerd.engine.ports import Loaded, Row

MAKE_LIST = "INSERT INTO lists (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"

KNOWN = """
SELECT t.id, t.number, t.variables
FROM json_each(:numbers) AS j CROSS JOIN targets AS t ON t.list = :list AND t.number = j.value
"""

ADD = "INSERT INTO targets (list, number, variables, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?4)"

CHANGE = "UPDATE targets SET variables = ?, changed_at = ? WHERE id = ?"

COUNT = "UPDATE lists SET targets = targets + ? WHERE id = ?"


def load(list_name: str, rows: Sequence[Row], now: Instant, db: sqlite3.Connection) -> Loaded:
    """Add the rows in their order.

    Rows of one number are one row here, the last word on each variable wins; those after the first of
    them count as unchanged.
    """
    db.execute(MAKE_LIST, (list_name, now))
    ((list_id,),) = db.execute("SELECT id FROM lists WHERE name = ?", (list_name,))
    wanted = _by_number(rows)
    known = db.execute(KNOWN, {"list": list_id, "numbers": json.dumps(list(wanted))}).fetchall()
    changed = []
    for target, number, text in known:
        old, new = json.loads(text), wanted.pop(number)
        if (together := merged(old, new)) != old:
            changed.append((json.dumps(together), now, target))
    added = [(list_id, number, json.dumps(variables), now) for number, variables in wanted.items()]
    db.executemany(CHANGE, changed)
    db.executemany(ADD, added)
    db.execute(COUNT, (len(added), list_id))
    return Loaded(len(added), len(changed), len(rows) - len(added) - len(changed))


def _by_number(rows: Sequence[Row]) -> dict[str, dict[str, str]]:
    by_number: dict[str, dict[str, str]] = {}
    for row in rows:
        known = by_number.get(row.number.e164, {})
        by_number[row.number.e164] = merged(known, row.variables)
    return by_number
