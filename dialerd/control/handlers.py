"""What each command does: from a command through the daemon's door to a plain answer."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from dialerd.config.problems import ConfigError
from dialerd.control import wire
from dialerd.control.chunks import rows_of
from dialerd.control.commands import agents, campaigns, configuration, history, lists, status, targets
from dialerd.control.reasons import why_target
from dialerd.control.wire import Fault, unknown
from dialerd.domain.campaign import Campaign, CampaignState, Step
from dialerd.domain.errors import DialerError
from dialerd.domain.phone import Phone
from dialerd.engine import messages as m
from dialerd.engine.ports import Loaded, Reports, Row, StoreError

_SEPARATORS = str.maketrans("", "", " ().-/")


class Door(Protocol):
    """What the daemon lets commands do."""

    @property
    def reports(self) -> Reports:
        """Questions to the store."""

    async def ask(self, request: m.Request) -> Any:
        """Return the engine's answer; raises `DialerError` when it refuses."""

    async def load_targets(self, list_name: str, rows: Sequence[Row]) -> Loaded:
        """Add the rows to the list, all or none."""

    def read_campaign(self, text: str, filename: str, /) -> Campaign:
        """Return the campaign that the file's text describes; raises `ConfigError`."""

    async def reload(self) -> dict[str, Any]:
        """Read the configuration again and return what came of it; raises `ConfigError`."""


async def answer(command: Any, door: Door) -> dict[str, Any]:
    """Return the command's answer, whose keys its spec describes; raises `Fault`."""
    try:
        return await HANDLERS[type(command)](command, door)
    except DialerError as refused:
        await _refuse_unknown(command, door)
        raise Fault(wire.REFUSED, str(refused)) from None
    except ConfigError as fault:
        raise _with_problems(fault) from None
    except StoreError as fault:
        raise Fault(wire.BUSY, f"the database cannot be used now: {fault}; try again") from None


async def _refuse_unknown(command: Any, door: Door) -> None:
    """Say "not found", and what was perhaps meant, if that is why the command was refused."""
    if isinstance(command, lists.ListShow):
        _require("list", command.name, [row["name"] for row in await door.reports.lists()])
    elif isinstance(command, OF_A_CAMPAIGN):
        await _require_campaign(command.name, door)


async def _require_campaign(name: str, door: Door) -> None:
    _require("campaign", name, [line["campaign"] for line in await door.ask(m.AskCampaigns())])


def _require(what: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise Fault(wire.NOT_FOUND, f"no {what} {name!r}; {unknown(name, known)}")


def _with_problems(fault: ConfigError) -> Fault:
    keys = ("file", "line", "column", "path", "text", "cure")
    problems = [{key: getattr(problem, key) for key in keys} for problem in fault.problems[:MOST_PROBLEMS]]
    count = len(fault.problems)
    return Fault(wire.REFUSED, f"{count} problem{'s' * (count != 1)}; nothing was changed", problems)


MOST_PROBLEMS = 200
"""Problems of one file that an answer holds."""


async def _status(_: status.Status, door: Door) -> dict[str, Any]:
    return dict(await door.ask(m.AskStatus()))


async def _agent_list(command: agents.AgentList, door: Door) -> dict[str, Any]:
    rows = await door.ask(m.AskAgents(command.queue))
    if command.queue and not rows:
        _require("queue", command.queue, list((await door.ask(m.AskStatus()))["queues"]))
    return {"agents": rows}


async def _campaign_apply(command: campaigns.CampaignApply, door: Door) -> dict[str, Any]:
    campaign = door.read_campaign(command.text, command.filename)
    result = dict(await door.ask(m.ApplyCampaign(campaign, command.text)))
    if not command.start:
        return result
    try:
        return {**result, **await _start(campaign.name, door)}
    except DialerError as refused:
        raise Fault(wire.REFUSED, f"the rules were taken, but the campaign not started: {refused}") from None


async def _campaign_check(command: campaigns.CampaignCheck, door: Door) -> dict[str, Any]:
    campaign = door.read_campaign(command.text, command.filename)
    known = await door.ask(m.AskCampaigns())
    return {
        "campaign": campaign.name,
        "list": campaign.list,
        "queue": campaign.queue,
        "trunk": campaign.trunk,
        "known": any(line["campaign"] == campaign.name for line in known),
    }


async def _campaign_list(_: campaigns.CampaignList, door: Door) -> dict[str, Any]:
    return {"campaigns": await door.ask(m.AskCampaigns())}


async def _campaign_show(command: campaigns.CampaignShow, door: Door) -> dict[str, Any]:
    rules = await door.ask(m.AskCampaign(command.name))
    return {**rules, "targets": await door.reports.counts(command.name)}


async def _campaign_why(command: campaigns.CampaignWhy, door: Door) -> dict[str, Any]:
    reasons = await door.ask(m.AskWhy(command.name))
    return {**reasons, "targets": await door.reports.counts(command.name)}


async def _campaign_start(command: campaigns.CampaignStart, door: Door) -> dict[str, Any]:
    return await _start(command.name, door)


async def _start(campaign: str, door: Door) -> dict[str, Any]:
    """Start the campaign, unless its list is empty: it would be finished at once, and for good."""
    rules = await door.ask(m.AskCampaign(campaign))
    filled = {row["name"] for row in await door.reports.lists() if row["targets"]}
    if rules["state"] == CampaignState.DRAFT and rules["list"] not in filled:
        raise DialerError(f"list {rules['list']!r} has no targets; `list import` adds people")
    return dict(await door.ask(m.MoveCampaign(campaign, Step.START)))


async def _campaign_pause(command: campaigns.CampaignPause, door: Door) -> dict[str, Any]:
    return dict(await door.ask(m.MoveCampaign(command.name, Step.PAUSE, command.hang_up)))


async def _campaign_resume(command: campaigns.CampaignResume, door: Door) -> dict[str, Any]:
    return dict(await door.ask(m.MoveCampaign(command.name, Step.RESUME)))


async def _campaign_stop(command: campaigns.CampaignStop, door: Door) -> dict[str, Any]:
    return dict(await door.ask(m.MoveCampaign(command.name, Step.STOP, command.hang_up)))


async def _list_load(command: lists.ListLoad, door: Door) -> dict[str, Any]:
    loaded = await door.load_targets(command.name, rows_of(command))
    return {"new": loaded.new, "updated": loaded.updated, "unchanged": loaded.unchanged}


async def _list_list(_: lists.ListList, door: Door) -> dict[str, Any]:
    return {"lists": await door.reports.lists()}


async def _list_show(command: lists.ListShow, door: Door) -> dict[str, Any]:
    rows = await door.reports.list_targets(command.name, command.limit, command.after)
    return {"list": command.name, "targets": rows, "next": _next(rows, command.limit)}


async def _target_show(command: targets.TargetShow, door: Door) -> dict[str, Any]:
    phone = _phone(command.number)
    return {"number": phone.e164, "lists": await _places(phone, door)}


async def _target_why(command: targets.TargetWhy, door: Door) -> dict[str, Any]:
    phone = _phone(command.number)
    answers = []
    for place in await _places(phone, door):
        for standing in place["campaigns"]:
            reasons = await door.ask(m.AskWhy(standing["campaign"]))
            now = (await door.ask(m.AskStatus()))["now"]
            answers.append(why_target(place["list"], standing, reasons, now))
    return {"number": phone.e164, "answers": answers}


async def _attempts(command: history.Attempts, door: Door) -> dict[str, Any]:
    number = _phone(command.number).e164 if command.number else ""
    if command.campaign:
        await _require_campaign(command.campaign, door)
    wanted = {
        "campaign": command.campaign,
        "number": number,
        "outcome": command.outcome,
        "open": command.open,
    }
    filters = {name: value for name, value in wanted.items() if value}
    rows = await door.reports.attempts(filters, command.limit, command.after)
    return {"attempts": rows, "next": _next(rows, command.limit)}


async def _report(command: history.Report, door: Door) -> dict[str, Any]:
    return await door.reports.report(command.name)


async def _journal(command: history.Journal, door: Door) -> dict[str, Any]:
    return {"entries": await door.reports.journal(command.subject, command.limit)}


async def _config_reload(_: configuration.ConfigReload, door: Door) -> dict[str, Any]:
    return await door.reload()


def _phone(written: str) -> Phone:
    """Return the number as an operator types it, who may leave out the plus or write 00 for it."""
    digits = re.sub(r"^(\+|00)", "", written.translate(_SEPARATORS))
    try:
        return Phone("+" + digits)
    except ValueError:
        text = f"number: {written!r} is not a number with its country code; write +15550100123"
        raise Fault(wire.INVALID_PARAMS, text) from None


async def _places(phone: Phone, door: Door) -> list[dict[str, Any]]:
    places = await door.reports.target(phone)
    if not places:
        raise Fault(wire.NOT_FOUND, f"{phone} is in no list; `list import` adds people")
    return places


def _next(rows: Sequence[Mapping[str, Any]], limit: int) -> Any:
    """Return what the next page begins after, None when this one was the last."""
    return rows[-1]["id"] if len(rows) == limit else None


HANDLERS: Mapping[type, Callable[[Any, Door], Awaitable[dict[str, Any]]]] = {
    status.Status: _status,
    agents.AgentList: _agent_list,
    campaigns.CampaignApply: _campaign_apply,
    campaigns.CampaignCheck: _campaign_check,
    campaigns.CampaignList: _campaign_list,
    campaigns.CampaignShow: _campaign_show,
    campaigns.CampaignStart: _campaign_start,
    campaigns.CampaignPause: _campaign_pause,
    campaigns.CampaignResume: _campaign_resume,
    campaigns.CampaignStop: _campaign_stop,
    campaigns.CampaignWhy: _campaign_why,
    lists.ListLoad: _list_load,
    lists.ListList: _list_list,
    lists.ListShow: _list_show,
    targets.TargetShow: _target_show,
    targets.TargetWhy: _target_why,
    history.Attempts: _attempts,
    history.Report: _report,
    history.Journal: _journal,
    configuration.ConfigReload: _config_reload,
}
"""What answers each command; a test holds it to the list of commands."""

OF_A_CAMPAIGN = (
    campaigns.CampaignShow,
    campaigns.CampaignStart,
    campaigns.CampaignPause,
    campaigns.CampaignResume,
    campaigns.CampaignStop,
    campaigns.CampaignWhy,
    history.Report,
)
"""Commands whose `name` is that of a campaign."""
