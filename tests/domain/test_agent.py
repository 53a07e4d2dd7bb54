"""The board of a queue: what each member is doing, and when the next wrap-up ends."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.agent import AgentState, Board, DeviceState, Member
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import SECOND_MS, Instant

LAST_CALL_S = 1_795_391_793
NOW: Instant = LAST_CALL_S * SECOND_MS
CALL = AttemptId("dlr-000000-" + "0" * 26)

ANNA = Member("camp1", "PJSIP/1001", "Anna", DeviceState.IDLE)
BERT = Member("camp1", "PJSIP/1021", "Bert", DeviceState.IDLE)

MEMBERS = st.builds(
    Member,
    queue=st.just("camp1"),
    interface=st.sampled_from(["PJSIP/1001", "PJSIP/1021", "Local/2001@agents"]),
    name=st.just("Anna"),
    device=st.sampled_from(list(DeviceState)),
    paused=st.booleans(),
    last_call_s=st.just(0) | st.integers(LAST_CALL_S - 20, LAST_CALL_S),
    wrapup_s=st.sampled_from([0, 0, 4, 12]),
)
BOARDS = st.builds(
    lambda wrapup_s, members: board(*members, wrapup_s=wrapup_s),
    st.sampled_from([0, 5]),
    st.lists(MEMBERS, max_size=3, unique_by=lambda member: member.interface),
)
MOMENTS = st.integers(NOW - 25 * SECOND_MS, NOW + 25 * SECOND_MS)


def board(*members: Member, wrapup_s: int = 5) -> Board:
    """Return the board of a queue with these members."""
    made = Board("camp1", wrapup_s)
    for member in members:
        made.put(member)
    return made


def asterisk_passes_over(member: Member, wrapup_s: int, now: Instant) -> bool:
    """Say whether Asterisk holds the member to be in wrap-up: it counts in whole seconds."""
    own_or_queues = member.wrapup_s or wrapup_s
    return bool(member.last_call_s) and now // SECOND_MS - member.last_call_s < own_or_queues


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (ANNA, AgentState.AVAILABLE),
        (replace(ANNA, device=DeviceState.UNKNOWN), AgentState.AVAILABLE),
        (replace(ANNA, device=DeviceState.RINGING), AgentState.RINGING),
        (replace(ANNA, device=DeviceState.IN_USE), AgentState.BUSY),
        (replace(ANNA, device=DeviceState.UNREACHABLE), AgentState.GONE),
        (replace(ANNA, paused=True), AgentState.PAUSED),
        (replace(ANNA, last_call_s=LAST_CALL_S), AgentState.WRAP_UP),
        (replace(ANNA, last_call_s=LAST_CALL_S - 5), AgentState.AVAILABLE),
        (replace(ANNA, paused=True, last_call_s=LAST_CALL_S), AgentState.PAUSED),
        (replace(ANNA, device=DeviceState.UNREACHABLE, paused=True), AgentState.GONE),
    ],
)
def test_a_member_is_what_asterisk_describes(member: Member, expected: AgentState) -> None:
    assert board(member).state(member, NOW) is expected


@given(BOARDS, MOMENTS)
def test_a_member_counts_as_available_exactly_when_asterisk_would_ring_it(held: Board, now: Instant) -> None:
    free = {
        member.interface
        for member in held.members.values()
        if member.device in (DeviceState.IDLE, DeviceState.UNKNOWN)
        and not member.paused
        and not asterisk_passes_over(member, held.wrapup_s, now)
    }
    states = held.states(now)
    assert {interface for interface, state in states.items() if state is AgentState.AVAILABLE} == free
    assert held.available(now) == len(free)
    assert set(states) == set(held.members)


@given(BOARDS, MOMENTS)
def test_the_next_release_is_when_a_wrap_up_ends_and_not_a_millisecond_before(
    held: Board, now: Instant
) -> None:
    in_wrap_up = {name for name, state in held.states(now).items() if state is AgentState.WRAP_UP}
    release = held.next_release(now)
    assert (release is not None) == bool(in_wrap_up)
    if release is not None:
        assert release > now
        assert all(held.states(release - 1)[name] is AgentState.WRAP_UP for name in in_wrap_up)
        assert any(held.states(release)[name] is AgentState.AVAILABLE for name in in_wrap_up)


@pytest.mark.parametrize(("own_s", "expected_s"), [(0, 5), (4, 4), (12, 12)])
def test_a_members_own_wrap_up_goes_before_the_queues(own_s: int, expected_s: int) -> None:
    member = replace(ANNA, last_call_s=LAST_CALL_S, wrapup_s=own_s)
    end = NOW + expected_s * SECOND_MS
    held = board(member)
    assert held.wrapup_end(member) == end == held.next_release(NOW)
    assert [held.state(member, at) for at in (end - 1, end)] == [AgentState.WRAP_UP, AgentState.AVAILABLE]


def test_a_member_without_a_call_yet_is_not_in_wrap_up() -> None:
    assert board(ANNA).state(ANNA, 1 * SECOND_MS) is AgentState.AVAILABLE


@pytest.mark.parametrize(
    "member", [ANNA, replace(ANNA, device=DeviceState.IN_USE), replace(ANNA, paused=True)]
)
def test_a_call_of_the_queue_says_more_than_the_phone(member: Member) -> None:
    held = board(member, BERT)
    held.offer(ANNA.interface, CALL)
    assert held.state(member, NOW) is AgentState.RINGING
    held.connect(ANNA.interface, CALL)
    assert held.state(member, NOW) is AgentState.TALKING
    assert held.available(NOW) == 1


def test_a_member_who_leaves_is_on_the_board_no_more() -> None:
    held = board(ANNA, BERT)
    assert len(held.states(NOW)) == 2
    held.remove(ANNA.interface)
    assert held.states(NOW) == {BERT.interface: AgentState.AVAILABLE}


@given(st.lists(st.tuples(MEMBERS, st.integers(0, 4), st.integers(0, 3_000)), max_size=30))
def test_a_board_that_is_kept_up_says_what_a_fresh_one_would(steps: list[tuple[Member, int, int]]) -> None:
    held, now = board(), NOW
    told: dict[str, AgentState | None] = {}
    for member, what, later_ms in steps:
        now += later_ms
        if what == 0:
            held.remove(member.interface)
        elif what == 1:
            held.offer(member.interface, CALL)
        elif what == 2:
            held.release(CALL)
        else:
            held.put(member)
        told.update(held.changes(now))
        afresh = {interface: held.state(member, now) for interface, member in held.members.items()}
        assert held.states(now) == afresh
        assert held.counts(now) == Counter(afresh.values())
        assert {interface: state for interface, state in told.items() if state is not None} == afresh
