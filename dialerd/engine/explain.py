"""Answers: the state of everything, and why a campaign is calling or not."""

from collections import Counter
from typing import Any

from dialerd.domain.instant import Instant, iso
from dialerd.engine import campaigns, gates
from dialerd.engine.live import Live, Run


def status(live: Live, now: Instant) -> dict[str, Any]:
    """Return the state of the daemon and a line for each campaign, queue and trunk."""
    return {
        "now": iso(now),
        "asterisk": {"up": live.link_up, "reason": live.link_reason, "reconciled": live.reconciled},
        "database": {"writable": not live.store_trouble, "reason": live.store_trouble or None},
        "draining": live.draining or None,
        "calls": _stages(live),
        "campaigns": [line(live, run, now) for run in live.runs.values()],
        "queues": {
            name: {state.value: count for state, count in board.counts(now).items()}
            for name, board in live.boards.items()
        },
        "trunks": {
            name: {"in_use": live.on_trunk[name], "channels": trunk.channels}
            for name, trunk in live.settings.trunks.items()
        },
    }


def line(live: Live, run: Run, now: Instant) -> dict[str, Any]:
    """Return the campaign's summary with its first closed gate."""
    closed = gates.first_closed(live, run, now)
    return {
        **campaigns.summary(run),
        "in_flight": sum(1 for _ in live.calls_of(run.campaign.name)),
        "blocked_by": closed.rule if closed else None,
        "why": closed.text if closed else "calling",
    }


def why(live: Live, run: Run, now: Instant) -> dict[str, Any]:
    """Return every gate in order, the first that is closed, and when it clears."""
    rows = [
        {
            "rule": verdict.rule,
            "open": verdict.open,
            "text": verdict.text,
            "clears": verdict.clears or None,
            "until": iso(verdict.until) if verdict.until is not None else None,
        }
        for verdict in gates.verdicts(live, run, now)
    ]
    closed = next((row for row in rows if not row["open"]), None)
    return {
        **campaigns.summary(run),
        "in_flight": sum(1 for _ in live.calls_of(run.campaign.name)),
        "blocked_by": closed["rule"] if closed else None,
        "summary": f"{closed['rule']}: {closed['text']}" if closed else "calling",
        "clears": closed["clears"] if closed else None,
        "until": closed["until"] if closed else None,
        "gates": rows,
        "pacing": dict(run.decision.inputs) if run.decision else None,
    }


def _stages(live: Live) -> dict[str, int]:
    return dict(Counter(call.attempt.stage.name.lower() for call in live.calls.values()))
