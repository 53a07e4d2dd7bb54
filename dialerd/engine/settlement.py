"""The end of an attempt: outcome, retry decision, records."""

from dialerd.domain.attempt import outcome as outcome_of
from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.domain.outcome import Outcome
from dialerd.domain.pacing import events as pe
from dialerd.domain.retry import DEFAULT_RETRY, standing_after
from dialerd.domain.target import TargetState
from dialerd.engine import agents
from dialerd.engine.live import Call, Effects, Live, seconds
from dialerd.engine.messages import AttemptClosed

REFUSED_PAUSE_MS = 5 * SECOND_MS
"""A campaign rests this long after an order that was not sent: what refused it would refuse the list."""


def settle(live: Live, call: Call, now: Instant, out: Effects, outcome: Outcome | None = None) -> None:
    """Write down what became of the call and what follows for its target; forget the call."""
    attempt = call.attempt
    outcome = outcome or outcome_of(attempt)
    tries = dict(call.target.tries)
    if outcome is not Outcome.NOT_SENT:
        tries[outcome] = tries.get(outcome, 0) + 1
    run = live.runs.get(attempt.campaign)
    policy = run.campaign.retry if run else DEFAULT_RETRY
    standing = standing_after(policy, tries, outcome, attempt.ended_at or now)
    out.records.append(AttemptClosed(attempt, outcome, tries, standing))

    live.remove(call)
    live.survey.ended.add(attempt.id)
    agents.release_call(live, attempt)
    live.tell(attempt.queue, pe.CallEnded(seconds(now), attempt.id, outcome))
    if run is None:
        return
    if outcome is Outcome.NOT_SENT:
        run.refusal, run.refused_until = attempt.note, now + REFUSED_PAUSE_MS
    if standing.state is TargetState.WAITING and standing.until is not None:
        run.next_due_at = min(standing.until, run.next_due_at or standing.until)
        run.claim_at = min(run.claim_at, standing.until)
    if not any(live.calls_of(attempt.campaign)):
        run.claim_at = now
