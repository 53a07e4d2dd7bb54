"""Placing calls: gates, ready targets, the attempt's record, and only then the order."""

from collections.abc import Callable
from copy import copy

from dialerd.domain.attempt import Attempt
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import Instant
from dialerd.domain.originate import Originate
from dialerd.domain.pacing import events as pe
from dialerd.domain.target import Target
from dialerd.engine import gates
from dialerd.engine.live import Call, Effects, Live, Run, seconds
from dialerd.engine.messages import AttemptOpened, Claim

CLAIM_LIMIT = 200
"""Targets fetched at a time."""

CLAIM_BELOW = 100
"""More are fetched when fewer than this are ready."""

FAILED_CLAIM_MS = 5_000
"""How long a campaign waits after its targets could not be read."""

IDLE_CLAIM_MS = 2_000
"""How often a campaign with nothing due looks again."""

PASSING = frozenset({"targets", "channels", "rate", "pacing"})
"""Gates that open and close with every call."""

NewId = Callable[[], AttemptId]


def place(live: Live, now: Instant, new_id: NewId, out: Effects) -> None:
    """Let each running campaign place what its gates allow, another one first each time."""
    names = list(live.runs)
    if not names:
        return
    live.first_run = (live.first_run + 1) % len(names)
    for name in names[live.first_run :] + names[: live.first_run]:
        run = live.runs[name]
        if run.is_running:
            _claim(live, run, now, out)
            _place_for(live, run, now, new_id, out)


def _claim(live: Live, run: Run, now: Instant, out: Effects) -> None:
    if run.claiming or len(run.ready) >= CLAIM_BELOW or now < run.claim_at:
        return
    if not gates.may_prepare(live, run, now):
        return
    run.claiming, run.claim_fault = True, ""
    name = run.campaign.name
    out.orders.append(Claim(name, run.campaign.list, CLAIM_LIMIT, live.held_targets(run)))


def _place_for(live: Live, run: Run, now: Instant, new_id: NewId, out: Effects) -> None:
    closed = gates.first_closed(live, run, now)
    _note_change(run, closed.rule if closed else "", closed.text if closed else "", now, out)
    if closed or run.decision is None:
        return
    budgets = (live.budgets[run.campaign.trunk], live.system_budget)
    free, _ = gates.channels_free(live, run.campaign.trunk)
    calls = min(run.decision.calls, free, *(budget.available(now) for budget in budgets))
    for _ in range(calls):
        target = _next_target(live, run)
        if target is None:
            return
        for budget in budgets:
            budget.take()
        _open(live, run, target, now, new_id(), out)


def _note_change(run: Run, rule: str, text: str, now: Instant, out: Effects) -> None:
    """Note, once, which lasting gate closed, and when all are open again."""
    lasting = "" if rule in PASSING else rule
    if lasting != run.noted_rule:
        run.noted_rule = lasting
        out.note(now, "gate", run.campaign.name, f"{lasting}: {text}" if lasting else "calling")


def _next_target(live: Live, run: Run) -> Target | None:
    """Take the first ready target whose number is on no call; the others go behind."""
    for _ in range(len(run.ready)):
        target = run.ready.popleft()
        if target.number not in live.numbers:
            return target
        run.ready.append(target)
    return None


def _open(live: Live, run: Run, target: Target, now: Instant, attempt_id: AttemptId, out: Effects) -> None:
    campaign = run.campaign
    pool = live.settings.caller_ids[campaign.caller_ids]
    turn = live.turns.get(pool.name, 0)
    live.turns[pool.name] = turn + 1
    attempt = Attempt(
        id=attempt_id,
        campaign=campaign.name,
        target=target.id,
        number=target.number,
        trunk=campaign.trunk,
        queue=campaign.queue,
        caller_id=pool.turn(turn),
        opened_at=now,
        max_wait_ms=campaign.max_wait_ms,
    )
    live.add(Call(attempt, target))
    live.tell(campaign.queue, pe.CallLaunched(seconds(now), attempt_id))
    out.records.append(AttemptOpened(copy(attempt)))
    out.orders.append(
        Originate(
            attempt=attempt_id,
            number=target.number,
            template=live.settings.trunks[campaign.trunk].template,
            caller_id=attempt.caller_id,
            caller_name=pool.display_name,
            campaign=campaign.name,
            queue=campaign.queue,
            ring_timeout_ms=campaign.ring_timeout_ms,
            max_wait_ms=campaign.max_wait_ms,
            message=campaign.message,
            not_after=attempt.deadline,
            variables=target.variables,
        )
    )
