"""Whether and when a person is called again."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.instant import HOUR_MS, Instant
from dialerd.domain.outcome import Outcome
from dialerd.domain.retry import (
    DEFAULT_RETRY,
    NOT_SENT_PAUSE_MS,
    RETRYABLE,
    RetryPolicy,
    RetryRule,
    standing_after,
)
from dialerd.domain.target import Standing, TargetState

NOW: Instant = 1_795_387_785_000

RULES = st.builds(RetryRule, st.integers(0, 5), st.integers(1, 24 * HOUR_MS))
POLICIES = st.builds(RetryPolicy, st.dictionaries(st.sampled_from(sorted(RETRYABLE)), RULES))
OUTCOMES = st.lists(st.sampled_from(list(Outcome)), max_size=60)


def work_on_a_target(policy: RetryPolicy, outcomes: list[Outcome]) -> list[tuple[Outcome, Instant, Standing]]:
    """Return each attempt's outcome and end, and where the target stood after it, until it is done."""
    tries: Counter[Outcome] = Counter()
    story: list[tuple[Outcome, Instant, Standing]] = []
    now = NOW
    for outcome in outcomes:
        tries[outcome] += outcome is not Outcome.NOT_SENT
        standing = standing_after(policy, tries, outcome, now)
        story.append((outcome, now, standing))
        if standing.until is None:
            break
        now = standing.until + 1
    return story


def allowed_calls(policy: RetryPolicy) -> int:
    """Return the most calls that the rules allow: the first, and each retry of each outcome."""
    return 1 + sum(rule.count for rule in policy.rules.values())


@given(POLICIES, OUTCOMES)
def test_nobody_is_called_more_often_than_the_rules_allow(
    policy: RetryPolicy, outcomes: list[Outcome]
) -> None:
    calls = Counter(outcome for outcome, _, _ in work_on_a_target(policy, outcomes))
    calls.pop(Outcome.NOT_SENT, None)
    assert calls.total() <= allowed_calls(policy)
    for outcome, count in calls.items():
        assert count <= 1 + (policy.rules[outcome].count if outcome in policy.rules else 0)


@given(POLICIES, OUTCOMES)
def test_a_target_never_waits_less_than_the_interval_after_the_end_of_its_call(
    policy: RetryPolicy, outcomes: list[Outcome]
) -> None:
    for outcome, ended_at, standing in work_on_a_target(policy, outcomes):
        if standing.until is not None:
            rule = policy.rules.get(outcome)
            assert standing.until == ended_at + (rule.every_ms if rule else NOT_SENT_PAUSE_MS)


@given(POLICIES, OUTCOMES)
def test_every_standing_is_waiting_until_a_time_or_done_and_says_why(
    policy: RetryPolicy, outcomes: list[Outcome]
) -> None:
    for outcome, _, standing in work_on_a_target(policy, outcomes):
        waits = standing.state is TargetState.WAITING
        assert waits or standing.state is TargetState.DONE
        assert waits == (standing.until is not None)
        assert outcome.value.replace("_", " ") in standing.reason.replace("_", " ")


@given(POLICIES, st.lists(st.just(Outcome.NOT_SENT), min_size=1, max_size=300))
def test_orders_that_were_not_sent_count_as_nothing(policy: RetryPolicy, outcomes: list[Outcome]) -> None:
    story = work_on_a_target(policy, outcomes)
    assert len(story) == len(outcomes)
    assert all(standing.state is TargetState.WAITING for _, _, standing in story)


@pytest.mark.parametrize("outcome", sorted(DEFAULT_RETRY.rules))
def test_an_outcome_that_always_comes_uses_up_its_retries_exactly(outcome: Outcome) -> None:
    rule = DEFAULT_RETRY.rules[outcome]
    story = work_on_a_target(DEFAULT_RETRY, [outcome] * 50)
    assert len(story) == rule.count + 1
    assert [standing.reason for _, _, standing in story[:-1]] == [
        f"{outcome.value}: retry {number} of {rule.count}" for number in range(1, rule.count + 1)
    ]
    assert story[-1][2] == Standing(TargetState.DONE, f"{outcome.value}: all {rule.count} retries used")


@pytest.mark.parametrize("outcome", sorted(RETRYABLE - set(DEFAULT_RETRY.rules) | {Outcome.ANSWERED}))
def test_an_outcome_without_a_rule_ends_the_work_on_the_target(outcome: Outcome) -> None:
    standing = standing_after(DEFAULT_RETRY, {outcome: 1}, outcome, NOW)
    assert standing == Standing(TargetState.DONE, outcome.value)


def test_the_retries_of_one_outcome_are_not_used_up_by_another() -> None:
    policy = RetryPolicy({Outcome.BUSY: RetryRule(1, 1), Outcome.NO_ANSWER: RetryRule(1, 1)})
    outcomes = [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.BUSY]
    assert len(work_on_a_target(policy, outcomes)) == allowed_calls(policy) == 3


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.NOT_SENT])
def test_no_rule_can_be_made_for_what_has_no_retry(outcome: Outcome) -> None:
    assert outcome not in RETRYABLE
