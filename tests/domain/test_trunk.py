"""How many calls a second may leave."""

from copy import copy
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.domain.trunk import BURST_S, RateBudget

START: Instant = 1_795_387_785_000
ROUNDING = 1e-6
"""Calls; what sums of fractions may be off by."""

RATES = st.sampled_from([0.05, 0.1, 1 / 3, 0.7, 1.0, 1.5, 3.3, 10.0, 12.5, 50.0, 200.0]) | st.floats(
    0.02, 400
)
PAUSES = st.lists(st.integers(0, 3) | st.integers(0, 400) | st.integers(0, 30_000), min_size=1, max_size=60)


def burst(rate: float) -> float:
    """Return how many calls may leave at once."""
    return max(1.0, rate * BURST_S)


def take_all(budget: RateBudget, now: Instant) -> int:
    """Start every call that may start now."""
    calls = budget.available(now)
    for _ in range(calls):
        budget.take()
    return calls


@given(RATES, PAUSES)
def test_no_window_of_time_sees_more_calls_than_the_rate_and_one_burst(
    rate: float, pauses: list[int]
) -> None:
    budget = RateBudget(rate)
    starts = [at for at in accumulate(pauses, initial=START) for _ in range(take_all(budget, at))]
    for first, begin in enumerate(starts):
        for last in range(first, len(starts)):
            window_s = (starts[last] - begin) / SECOND_MS
            assert last - first + 1 <= rate * window_s + burst(rate) + ROUNDING


@given(RATES, PAUSES)
def test_the_next_call_may_start_exactly_when_it_is_announced(rate: float, pauses: list[int]) -> None:
    budget = RateBudget(rate)
    for now in accumulate(pauses, initial=START):
        take_all(budget, now)
        announced = budget.next_at(now)
        assert announced > now
        assert copy(budget).available(announced) >= 1
        early = copy(budget)
        assert early.available(announced - 1) == 0 or early.tokens < 1 + ROUNDING


@given(RATES, PAUSES)
def test_whoever_waits_for_the_announced_time_loses_no_calls(rate: float, pauses: list[int]) -> None:
    budget, now, calls = RateBudget(rate), START, 0
    for _ in pauses:
        calls += take_all(budget, now)
        now = budget.next_at(now)
    whole_ms_lost = len(pauses) * rate / SECOND_MS
    assert calls >= (now - START) / SECOND_MS * rate - whole_ms_lost - ROUNDING


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.5, 1), (1.0, 1), (10.0, 1), (19.9, 1), (20.0, 2), (100.0, 10)]
)
def test_calls_leave_evenly_after_a_long_rest(rate: float, expected: int) -> None:
    budget = RateBudget(rate)
    budget.available(START)
    assert take_all(budget, START + 3_600 * SECOND_MS) == expected


def test_a_fraction_of_a_call_a_second_is_a_call_every_few_seconds() -> None:
    budget = RateBudget(0.2)
    assert take_all(budget, START) == 1
    assert budget.next_at(START) == START + 5_000
    assert (budget.available(START + 4_999), budget.available(START + 5_000)) == (0, 1)


def test_asking_often_gains_nothing() -> None:
    often, seldom = RateBudget(7.0), RateBudget(7.0)
    take_all(often, START)
    take_all(seldom, START)
    asked = [often.available(at) for at in range(START, START + 143)]
    assert asked[-1] == seldom.available(START + 142) == 0
    assert often.available(START + 143) == seldom.available(START + 143) == 1


def test_a_clock_that_is_set_back_neither_stops_calls_nor_lets_a_burst_through() -> None:
    budget = RateBudget(2.0)
    take_all(budget, START)
    back = START - 3_600 * SECOND_MS
    assert budget.available(back) == 0
    assert budget.next_at(back) == back + 500
    assert budget.available(START) == 1
