"""What calls report: each fact goes through the attempt's life table, and what follows is done."""

from collections.abc import Mapping
from copy import copy

from dialerd.domain import call_events as ev
from dialerd.domain.attempt import Attempt, Stage, advance
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import Instant
from dialerd.domain.pacing import events as pe
from dialerd.engine import agents
from dialerd.engine.live import Call, Effects, Live, seconds
from dialerd.engine.messages import AttemptProgressed, HangUp, Redirect
from dialerd.engine.settlement import settle

ENTRY_GRACE_MS = 500
"""How long an answered call that was not put on hold is taken to be on its way into the queue."""

REDIRECT_GRACE_MS = 2_000
"""How long a redirected call is taken to be on its way to an agent."""

REDIRECT_AGAIN_MS = 250
"""A call that the queue gave back at once is not sent there again before."""

LATE = "its channel appeared after the deadline"
STRAY = "its channel belongs to no open attempt"


def take(live: Live, event: ev.CallEvent, now: Instant, out: Effects) -> None:
    """Book a fact about a call."""
    call = live.calls.get(event.attempt)
    if call is None:
        if isinstance(event, ev.ChannelCreated):
            hang_up_stray(event.attempt, now, out, STRAY)
        return
    attempt = call.attempt
    was_answered, was_connected = attempt.answered_at, attempt.connected_at
    closed = advance(attempt, event)
    agents.follow_call(live, attempt, event)
    _tell_pacers(
        live, attempt, event, newly_answered=was_answered is None and attempt.answered_at is not None
    )
    if isinstance(event, ev.Held):
        live.held[attempt.id] = call
    if attempt.stage >= Stage.DIALLING:
        live.unseen.pop(attempt.id, None)
    if not attempt.wants_agent:
        live.held.pop(attempt.id, None)
    if isinstance(event, ev.ChannelCreated) and event.at > attempt.deadline:
        hang_up(call, now, out, LATE)
    elif isinstance(event, ev.ChannelCreated) and attempt.ended_by_us:
        out.orders.append(HangUp(attempt.id, attempt.ended_by_us))
    if closed:
        settle(live, call, now, out)
    elif (was_answered, was_connected) != (attempt.answered_at, attempt.connected_at):
        out.records.append(AttemptProgressed(copy(attempt)))


def hang_up(call: Call, now: Instant, out: Effects, reason: str) -> None:
    """End a call of ours, and keep why."""
    if call.attempt.ended_by_us:
        return
    call.attempt.ended_by_us = reason
    out.orders.append(HangUp(call.attempt.id, reason))
    out.note(now, "hang_up", call.attempt.id, reason)


def hang_up_stray(attempt: AttemptId, now: Instant, out: Effects, reason: str) -> None:
    """End a channel that should not be there."""
    out.orders.append(HangUp(attempt, reason))
    out.note(now, "stray_channel", attempt, reason)


def deliver(live: Live, now: Instant, out: Effects) -> None:
    """Send held people on to free agents, first come first served."""
    waiting: dict[str, list[Call]] = {}
    for call in live.held.values():
        if call.redirected_at is None or now - call.redirected_at >= REDIRECT_AGAIN_MS:
            waiting.setdefault(call.attempt.queue, []).append(call)
    for queue, calls in waiting.items():
        calls.sort(key=lambda call: call.attempt.answered_at or now)
        for call in calls[: max(0, _free_members(live, queue, now))]:
            del live.held[call.attempt.id]
            call.redirected_at = now
            out.orders.append(Redirect(call.attempt.id))


def _free_members(live: Live, queue: str, now: Instant) -> int:
    """Return how many members are available and not about to be rung by a call that is under way."""
    board = live.boards.get(queue)
    if board is None:
        return 0
    spoken_for = board.ringing | live.held.keys()
    under_way = sum(
        call.attempt.queue == queue and call.attempt.id not in spoken_for and _is_on_its_way(call, now)
        for call in live.calls.values()
    )
    return board.available(now) - under_way


def _is_on_its_way(call: Call, now: Instant) -> bool:
    """Whether a member is about to ring for the call, though none does yet."""
    attempt = call.attempt
    if not attempt.wants_agent:
        return False
    if call.redirected_at is not None:
        return now - call.redirected_at < REDIRECT_GRACE_MS
    answered_at = attempt.answered_at
    return answered_at is not None and now - answered_at < ENTRY_GRACE_MS


_PACING: Mapping[type[ev.CallEvent], type[pe.CallRinging | pe.CallAbandoned]] = {
    ev.Ringing: pe.CallRinging,
    ev.LimitReached: pe.CallAbandoned,
}


def _tell_pacers(live: Live, attempt: Attempt, event: ev.CallEvent, *, newly_answered: bool) -> None:
    at = seconds(event.at)
    if newly_answered:
        live.tell(attempt.queue, pe.CallAnswered(at, attempt.id))
        live.tell(attempt.queue, pe.CallPresented(at, attempt.id))
    if isinstance(event, ev.Connected):
        live.tell(attempt.queue, pe.CallBridged(at, attempt.id, event.interface))
    kind = _PACING.get(type(event))
    if kind is not None:
        live.tell(attempt.queue, kind(at, attempt.id))
