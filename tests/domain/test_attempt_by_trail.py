"""Attempts whose end nobody saw, closed by what Asterisk's log of channels holds."""

import pytest

from dialerd.domain import call_events as ev
from dialerd.domain.attempt import UNTRACED, Attempt, Stage, advance, close_by_trail
from dialerd.domain.outcome import Outcome
from tests.domain import calls
from tests.domain.calls import ID, OPENED, attempt

NOW = OPENED + 60_000
STARTED = OPENED + 3
ENDED = OPENED + 9_000


def after(*facts: ev.CallEvent) -> Attempt:
    """Return an attempt of which so much was seen."""
    found = attempt()
    for fact in facts:
        advance(found, fact)
    return found


def trail(cause: int = 0, remote: bool = False, answered_ms: int | None = None) -> ev.Trail:
    """Return the trail of a call that was started and ended."""
    answered_at = None if answered_ms is None else OPENED + answered_ms
    return ev.Trail(STARTED, answered_at, ENDED, cause, remote)


ANSWER = ev.Answered(ID, OPENED + 5_000)
CONNECTED = (ANSWER, *calls.agent_leg(5_005, 5_300))
LIMIT = (ANSWER, ev.LimitReached(ID, OPENED + 7_000))


@pytest.mark.parametrize("seen", [(), (calls.sent(),), (calls.sent(), calls.created())])
@pytest.mark.parametrize(
    ("cause", "remote", "expected"),
    [
        (17, True, Outcome.BUSY),
        (1, True, Outcome.INVALID),
        (21, True, Outcome.REJECTED),
        (34, True, Outcome.CONGESTION),
        (38, True, Outcome.FAILED),
        (19, False, Outcome.NO_ANSWER),
    ],
)
def test_an_unanswered_call_is_judged_by_the_cause_in_the_log(
    seen: tuple[ev.CallEvent, ...], cause: int, remote: bool, expected: Outcome
) -> None:
    found = after(*seen)
    assert close_by_trail(found, trail(cause, remote), NOW) is expected
    assert (found.stage, found.ended_at, found.cause) == (Stage.CLOSED, ENDED, cause)
    assert found.note == "its end was read from the log of channels"


@pytest.mark.parametrize("nothing", [None, ev.Trail()])
@pytest.mark.parametrize("seen", [(), (calls.sent(), calls.created(), calls.ringing())])
def test_a_call_without_a_trail_is_taken_as_dialled(
    seen: tuple[ev.CallEvent, ...], nothing: ev.Trail | None
) -> None:
    found = after(*seen)
    assert close_by_trail(found, nothing, NOW) is Outcome.UNKNOWN
    assert (found.ended_at, found.note) == (NOW, UNTRACED)


def test_a_call_whose_end_is_not_in_the_log_is_unknown() -> None:
    found = after(calls.sent())
    assert close_by_trail(found, ev.Trail(started_at=STARTED), NOW) is Outcome.UNKNOWN
    assert found.ended_at == NOW
    assert found.note == "dialled; its end is missing in the log of channels"


def test_a_call_whose_beginning_was_rotated_away_is_judged_by_its_end() -> None:
    ending = ev.Trail(ended_at=ENDED, cause=17, remote=True)
    assert close_by_trail(after(calls.sent()), ending, NOW) is Outcome.BUSY


def test_an_answer_in_the_log_alone_is_a_call_that_was_lost() -> None:
    found = after(calls.sent())
    assert close_by_trail(found, trail(16, answered_ms=5_000), NOW) is Outcome.LOST
    assert (found.answered_at, found.ended_at) == (OPENED + 5_000, ENDED)


@pytest.mark.parametrize("log", [None, ev.Trail(started_at=STARTED), trail(16, answered_ms=5_000)])
@pytest.mark.parametrize(
    ("seen", "expected"),
    [((ANSWER,), Outcome.LOST), (CONNECTED, Outcome.ANSWERED), (LIMIT, Outcome.ABANDONED)],
    ids=["answered", "with an agent", "past the limit"],
)
def test_what_was_seen_of_an_answered_call_decides_with_and_without_a_trail(
    seen: tuple[ev.CallEvent, ...], expected: Outcome, log: ev.Trail | None
) -> None:
    found = after(calls.sent(), calls.created(), *seen)
    assert close_by_trail(found, log, NOW) is expected
    assert found.answered_at == OPENED + 5_000
    read = "was read from the log of channels" if log and log.ended_at else "was not seen"
    assert found.note == f"its end {read}"


def test_a_call_that_we_ended_before_its_answer_is_cancelled() -> None:
    found = after(calls.sent(), calls.created())
    found.ended_by_us = "the campaign was stopped"
    assert close_by_trail(found, trail(16), NOW) is Outcome.CANCELLED


def test_a_hangup_by_the_person_that_was_seen_is_not_forgotten_for_want_of_a_trail() -> None:
    found = after(calls.sent(), calls.created(), ANSWER, calls.remote_hangup(5_500))
    close_by_trail(found, None, NOW)
    assert found.remote_hangup


def test_a_closed_attempt_takes_no_facts_that_come_after_all() -> None:
    found = after(calls.sent())
    close_by_trail(found, trail(17, remote=True), NOW)
    assert not advance(found, ANSWER)
    assert found.answered_at is None
