"""Whether and when a person is called again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialerd.domain.instant import HOUR_MS, MINUTE_MS, SECOND_MS, Instant
from dialerd.domain.outcome import Outcome
from dialerd.domain.target import Standing, TargetState

NOT_SENT_PAUSE_MS = 15 * SECOND_MS
"""After a call that certainly was not dialled, the target is looked at again this much later."""


@dataclass(frozen=True, slots=True)
class RetryRule:
    """Call again up to `count` times (0 to 199) after this outcome, `every_ms` after the call ended."""

    count: int
    every_ms: int


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """One rule an outcome; an outcome without a rule ends the work on the target."""

    rules: Mapping[Outcome, RetryRule] = field(default_factory=dict)


DEFAULT_RETRY = RetryPolicy(
    {
        Outcome.BUSY: RetryRule(2, 15 * MINUTE_MS),
        Outcome.NO_ANSWER: RetryRule(2, HOUR_MS),
        Outcome.UNREACHABLE: RetryRule(2, HOUR_MS),
        Outcome.CONGESTION: RetryRule(3, 5 * MINUTE_MS),
        Outcome.FAILED: RetryRule(3, 5 * MINUTE_MS),
        Outcome.CANCELLED: RetryRule(1, HOUR_MS),
        Outcome.UNKNOWN: RetryRule(1, 4 * HOUR_MS),
    }
)

RETRYABLE = frozenset(Outcome) - {Outcome.ANSWERED, Outcome.NOT_SENT}
"""Outcomes that a rule may name."""


def standing_after(
    policy: RetryPolicy, tries: Mapping[Outcome, int], outcome: Outcome, ended_at: Instant
) -> Standing:
    """Return where the target stands after an attempt; `tries` counts this attempt already."""
    if outcome is Outcome.NOT_SENT:
        return Standing(TargetState.WAITING, "the last order was not sent", ended_at + NOT_SENT_PAUSE_MS)
    rule = policy.rules.get(outcome)
    if rule is None:
        return Standing(TargetState.DONE, outcome.value)
    retries_used = tries.get(outcome, 0) - 1
    if retries_used >= rule.count:
        return Standing(TargetState.DONE, f"{outcome.value}: all {rule.count} retries used")
    retry = f"{outcome.value}: retry {retries_used + 1} of {rule.count}"
    return Standing(TargetState.WAITING, retry, ended_at + rule.every_ms)
