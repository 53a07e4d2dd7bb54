"""Open attempts against living channels: after a start, after each login, and every half minute."""

from dialerd.domain import call_events as ev
from dialerd.domain.attempt import Stage, close_by_trail
from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.engine import agents, calls
from dialerd.engine.live import Call, Comparison, Effects, Live
from dialerd.engine.messages import (
    HangUp,
    LinkChanged,
    LivingChannel,
    ReadTrail,
    Survey,
    Surveyed,
    SurveyFailed,
    TrailRead,
)
from dialerd.engine.settlement import settle

LOOK_GAP_MS = 2 * SECOND_MS
"""A channel is gone when two looks at least this far apart do not show it: Asterisk's list may lag behind."""

SURVEY_EVERY_MS = 30 * SECOND_MS
"""An end may be missed with a healthy link, too."""


def link_changed(live: Live, message: LinkChanged, now: Instant) -> None:
    """Begin anew: what happened while the link was down is not known."""
    live.link_up, live.link_reason = message.up, message.reason
    begin(live, now if message.up else None)
    if not message.up:
        agents.replace_members(live, ())


def begin(live: Live, due_at: Instant | None) -> None:
    """Trust nothing until two looks agree; a call that was not seen yet may have been missed."""
    live.reconciled = False
    live.survey = Comparison(due_at=due_at)
    for call in live.unseen.values():
        call.attempt.adopted = True


def ask(live: Live, now: Instant, out: Effects) -> None:
    """Order a survey when one is due, or when a call has been silent past its deadline."""
    survey = live.survey
    if not live.link_up or survey.asked_at is not None or survey.due_at is None:
        return
    oldest = next(iter(live.unseen.values()), None)
    overdue = oldest is not None and now > oldest.attempt.deadline
    if now >= survey.due_at or (overdue and now >= survey.looked_at + LOOK_GAP_MS):
        survey.asked_at, survey.again = now, False
        survey.ended.clear()
        survey.heard_of.clear()
        out.orders.append(Survey())


def survey_soon(live: Live, now: Instant) -> None:
    """Have the boards and calls compared without waiting for the next regular time."""
    if live.link_up:
        live.survey.due_at, live.survey.again = now, True


def surveyed(live: Live, message: Surveyed, now: Instant, out: Effects) -> None:
    """Compare the channels with the open attempts: adopt, hang up, or ask the log of channels."""
    shown = {channel.attempt for channel in message.channels}
    for channel in message.channels:
        _compare(live, channel, message.asked_at, now, out)
    missing = [
        c for c in live.calls.values() if c.attempt.id not in shown and _should_show(c, message.asked_at)
    ]
    _miss(missing, message.asked_at, out)
    agents.replace_members(live, message.members)

    survey = live.survey
    survey.looks, survey.asked_at, survey.looked_at = survey.looks + 1, None, now
    live.reconciled = live.reconciled or survey.looks >= 2
    again_soon = not live.reconciled or any(not call.trail_asked for call in missing)
    survey.due_at = now + (LOOK_GAP_MS if again_soon else SURVEY_EVERY_MS)
    if survey.again:
        survey.due_at = now


def survey_failed(live: Live, message: SurveyFailed, now: Instant) -> None:
    """Try again soon."""
    del message
    if live.survey.asked_at is not None:
        live.survey.asked_at, live.survey.due_at = None, now + LOOK_GAP_MS


def trail_read(live: Live, message: TrailRead, now: Instant, out: Effects) -> None:
    """Close the attempts whose channels are gone, by what the log of channels holds."""
    for attempt_id, trail in message.trails.items():
        call = live.calls.get(attempt_id)
        if call is None or call.missing_since is None:
            continue  # ended, or seen again, in the meantime
        outcome = close_by_trail(call.attempt, trail, now)
        out.note(now, "recovered", attempt_id, f"{outcome.value}: {call.attempt.note}")
        settle(live, call, now, out, outcome)


def _compare(live: Live, channel: LivingChannel, asked_at: Instant, now: Instant, out: Effects) -> None:
    call = live.calls.get(channel.attempt)
    if call is None:
        if channel.attempt not in live.survey.ended:
            calls.hang_up_stray(channel.attempt, now, out, calls.STRAY)
        return
    call.missing_since, call.trail_asked = None, False
    if call.attempt.ended_by_us:
        out.orders.append(HangUp(channel.attempt, call.attempt.ended_by_us))
    if call.attempt.stage < Stage.DIALLING:
        call.attempt.adopted = True
        # Who has answered is not torn away, however late the channel came.
        born = call.attempt.opened_at if channel.up else _born(channel, asked_at)
        calls.take(live, ev.ChannelCreated(channel.attempt, born, channel.channel), now, out)
    if channel.ringing and call.attempt.ringing_at is None:
        calls.take(live, ev.Ringing(channel.attempt, asked_at), now, out)
    if channel.up and call.attempt.answered_at is None:
        calls.take(live, ev.Answered(channel.attempt, asked_at), now, out)
    if channel.up and not channel.bridged and _waits_unknown(live, call, channel, asked_at):
        calls.take(live, ev.Held(channel.attempt, asked_at), now, out)
    if channel.bridged and call.attempt.connected_at is None:
        calls.take(live, ev.Connected(channel.attempt, asked_at, channel.agent), now, out)


def _waits_unknown(live: Live, call: Call, channel: LivingChannel, asked_at: Instant) -> bool:
    """Whether the person waits in hold without our knowing, perhaps since a redirect that was lost."""
    sent_on = call.redirected_at is not None and asked_at - call.redirected_at < calls.REDIRECT_GRACE_MS
    return channel.application == "Wait" and channel.attempt not in live.held and not sent_on


def _born(channel: LivingChannel, asked_at: Instant) -> Instant:
    """Return the earliest time at which the channel can have come to life: its age is in whole seconds."""
    return asked_at - (channel.age_s + 1) * SECOND_MS


def _should_show(call: Call, asked_at: Instant) -> bool:
    """Whether the call's channel, if it lives, must be in the list."""
    attempt = call.attempt
    return attempt.stage >= Stage.DIALLING or asked_at > attempt.deadline


def _miss(missing: list[Call], asked_at: Instant, out: Effects) -> None:
    gone = []
    for call in missing:
        call.missing_since = call.missing_since or asked_at
        if asked_at - call.missing_since >= LOOK_GAP_MS and not call.trail_asked:
            call.trail_asked = True
            gone.append(call.attempt.id)
    if gone:
        out.orders.append(ReadTrail(tuple(gone)))
