"""The engine's one door: messages in, records and orders out."""

from collections.abc import Iterable
from functools import singledispatchmethod
from typing import Any

from dialerd.domain import call_events as ev
from dialerd.domain.attempt import Attempt
from dialerd.domain.campaign import Campaign
from dialerd.domain.errors import DialerError
from dialerd.domain.instant import MINUTE_MS, SECOND_MS, Instant
from dialerd.domain.target import Target
from dialerd.domain.trunk import RateBudget
from dialerd.engine import agents, calls, campaigns, explain, placement, recovery
from dialerd.engine import messages as m
from dialerd.engine.live import Call, Effects, Live, Run, new_run
from dialerd.engine.settings import Settings

CLOCK_STEP_MS = 2 * SECOND_MS
"""A clock that goes back by more was set; less is the correction that every clock gets."""

TICK_MS = SECOND_MS // 4
"""The longest time between two steps while something may be due."""


class Dialer:
    """Campaigns, calls and agents in memory, moved only by `step`.

    It reads no clock, waits for nothing and draws no random number: `new_id` is handed in.
    """

    def __init__(self, settings: Settings, new_id: placement.NewId) -> None:
        self._live = Live(settings)
        self._new_id = new_id
        self._stepped_at: Instant = 0
        self._reconfigure(settings, now=0)

    def restore(
        self,
        stored: Iterable[tuple[m.StoredCampaign, Campaign | str]],
        open_attempts: Iterable[tuple[Attempt, Target]],
        now: Instant,
    ) -> None:
        """Take up what an earlier daemon left: each campaign with its rules, or with the fault in them."""
        for saved, rules in stored:
            self._live.runs[saved.name] = _revive(saved, rules)
        for attempt, target in open_attempts:
            attempt.adopted = True
            self._live.add(Call(attempt, target))
        for run in self._live.runs.values():
            agents.prime(self._live, run, now)

    @property
    def calls_in_flight(self) -> int:
        """How many attempts are open."""
        return len(self._live.calls)

    def step(self, messages: Iterable[m.Message], now: Instant) -> m.Step:
        """Take all messages, decide, and return what is to be written and then done.

        Orders may be performed only when the records are written.
        """
        out = Effects()
        self._look_at_clock(now, out)
        for message in messages:
            self._take(message, now, out)
        recovery.ask(self._live, now, out)
        agents.tell_pacers(self._live, now)
        calls.deliver(self._live, now, out)
        campaigns.settle_lives(self._live, now, out)
        placement.place(self._live, now, self._new_id, out)
        return m.Step(tuple(out.records), tuple(out.orders), self._wake_at(now))

    def _look_at_clock(self, now: Instant, out: Effects) -> None:
        """After a step back every due time is too late by the step: begin anew."""
        if now < self._stepped_at - CLOCK_STEP_MS:
            out.note(now, "clock", "daemon", f"set back by {(self._stepped_at - now) / SECOND_MS:.0f} s")
            recovery.begin(self._live, now if self._live.link_up else None)
            for run in self._live.runs.values():
                run.forget_ready()
                run.refused_until = now
        self._stepped_at = now

    def _wake_at(self, now: Instant) -> Instant:
        live = self._live
        busy = live.calls or any(run.is_running for run in live.runs.values())
        dues = [now + (TICK_MS if busy else SECOND_MS)]
        dues += [end for board in live.boards.values() if (end := board.next_release(now)) is not None]
        dues += [budget.next_at(now) for budget in live.budgets.values()] if live.calls else []
        return min(due for due in dues if due > now)

    @singledispatchmethod
    def _take(self, message: m.Message, _now: Instant, _out: Effects) -> None:
        raise TypeError(f"the engine does not know {type(message).__name__}")

    @_take.register
    def _(self, message: ev.CallEvent, now: Instant, out: Effects) -> None:
        calls.take(self._live, message, now, out)

    @_take.register
    def _(self, message: m.MemberSeen, now: Instant, out: Effects) -> None:
        del now, out
        agents.member_seen(self._live, message)

    @_take.register
    def _(self, message: m.MemberGone, now: Instant, out: Effects) -> None:
        del now, out
        agents.member_gone(self._live, message)

    @_take.register
    def _(self, message: m.LinkChanged, now: Instant, out: Effects) -> None:
        if message.up != self._live.link_up:
            out.note(now, "link" if message.up else "link_lost", "asterisk", message.reason)
        recovery.link_changed(self._live, message, now)

    @_take.register
    def _(self, message: m.Surveyed, now: Instant, out: Effects) -> None:
        recovery.surveyed(self._live, message, now, out)

    @_take.register
    def _(self, message: m.SurveyFailed, now: Instant, out: Effects) -> None:
        del out
        recovery.survey_failed(self._live, message, now)

    @_take.register
    def _(self, message: m.AsteriskReloaded, now: Instant, out: Effects) -> None:
        del message, out
        recovery.survey_soon(self._live, now)

    @_take.register
    def _(self, message: m.TrailRead, now: Instant, out: Effects) -> None:
        recovery.trail_read(self._live, message, now, out)

    @_take.register
    def _(self, message: m.Claimed, now: Instant, out: Effects) -> None:
        run = self._live.runs.get(message.campaign)
        if run is None:
            return
        run.claiming = False
        run.next_due_at = message.next_due_at
        if run.is_running:
            known = self._live.held_targets(run)
            run.ready.extend(target for target in message.targets if target.id not in known)
        if len(message.targets) < placement.CLAIM_LIMIT:
            run.claim_at = min(
                now + placement.IDLE_CLAIM_MS, max(now, message.next_due_at or now + MINUTE_MS)
            )
        if not message.open:
            campaigns.exhausted(self._live, run, now, out)

    @_take.register
    def _(self, message: m.ClaimFailed, now: Instant, out: Effects) -> None:
        del out
        run = self._live.runs.get(message.campaign)
        if run is not None:
            run.claiming, run.claim_fault = False, message.reason
            run.claim_at = now + placement.FAILED_CLAIM_MS

    @_take.register
    def _(self, message: m.EventsLost, now: Instant, out: Effects) -> None:
        out.note(now, "events_lost", "asterisk", f"{message.dropped} events so far; calls are compared anew")
        if self._live.link_up:
            recovery.begin(self._live, now)

    @_take.register
    def _(self, message: m.TargetsLoaded, now: Instant, out: Effects) -> None:
        del now, out
        for run in self._live.runs.values():
            if run.campaign.list == message.list:
                run.forget_ready()

    @_take.register
    def _(self, message: m.StoreFailed, now: Instant, out: Effects) -> None:
        del now, out
        self._live.store_trouble = message.reason

    @_take.register
    def _(self, message: m.StoreRecovered, now: Instant, out: Effects) -> None:
        del message
        out.note(now, "database", "database", f"writable again after: {self._live.store_trouble}")
        self._live.store_trouble = ""

    @_take.register
    def _(self, message: m.Reconfigured, now: Instant, out: Effects) -> None:
        self._reconfigure(message.settings, now)
        campaigns.mend(self._live, message.mended, now)
        recovery.survey_soon(self._live, now)
        out.note(now, "reload", "configuration", "new settings are in force")

    @_take.register
    def _(self, message: m.Draining, now: Instant, out: Effects) -> None:
        self._live.draining = message.reason
        out.note(now, "draining", "daemon", message.reason)

    @_take.register
    def _(self, message: m.Command, now: Instant, out: Effects) -> None:
        try:
            result = self._answer(message.request, now, out)
        except DialerError as refused:
            out.orders.append(m.Refusal(message.token, str(refused)))
        else:
            confirms = isinstance(message.request, m.ApplyCampaign | m.MoveCampaign)
            out.orders.append(m.Reply(message.token, result, confirms))

    def _answer(self, request: m.Request, now: Instant, out: Effects) -> Any:
        live = self._live
        match request:
            case m.ApplyCampaign():
                return campaigns.apply(live, request, now, out)
            case m.MoveCampaign():
                return campaigns.move(live, request, now, out)
            case m.AskStatus():
                return explain.status(live, now)
            case m.AskCampaigns():
                return [explain.line(live, run, now) for run in live.runs.values()]
            case m.AskCampaign():
                return campaigns.details(live, campaigns.find(live, request.name))
            case m.AskWhy():
                return explain.why(live, campaigns.find(live, request.name), now)
            case m.AskAgents():
                return agents.describe(live, request.queue, now)

    def _reconfigure(self, settings: Settings, now: Instant) -> None:
        live = self._live
        live.settings = settings
        live.budgets = {t.name: RateBudget(t.calls_per_second) for t in settings.trunks.values()}
        live.system_budget = RateBudget(settings.calls_per_second)
        agents.open_boards(live, settings, now)


def _revive(saved: m.StoredCampaign, rules: Campaign | str) -> Run:
    if isinstance(rules, Campaign):
        return new_run(rules, saved.source, saved.life)
    placeholder = Campaign(saved.name, saved.list, queue="", trunk="", caller_ids="")
    return new_run(placeholder, saved.source, saved.life, fault=rules)
