"""Boards of queue members, and the pacers' view of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from dialerd.domain import call_events as ev
from dialerd.domain.agent import AgentState, Board, Member
from dialerd.domain.attempt import Attempt
from dialerd.domain.instant import Instant
from dialerd.domain.pacing import events as pe
from dialerd.engine.live import Live, Run, seconds
from dialerd.engine.messages import MemberGone, MemberSeen
from dialerd.engine.settings import Settings

PACING_EVENT: Mapping[AgentState, type[pe.AgentIdle | pe.AgentBusy | pe.AgentWrapUp | pe.AgentPaused]] = {
    AgentState.AVAILABLE: pe.AgentIdle,
    AgentState.RINGING: pe.AgentBusy,
    AgentState.TALKING: pe.AgentBusy,
    AgentState.BUSY: pe.AgentBusy,
    AgentState.WRAP_UP: pe.AgentWrapUp,
    AgentState.PAUSED: pe.AgentPaused,
}
"""What a pacer is told of each state; one who is gone is logged out."""


def open_boards(live: Live, settings: Settings, now: Instant) -> None:
    """Keep one board for each configured queue; members of others do not concern us."""
    known = live.boards
    for name in known.keys() - settings.queues.keys():
        for interface in known[name].states(now):
            live.tell(name, pe.AgentLoggedOut(seconds(now), interface))
    live.boards = {name: known.get(name) or Board(name) for name in settings.queues}
    for name, wrapup_s in settings.queues.items():
        live.boards[name].set_wrapup(wrapup_s)


def member_seen(live: Live, message: MemberSeen) -> None:
    """Put the member's latest description on its board."""
    member = message.member
    live.survey.heard_of.add((member.queue, member.interface))
    board = live.boards.get(member.queue)
    if board is not None:
        board.put(member)


def member_gone(live: Live, message: MemberGone) -> None:
    """Take the member off its board."""
    live.survey.heard_of.add((message.queue, message.interface))
    board = live.boards.get(message.queue)
    if board is not None:
        board.remove(message.interface)


def replace_members(live: Live, members: Iterable[Member]) -> None:
    """Make the boards show these members and no others, but for those of whom something newer was heard."""
    newer = live.survey.heard_of
    listed = {(m.queue, m.interface): m for m in members if (m.queue, m.interface) not in newer}
    for queue, board in live.boards.items():
        for interface in list(board.members):
            if (queue, interface) not in listed and (queue, interface) not in newer:
                board.remove(interface)
    for (queue, _), member in listed.items():
        if queue in live.boards:
            live.boards[queue].put(member)


def follow_call(live: Live, attempt: Attempt, event: ev.CallEvent) -> None:
    """Keep track of which member rings or talks for the call."""
    board = live.boards.get(attempt.queue)
    if board is None:
        return
    match event:
        case ev.Offered():
            board.offer(event.interface, attempt.id)
        case ev.Connected():
            board.release(attempt.id)
            board.connect(event.interface, attempt.id)
        case ev.NotTaken() | ev.TalkEnded():
            board.release(attempt.id, event.interface)
        case ev.Held() | ev.LimitReached():
            board.release(attempt.id)
        case _:
            pass


def release_call(live: Live, attempt: Attempt) -> None:
    """No member rings or talks for the call any more."""
    board = live.boards.get(attempt.queue)
    if board is not None:
        board.release(attempt.id)


def tell_pacers(live: Live, now: Instant) -> None:
    """Tell the pacers what has changed on the boards, ends of wrap-up included."""
    for queue, board in live.boards.items():
        for interface, state in board.changes(now):
            live.tell(queue, _event(interface, state, now))


def prime(live: Live, run: Run, now: Instant) -> None:
    """Tell a fresh pacer what is going on already."""
    queue = run.campaign.queue
    tell_pacers(live, now)
    board = live.boards.get(queue)
    for interface, state in board.states(now).items() if board else ():
        run.pacer.observe(_event(interface, state, now))
    for call in live.calls.values():
        if call.attempt.queue == queue and call.attempt.connected_at is None:
            run.pacer.observe(pe.CallLaunched(seconds(call.attempt.opened_at), call.attempt.id))


def describe(live: Live, queue: str, now: Instant) -> list[dict[str, Any]]:
    """Return a row for each member of the queue, or of all queues."""
    return [
        _row(board, member, now)
        for board in live.boards.values()
        if queue in ("", board.queue)
        for member in sorted(board.members.values(), key=lambda m: m.interface)
    ]


def _row(board: Board, member: Member, now: Instant) -> dict[str, Any]:
    state = board.state(member, now)
    wrapping = state is AgentState.WRAP_UP
    return {
        "queue": board.queue,
        "interface": member.interface,
        "name": member.name,
        "state": state.value,
        "attempt": board.serving(member.interface),
        "wrapup_left_ms": board.wrapup_end(member) - now if wrapping else None,
        "pause_reason": member.pause_reason or None,
    }


def _event(interface: str, state: AgentState | None, now: Instant) -> pe.PacingEvent:
    kind = PACING_EVENT.get(state) if state else None
    return (kind or pe.AgentLoggedOut)(seconds(now), interface)
