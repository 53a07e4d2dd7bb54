"""From what a file says to what the engine works with."""

from collections.abc import Mapping
from typing import Any

from dialerd.config.schema import (
    CallerIdSection,
    CampaignFile,
    DaemonFile,
    HoursSection,
    PacingSection,
    RetrySection,
    RulesSection,
    TrunkSection,
)
from dialerd.config.week import days_of
from dialerd.domain.caller_id import CallerIdPool
from dialerd.domain.campaign import Campaign, PacingRule
from dialerd.domain.instant import SECOND_MS
from dialerd.domain.outcome import Outcome
from dialerd.domain.retry import DEFAULT_RETRY, RetryPolicy, RetryRule
from dialerd.domain.schedule import Hours, Segment
from dialerd.domain.trunk import Trunk
from dialerd.engine.settings import Settings


def settings_of(file: DaemonFile) -> Settings:
    """Return the plant that the daemon's file describes."""
    return Settings(
        trunks={name: _trunk(name, section) for name, section in file.trunks.items()},
        queues={name: section.wrapup // SECOND_MS for name, section in file.queues.items()},
        caller_ids={name: _pool(name, section) for name, section in file.caller_ids.items()},
        channels=file.limits.channels,
        calls_per_second=file.limits.calls_per_second,
    )


def campaign_of(file: CampaignFile, defaults: RulesSection) -> Campaign:
    """Return the campaign; for what its file leaves out the defaults count, then the built-in ones.

    The file must have been checked: its queue, trunk and pool are named here or there.
    """
    rules = _all_rules(RulesSection()) | rules_given(defaults) | rules_given(file)
    return Campaign(
        name=file.name,
        list=file.list,
        queue=rules["queue"],
        trunk=rules["trunk"],
        caller_ids=rules["caller_ids"],
        ring_timeout_ms=rules["ring_timeout"],
        max_wait_ms=rules["max_wait"],
        message=rules["message"],
        hours=None if rules["hours"] is None else hours_of(rules["hours"]),
        pacing=pacing_of(rules["pacing"]),
        retry=retry_of(defaults.retry, file.retry),
    )


def rules_given(section: RulesSection) -> dict[str, Any]:
    """Return the rules that the section itself names, without the built-in ones."""
    given = section.model_fields_set
    return {key: rule for key, rule in _all_rules(section).items() if key in given}


def hours_of(section: HoursSection) -> Hours:
    """Return the hours of each weekday, in order; several keys may name the same day."""
    week: dict[int, tuple[Segment, ...]] = {}
    for key, segments in section.days.items():
        for day in days_of(key) if segments else ():
            week[day] = tuple(sorted((*week.get(day, ()), *segments), key=lambda segment: segment.start))
    return Hours(section.zone, dict(sorted(week.items())))


def pacing_of(section: PacingSection) -> PacingRule:
    """Return the pacing rule; methods without a level have level 1."""
    return PacingRule(section.method, PacingRule().level if section.level is None else section.level)


def retry_of(*layers: Mapping[str, RetrySection | None]) -> RetryPolicy:
    """Return the built-in policy with the rule of each named outcome replaced, or dropped for None."""
    rules = dict(DEFAULT_RETRY.rules)
    for layer in layers:
        for name, section in layer.items():
            rules.pop(Outcome(name), None)
            if section is not None:
                rules[Outcome(name)] = RetryRule(section.count, section.every)
    return RetryPolicy(rules)


def _all_rules(section: RulesSection) -> dict[str, Any]:
    return {key: getattr(section, key) for key in RulesSection.model_fields}


def _trunk(name: str, section: TrunkSection) -> Trunk:
    return Trunk(name, section.dial, section.channels, section.calls_per_second)


def _pool(name: str, section: CallerIdSection) -> CallerIdPool:
    return CallerIdPool(name, section.numbers, section.name)
