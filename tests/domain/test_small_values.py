"""Instants, gates and caller ids."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.caller_id import CallerIdPool
from dialerd.domain.guard import allow, block
from dialerd.domain.instant import iso

NUMBERS = st.lists(st.from_regex(r"\+?[0-9]{2,15}", fullmatch=True), min_size=1, max_size=7).map(tuple)


@given(st.integers(0, 4_102_444_800_000))
def test_an_instant_is_written_in_utc_to_the_millisecond(instant: int) -> None:
    written = iso(instant)
    assert len(written) == len("2026-11-23T08:49:45.123Z")
    assert written.endswith("Z")
    assert round(datetime.fromisoformat(written).timestamp() * 1000) == instant


@given(NUMBERS, st.integers(0, 1_000_000))
def test_the_numbers_of_a_pool_are_shown_in_strict_turn(numbers: tuple[str, ...], first: int) -> None:
    pool = CallerIdPool("main", numbers)
    round_trip = [pool.turn(first + count) for count in range(2 * len(numbers))]
    assert sorted(round_trip) == sorted(numbers * 2)
    assert round_trip[: len(numbers)] == round_trip[len(numbers) :]


def test_a_closed_gate_says_what_will_open_it_and_an_open_one_does_not() -> None:
    closed = block("hours", "closed on Sundays", "the campaign's hours begin", 1_795_387_785_000)
    assert (closed.open, closed.until, closed.clears) == (
        False,
        1_795_387_785_000,
        "the campaign's hours begin",
    )
    opened = allow("hours", "open until 18:00")
    assert (opened.open, opened.until, opened.clears) == (True, None, "")
