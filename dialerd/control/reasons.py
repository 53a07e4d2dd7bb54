"""Why one person is being called or not: their own standing, then the gates of the campaign."""

from collections.abc import Mapping
from typing import Any


def why_target(
    list_name: str, standing: Mapping[str, Any], campaign: Mapping[str, Any], now: str
) -> dict[str, Any]:
    """Return the gates in order and the first that is closed.

    `standing` is the store's word on the target, `campaign` the engine's answer to `AskWhy`, `now` ISO 8601.
    """
    gates = [_target_gate(standing, now), *campaign["gates"]]
    last = next(iter(standing["attempts"]), None)
    closed = next((gate for gate in gates if not gate["open"]), None)
    return {
        "campaign": standing["campaign"],
        "list": list_name,
        "state": standing["state"],
        "reason": standing["reason"],
        "blocked_by": closed["rule"] if closed else None,
        "summary": f"{closed['rule']}: {closed['text']}" if closed else gates[0]["text"],
        "clears": closed["clears"] if closed else None,
        "until": closed["until"] if closed else None,
        "gates": gates,
        "last_outcome": last["outcome"] if last else None,
        "last_note": last["note"] if last else None,
    }


def _target_gate(standing: Mapping[str, Any], now: str) -> dict[str, Any]:
    state, reason, due = standing["state"], standing["reason"], standing["not_before"]
    if state == "done":
        return _closed(f"done ({reason})", "never: the campaign has finished with this person")
    if state == "in_flight":
        return _closed("a call to this person is in flight", "the call ends")
    if state == "waiting" and due and due > now:
        return _closed(f"not due yet ({reason})", "the retry falls due", due)
    text = "ready; its place in the order is not known"
    return {"rule": "target", "open": True, "text": text, "clears": None, "until": None}


def _closed(text: str, clears: str, until: str | None = None) -> dict[str, Any]:
    return {"rule": "target", "open": False, "text": text, "clears": clears, "until": until}
