"""What the files say is what the engine gets."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.config import parse_daemon, read_campaign
from dialerd.config.week import DAYS, days_of
from dialerd.domain.caller_id import CallerIdPool
from dialerd.domain.campaign import Campaign, PacingRule
from dialerd.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from dialerd.domain.outcome import Outcome
from dialerd.domain.pacing import METHODS
from dialerd.domain.retry import DEFAULT_RETRY, RETRYABLE, RetryRule
from dialerd.domain.schedule import Hours, Segment
from dialerd.domain.trunk import Trunk
from dialerd.engine.settings import Settings
from tests.config.files import CAMPAIGN, DAEMON, daemon

LEAST = "name: a\nlist: b\nqueue: sales\n"


def campaign(rules: str = "", defaults: str = "") -> Campaign:
    """Return a campaign with these rules, in an installation with these defaults."""
    text = DAEMON.replace("defaults:\n", f"defaults:\n{defaults}")
    return read_campaign(LEAST + rules, "c.yaml", parse_daemon(text, "d.yaml"))


def at(text: str, zone: str = "Europe/Berlin") -> int:
    """Return the instant of a local time."""
    return round(
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp() * 1000
    )


def test_the_daemons_file_becomes_the_settings_of_the_engine() -> None:
    assert daemon().settings == Settings(
        trunks={"main": Trunk("main", "PJSIP/{number}@trunk", 30, 2.5)},
        queues={"sales": 15, "600": 0},
        caller_ids={"office": CallerIdPool("office", ("+15550100", "0044"), "Example Ltd.")},
        channels=100,
        calls_per_second=10.0,
    )


def test_what_the_daemons_file_leaves_out_has_the_defaults_of_the_engine() -> None:
    settings = parse_daemon("asterisk: {secret_credential: a}", "d.yaml").settings

    assert settings == Settings()


def test_the_campaigns_file_becomes_a_campaign() -> None:
    read = read_campaign(CAMPAIGN, "c.yaml", daemon())

    workday = (Segment(9 * 60, 12 * 60), Segment(13 * 60, 17 * 60 + 30))
    assert read == Campaign(
        name="spring.north",
        list="customers.2026",
        queue="sales",
        trunk="main",
        caller_ids="office",
        ring_timeout_ms=30_000,
        max_wait_ms=1_500,
        message="custom/sorry-no-agent",
        hours=Hours("Europe/Berlin", {**dict.fromkeys(range(5), workday), 5: (Segment(600, 840),)}),
        pacing=PacingRule("ratio", 1.5),
        retry=read.retry,
    )
    assert read.retry.rules[Outcome.BUSY] == RetryRule(5, 10 * MINUTE_MS)
    assert Outcome.NO_ANSWER not in read.retry.rules


def test_what_a_campaign_leaves_out_is_built_in() -> None:
    assert campaign() == Campaign("a", "b", "sales", "main", "office")


def test_defaults_count_before_what_is_built_in_and_a_campaigns_own_rule_before_them() -> None:
    defaults = "  ring_timeout: 40s\n  max_wait: 3s\n  message: hello\n"

    read = campaign("max_wait: 4s\n", defaults)

    assert (read.ring_timeout_ms, read.max_wait_ms, read.message) == (40_000, 4_000, "hello")


def test_a_campaign_can_return_to_what_is_built_in_although_the_defaults_say_otherwise() -> None:
    defaults = "  ring_timeout: 40s\n  pacing: {method: ratio, level: 2}\n"
    defaults += "  hours: {zone: UTC, mon: ['00:00-24:00']}\n"

    read = campaign("ring_timeout: 25s\nhours: always\npacing: {method: progressive}\n", defaults)

    assert read == Campaign("a", "b", "sales", "main", "office")


@pytest.mark.parametrize("outcome", sorted(RETRYABLE))
def test_a_retry_rule_replaces_that_of_its_outcome_alone(outcome: Outcome) -> None:
    rules = campaign(f"retry: {{{outcome.value}: {{count: 199, every: 30d}}}}").retry.rules

    assert rules == {**DEFAULT_RETRY.rules, outcome: RetryRule(199, 30 * DAY_MS)}


@pytest.mark.parametrize("outcome", sorted(RETRYABLE))
def test_never_drops_the_rule_of_its_outcome_alone(outcome: Outcome) -> None:
    rules = campaign(f"retry: {{{outcome.value}: never}}").retry.rules

    assert rules == {key: rule for key, rule in DEFAULT_RETRY.rules.items() if key is not outcome}


def test_retry_rules_count_in_three_layers() -> None:
    defaults = "  retry: {busy: {count: 7, every: 1h}, failed: never, lost: {count: 1, every: 1d}}\n"

    rules = campaign("retry: {lost: never, failed: {count: 9, every: 90s}}", defaults).retry.rules

    assert rules[Outcome.BUSY] == RetryRule(7, HOUR_MS)
    assert rules[Outcome.FAILED] == RetryRule(9, 90_000)
    assert rules[Outcome.UNKNOWN] == DEFAULT_RETRY.rules[Outcome.UNKNOWN]
    assert Outcome.LOST not in rules


@pytest.mark.parametrize("method", METHODS)
def test_every_pacing_method_can_be_written(method: str) -> None:
    level = ", level: 2.5" if method == "ratio" else ""

    assert campaign(f"pacing: {{method: {method}{level}}}").pacing == PacingRule(
        method, 2.5 if level else 1.0
    )


@pytest.mark.parametrize("day", range(7))
def test_each_day_opens_and_closes_on_the_minute(day: int) -> None:
    hours = campaign(f"hours: {{zone: Europe/Berlin, {DAYS[day]}: ['09:00-17:30']}}").hours
    assert hours is not None
    date = f"2026-06-{day + 1:02}"  # the first of June 2026 is a Monday

    assert not hours.is_open(at(f"{date} 08:59:59"))
    assert hours.is_open(at(f"{date} 09:00"))
    assert hours.is_open(at(f"{date} 17:29:59"))
    assert not hours.is_open(at(f"{date} 17:30"))
    assert list(hours.week) == [day]


def test_midnight_ends_a_day_and_the_next_one_goes_on_without_a_gap() -> None:
    hours = campaign("hours: {zone: Europe/Berlin, fri: ['22:00-24:00'], sat: ['00:00-02:00']}").hours
    assert hours is not None

    assert hours.is_open(at("2026-06-05 23:59:59"))
    assert hours.is_open(at("2026-06-06 00:00"))
    assert not hours.is_open(at("2026-06-06 02:00"))


def test_keys_that_name_the_same_day_add_up_in_the_order_of_the_clock() -> None:
    hours = campaign(
        "hours: {zone: UTC, wed: ['18:00-19:00'], mon-fri: ['13:00-18:00'], daily: ['09:00-12:00']}"
    ).hours
    assert hours is not None

    assert [s.start // 60 for s in hours.week[2]] == [9, 13, 18]
    assert [s.start // 60 for s in hours.week[6]] == [9]


def test_a_day_without_hours_may_be_named_as_closed() -> None:
    hours = campaign("hours: {zone: UTC, mon-sat: ['09:00-12:00'], sun: []}").hours
    assert hours is not None

    assert sorted(hours.week) == [0, 1, 2, 3, 4, 5]


@given(st.integers(0, 6), st.integers(0, 6))
def test_a_range_names_the_days_from_the_first_to_the_last(first: int, last: int) -> None:
    expected = tuple(range(first, last + 1)) if first < last else ()

    assert days_of(f"{DAYS[first]}-{DAYS[last]}") == expected


@pytest.mark.parametrize(
    "key", ["", "-", "mon-", "-mon", "mon-tue-wed", "monday", "MON", "daily-mon", "zone"]
)
def test_nothing_else_names_days(key: str) -> None:
    assert days_of(key) == ()
