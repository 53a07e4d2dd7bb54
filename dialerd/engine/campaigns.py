"""What is done with campaigns: new rules, and the steps of their life."""

from collections.abc import Iterable
from typing import Any

from dialerd.domain.campaign import Campaign, CampaignState, Life, Step, after
from dialerd.domain.errors import DialerError
from dialerd.domain.instant import Instant
from dialerd.engine import agents, calls
from dialerd.engine.live import Effects, Live, Run, new_run
from dialerd.engine.messages import ApplyCampaign, CampaignMoved, CampaignSaved, MoveCampaign


def find(live: Live, name: str) -> Run:
    """Return the campaign; `DialerError` when there is none of that name."""
    try:
        return live.runs[name]
    except KeyError:
        raise DialerError(f"no campaign {name!r}; `campaign list` shows all") from None


def apply(live: Live, request: ApplyCampaign, now: Instant, out: Effects) -> dict[str, Any]:
    """Take new rules for a new campaign, or for one in draft or paused."""
    campaign = request.campaign
    known = live.runs.get(campaign.name)
    if known and known.campaign == campaign and not known.fault:
        return {**summary(known), "changed": False}
    if known and not known.life.may_be_edited:
        state = known.life.state.value
        raise DialerError(f"campaign {campaign.name!r} is {state}; its rules change only in draft or paused")
    if known and known.campaign.list != campaign.list:
        raise DialerError(
            f"campaign {campaign.name!r} dials list {known.campaign.list!r}; a list stays for life"
        )
    run = new_run(campaign, request.source, known.life if known else Life())
    _replace(live, run, now)
    out.records.append(CampaignSaved(campaign.name, campaign.list, request.source, run.life, now))
    return {**summary(run), "changed": True}


def move(live: Live, request: MoveCampaign, now: Instant, out: Effects) -> dict[str, Any]:
    """Take one step of a campaign's life by command."""
    run = find(live, request.name)
    if request.step in (Step.START, Step.RESUME) and run.fault:
        raise DialerError(f"campaign {request.name!r} has unusable rules: {run.fault}")
    _enter(run, after(run.life, request.step), now, out)
    if request.hang_up:
        for call in list(live.calls_of(request.name)):
            calls.hang_up(call, now, out, f"{request.step.value} by command")
    settle_lives(live, now, out)
    return summary(run)


def mend(live: Live, mended: Iterable[Campaign], now: Instant) -> None:
    """Give campaigns whose rules could not be used the ones that can."""
    for campaign in mended:
        known = live.runs.get(campaign.name)
        if known is not None and known.fault:
            _replace(live, new_run(campaign, known.source, known.life), now)


def _replace(live: Live, run: Run, now: Instant) -> None:
    """Let the campaign go on with other rules; a claim that is under way stays so."""
    known = live.runs.get(run.campaign.name)
    run.claiming = known is not None and known.claiming
    live.runs[run.campaign.name] = run
    agents.prime(live, run, now)


def settle_lives(live: Live, now: Instant, out: Effects) -> None:
    """Let campaigns whose calls have all ended come to rest."""
    for run in live.runs.values():
        if run.life.state is CampaignState.DRAINING and not any(live.calls_of(run.campaign.name)):
            _enter(run, after(run.life, Step.DRAINED), now, out)


def exhausted(live: Live, run: Run, now: Instant, out: Effects) -> None:
    """End a running campaign that has nobody left to call."""
    if run.is_running and not run.ready and not any(live.calls_of(run.campaign.name)):
        _enter(run, after(run.life, Step.EXHAUSTED), now, out)


def summary(run: Run) -> dict[str, Any]:
    """Return the campaign in a line: the keys of every answer about a campaign."""
    campaign, life = run.campaign, run.life
    return {
        "campaign": campaign.name,
        "state": life.state.value,
        "reason": life.reason or None,
        "then": life.then.value if life.then else None,
        "list": campaign.list,
        "queue": campaign.queue,
        "trunk": campaign.trunk,
        "fault": run.fault or None,
    }


def details(live: Live, run: Run) -> dict[str, Any]:
    """Return the campaign's state, rules and calls in flight."""
    campaign = run.campaign
    return {
        **summary(run),
        "caller_ids": campaign.caller_ids,
        "ring_timeout_ms": campaign.ring_timeout_ms,
        "max_wait_ms": campaign.max_wait_ms,
        "pacing": {"method": campaign.pacing.method, "level": campaign.pacing.level},
        "hours": _hours(campaign),
        "retry": {
            outcome.value: {"count": rule.count, "every_ms": rule.every_ms}
            for outcome, rule in campaign.retry.rules.items()
        },
        "in_flight": sum(1 for _ in live.calls_of(campaign.name)),
        "ready": len(run.ready),
        "source": run.source,
    }


def _hours(campaign: Campaign) -> dict[str, Any] | None:
    if campaign.hours is None:
        return None
    week = {
        str(day): [[segment.start, segment.end] for segment in segments]
        for day, segments in sorted(campaign.hours.week.items())
    }
    return {"zone": campaign.hours.zone, "minutes_by_weekday": week}


def _enter(run: Run, life: Life, now: Instant, out: Effects) -> None:
    if life == run.life:
        return
    run.life = life
    run.forget_ready()
    out.records.append(CampaignMoved(run.campaign.name, life, now))
    out.note(
        now,
        "campaign",
        run.campaign.name,
        f"{life.state.value}: {life.reason}" if life.reason else life.state.value,
    )
