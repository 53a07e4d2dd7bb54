"""Every gate between a campaign and its next call, in order; placing and explaining use the same ones."""

from collections.abc import Callable, Iterator

from dialerd.domain.agent import AgentState
from dialerd.domain.campaign import CampaignState
from dialerd.domain.guard import Verdict, allow, block
from dialerd.domain.instant import Instant, iso
from dialerd.engine.live import Live, Run, seconds

Gate = Callable[[Live, Run, Instant], Verdict]


def verdicts(live: Live, run: Run, now: Instant) -> Iterator[Verdict]:
    """Yield each gate's answer, in order, as far as they can be asked."""
    for gate in GATES:
        verdict = gate(live, run, now)
        yield verdict
        if gate is _configuration and not verdict.open:
            return


def first_closed(live: Live, run: Run, now: Instant) -> Verdict | None:
    """Return the first gate that is closed, or None when a call may be placed."""
    return next((verdict for verdict in verdicts(live, run, now) if not verdict.open), None)


def may_prepare(live: Live, run: Run, now: Instant) -> bool:
    """Say whether it makes sense to claim targets: nothing lasting stands in the way."""
    return all(gate(live, run, now).open for gate in LASTING)


def _daemon(live: Live, run: Run, now: Instant) -> Verdict:
    del run, now
    if live.draining:
        return block("daemon", f"the daemon is ending: {live.draining}", "the daemon is started again")
    return allow("daemon", "the daemon runs")


def _database(live: Live, run: Run, now: Instant) -> Verdict:
    del run, now
    if live.store_trouble:
        return block(
            "database", f"records cannot be written: {live.store_trouble}", "the database can be written"
        )
    return allow("database", "records are written")


def _link(live: Live, run: Run, now: Instant) -> Verdict:
    del run, now
    if not live.link_up:
        return block("asterisk", f"no link to Asterisk: {live.link_reason}", "Asterisk accepts our login")
    return allow("asterisk", "the link to Asterisk is up")


def _reconciliation(live: Live, run: Run, now: Instant) -> Verdict:
    del run
    if not live.reconciled:
        text = "open attempts are being compared with Asterisk's channels"
        due = live.survey.due_at
        return block("reconciliation", text, "two looks agree", due if due and due > now else None)
    return allow("reconciliation", "open attempts agree with Asterisk's channels")


def _state(live: Live, run: Run, now: Instant) -> Verdict:
    del live, now
    life = run.life
    if life.state is CampaignState.RUNNING:
        return allow("state", "the campaign is running")
    cures = {
        CampaignState.DRAFT: "`campaign start`",
        CampaignState.PAUSED: "`campaign resume`",
        CampaignState.DRAINING: "its calls have ended",
        CampaignState.FINISHED: "never: a finished campaign stays so",
    }
    reason = f" ({life.reason})" if life.reason else ""
    return block("state", f"the campaign is {life.state.value}{reason}", cures[life.state])


def _configuration(live: Live, run: Run, now: Instant) -> Verdict:
    del now
    settings, campaign = live.settings, run.campaign
    wanted = (
        ("trunk", campaign.trunk, settings.trunks),
        ("queue", campaign.queue, settings.queues),
        ("caller-ID pool", campaign.caller_ids, settings.caller_ids),
    )
    missing = [f"{kind} {name!r}" for kind, name, known in wanted if name not in known]
    if run.fault or missing:
        text = run.fault or f"not in the configuration: {', '.join(missing)}"
        return block("configuration", text, "the configuration or the campaign is mended")
    return allow("configuration", "trunk, queue and caller IDs are configured")


def _orders(live: Live, run: Run, now: Instant) -> Verdict:
    del live
    if now < run.refused_until:
        text = f"the last call could not be ordered: {run.refusal}"
        return block("orders", text, "the next try", run.refused_until)
    return allow("orders", "calls can be ordered")


def _hours(live: Live, run: Run, now: Instant) -> Verdict:
    del live
    hours = run.campaign.hours
    if hours is None:
        return allow("hours", "always open")
    if hours.is_open(now):
        return allow("hours", f"open in {hours.zone}")
    opening = hours.next_opening(now)
    clears = f"the hours open at {iso(opening)}" if opening else "never: the hours have no segment"
    return block("hours", f"outside the campaign's hours in {hours.zone}", clears, opening)


def _agents(live: Live, run: Run, now: Instant) -> Verdict:
    counts = live.boards[run.campaign.queue].counts(now)
    members = sum(counts.values())
    working = members - counts.get(AgentState.GONE, 0) - counts.get(AgentState.PAUSED, 0)
    if not members:
        return block(
            "agents", f"queue {run.campaign.queue} has no members", "a member joins it; is it in queues.conf?"
        )
    if not working:
        return block("agents", f"all {members} members are paused or gone", "a member comes back")
    return allow("agents", f"{working} of {members} members work")


def _targets(live: Live, run: Run, now: Instant) -> Verdict:
    if run.ready and all(target.number in live.numbers for target in run.ready):
        return block("targets", "everybody who is ready is on another call", "that call ends")
    if run.ready:
        return allow("targets", f"{len(run.ready)} targets are ready")
    if run.claim_fault:
        return block(
            "targets", f"the targets cannot be read: {run.claim_fault}", "the next try", run.claim_at
        )
    if not run.is_running:
        return block("targets", "none is fetched yet", "the campaign runs")
    if run.claiming:
        return block("targets", "due targets are being fetched", "they are fetched")
    if run.next_due_at is not None and run.next_due_at > now:
        return block("targets", "no target is due yet", "the next one falls due", run.next_due_at)
    return block("targets", "no target is due", "targets are imported, or calls in flight end")


def _channels(live: Live, run: Run, now: Instant) -> Verdict:
    del now
    free, limit = channels_free(live, run.campaign.trunk)
    if free <= 0:
        return block("channels", f"{limit} are in use", "a call ends")
    return allow("channels", f"{free} free")


def _rate(live: Live, run: Run, now: Instant) -> Verdict:
    budgets = (live.budgets[run.campaign.trunk], live.system_budget)
    until = max(budget.next_at(now) for budget in budgets)
    if until > now:
        return block("rate", "the budget of calls per second is spent", "the next call is earned", until)
    return allow("rate", "calls per second are left")


def _pacing(live: Live, run: Run, now: Instant) -> Verdict:
    del live
    run.decision = run.pacer.decide(seconds(now))
    if run.decision.calls <= 0:
        return block("pacing", run.decision.reason, "an agent becomes available or a call ends")
    return allow("pacing", run.decision.reason)


def channels_free(live: Live, trunk: str) -> tuple[int, str]:
    """Return how many more calls the trunk and the system can carry, and the limit that binds, in words."""
    of_trunk = live.settings.trunks[trunk].channels - live.on_trunk[trunk]
    of_system = live.settings.channels - len(live.calls)
    if of_system < of_trunk:
        return of_system, f"all {live.settings.channels} channels of the system"
    return of_trunk, f"all {live.settings.trunks[trunk].channels} channels of trunk {trunk}"


LASTING: tuple[Gate, ...] = (
    _state,
    _configuration,
    _daemon,
    _database,
    _link,
    _reconciliation,
    _orders,
    _hours,
)
"""Gates that stay closed for a while; when one is closed nothing is claimed."""

GATES: tuple[Gate, ...] = (*LASTING, _agents, _targets, _channels, _rate, _pacing)
"""All gates in the order in which they are asked."""
