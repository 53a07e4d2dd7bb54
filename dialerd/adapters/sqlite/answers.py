"""Rows as the JSON values that reports answer with."""

import json
import sqlite3
from typing import Any

from dialerd.domain.instant import Instant, iso


def moment(instant: Instant | None) -> str | None:
    """Return the instant as ISO 8601, None where there is none."""
    return None if instant is None else iso(instant)


def attempt_answer(row: sqlite3.Row) -> dict[str, Any]:
    """Return an attempt: who, when, and what came of it.

    `id`, `campaign`, `list`, `number`, `caller_id`, `trunk`, `queue`; the times `opened_at`, `sent_at`,
    `ringing_at`, `answered_at`, `connected_at`, `ended_at`; `state` (`open` or `closed`), `outcome`, the
    network's `cause`, `cause_text` and `sip_code`, `agent`, `answer_to_agent_ms`, `message_played`,
    `ended_by` (`person` or `dialer`) with the dialer's `end_reason`, and `note`. What is not known is null.
    """
    return {
        "id": row["id"],
        "campaign": row["campaign_name"],
        "list": row["list_name"],
        "number": row["number"],
        "caller_id": row["caller_id"],
        "trunk": row["trunk"],
        "queue": row["queue"],
        "opened_at": iso(row["opened_at"]),
        "sent_at": moment(row["sent_at"]),
        "ringing_at": moment(row["ringing_at"]),
        "answered_at": moment(row["answered_at"]),
        "connected_at": moment(row["connected_at"]),
        "ended_at": moment(row["ended_at"]),
        "state": row["state"],
        "outcome": row["outcome"],
        "cause": row["cause"] or None,
        "cause_text": row["cause_text"] or None,
        "sip_code": row["sip_code"],
        "agent": row["agent"] or None,
        "answer_to_agent_ms": row["answer_to_agent_ms"],
        "message_played": bool(row["message_played"]),
        "ended_by": _ended_by(row),
        "end_reason": row["ended_by_us"] or None,
        "note": row["note"] or None,
    }


def standing_answer(row: sqlite3.Row) -> dict[str, Any]:
    """Return where a target stands in a campaign: `campaign`, `state`, `reason`, `not_before`, `tries`.

    A target that the campaign has not come to yet has no row of its own and is ready.
    """
    return {
        "campaign": row["campaign_name"],
        "state": row["state"] or "ready",
        "reason": row["reason"] or None,
        "not_before": moment(row["not_before"]),
        "tries": json.loads(row["tries"] or "{}"),
    }


def _ended_by(row: sqlite3.Row) -> str | None:
    if row["remote_hangup"]:
        return "person"
    return "dialer" if row["ended_by_us"] else None
