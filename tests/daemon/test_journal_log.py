"""What the journal writes to the log, through the real log."""

from collections.abc import Callable, Iterator

import pytest

from dialerd.adapters.journal_log import JournalLog
from dialerd.domain.attempt import Attempt, Stage
from dialerd.domain.campaign import CampaignState, Life
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, TargetState
from dialerd.engine import messages as m
from tests.daemon.logs import NOW, Log, logs

ATTEMPT = AttemptId("dlr-abc123-00000001111111222222234567")
NUMBER = "+15550100123"


@pytest.fixture
def start() -> Iterator[Callable[..., Log]]:
    """Make logs, and leave the process as it was."""
    with logs() as make:
        yield make


def answered_call() -> Attempt:
    """An attempt that rang for 4 s, waited 150 ms for an agent, and talked for 30 s."""
    return Attempt(
        id=ATTEMPT,
        campaign="spring",
        target=TargetId(7),
        number=Phone(NUMBER),
        trunk="carrier",
        queue="sales",
        caller_id="15550100999",
        opened_at=NOW,
        max_wait_ms=2_000,
        stage=Stage.CLOSED,
        channel="PJSIP/carrier-00000001",
        ringing_at=NOW + 1_000,
        answered_at=NOW + 5_000,
        connected_at=NOW + 5_150,
        agent="PJSIP/1001",
        ended_at=NOW + 35_150,
        cause=16,
        remote_hangup=True,
    )


def closed(attempt: Attempt) -> m.AttemptClosed:
    return m.AttemptClosed(
        attempt, Outcome.ANSWERED, {Outcome.ANSWERED: 1}, Standing(TargetState.DONE, "answered")
    )


def life_of_a_call(attempt: Attempt) -> list[m.Record]:
    return [
        m.AttemptOpened(attempt),
        m.AttemptProgressed(attempt),
        m.AttemptProgressed(attempt),
        m.Noted(NOW, "hang_up", attempt.id, "stopped by command"),
        m.Noted(NOW, "recovered", attempt.id, "answered: its end was read from the log of channels"),
        closed(attempt),
    ]


def test_a_call_costs_at_most_four_lines_and_its_progress_none(start: Callable[..., Log]) -> None:
    log = start(level="debug")
    JournalLog(log.to).write(life_of_a_call(answered_call()))
    assert [line["event"] for line in log.lines] == [
        "attempt opened",
        "hang_up",
        "recovered",
        "attempt closed",
    ]
    assert {line["attempt"] for line in log.lines} == {ATTEMPT}


def test_the_end_of_an_attempt_tells_the_whole_call(start: Callable[..., Log]) -> None:
    log = start()
    JournalLog(log.to).write([closed(answered_call())])
    assert {key: value for key, value in log.last.items() if key not in ("time", "level")} == {
        "event": "attempt closed",
        "attempt": ATTEMPT,
        "campaign": "spring",
        "target": 7,
        "number": "+1555****23",
        "outcome": "answered",
        "cause": 16,
        "agent": "PJSIP/1001",
        "ring_ms": 4_000,
        "answer_to_agent_ms": 150,
        "talk_ms": 30_000,
        "target_is": "done",
        "because": "answered",
    }


def test_a_retry_says_when(start: Callable[..., Log]) -> None:
    log = start()
    waiting = Standing(TargetState.WAITING, "busy: retry 1 of 2", NOW)
    JournalLog(log.to).write([m.AttemptClosed(answered_call(), Outcome.BUSY, {Outcome.BUSY: 1}, waiting)])
    assert (log.last["until"], log.last["because"]) == ("2026-11-22T22:49:45.123Z", "busy: retry 1 of 2")


@pytest.mark.parametrize("form", ["json", "plain"])
def test_no_line_of_a_call_holds_a_number(start: Callable[..., Log], form: str) -> None:
    log = start(form=form, level="debug")
    attempt = answered_call()
    attempt.note = f"no such number: {NUMBER}"
    JournalLog(log.to).write(life_of_a_call(attempt))
    for number in (NUMBER, NUMBER[1:], attempt.caller_id):
        assert number not in log.text


def test_a_campaigns_moves_are_told_once_and_its_file_never(start: Callable[..., Log]) -> None:
    log = start()
    paused = Life(CampaignState.PAUSED, reason="by command")
    JournalLog(log.to).write(
        [
            m.CampaignSaved("spring", "customers", "name: spring # private", Life(), NOW),
            m.CampaignMoved("spring", paused, NOW),
            m.Noted(NOW, "campaign", "spring", "paused: by command"),
        ]
    )
    assert [line["event"] for line in log.lines] == ["campaign saved", "campaign moved"]
    assert (log.last["state"], log.last["because"]) == ("paused", "by command")
    assert "private" not in log.text


@pytest.mark.parametrize(
    ("kind", "level"), [("link_lost", "warning"), ("stray_channel", "warning"), ("gate", "info")]
)
def test_notes_that_somebody_should_see_are_warnings(
    start: Callable[..., Log], kind: str, level: str
) -> None:
    log = start()
    JournalLog(log.to).write([m.Noted(NOW, kind, "asterisk", "connection lost")])
    assert (log.last["level"], log.last["event"], log.last["subject"]) == (level, kind, "asterisk")
