"""The production engine in virtual time."""

from collections import Counter

from dialerd.domain.caller_id import CallerIdPool
from dialerd.domain.campaign import Campaign, PacingRule
from dialerd.domain.instant import HOUR_MS, MINUTE_MS
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.retry import RetryPolicy, RetryRule
from dialerd.domain.trunk import Trunk
from dialerd.engine.ports import Row
from dialerd.engine.settings import Settings
from dialerd.simulator.rehearsal import Rehearsal, finish
from dialerd.simulator.scenario import START, demo

SETTINGS = Settings(
    trunks={"carrier": Trunk("carrier", "PJSIP/{number}@trunk", 80, 20)},
    queues={"sales": 2},
    caller_ids={"office": CallerIdPool("office", ("12025550100",))},
    channels=80,
    calls_per_second=20,
)
RETRY = RetryPolicy({outcome: RetryRule(1, 10 * MINUTE_MS) for outcome in (Outcome.BUSY, Outcome.NO_ANSWER)})
CAMPAIGN = Campaign(
    "day", "people", "sales", "carrier", "office", pacing=PacingRule("ratio", 1.6), retry=RETRY
)


def a_day(seed: int, people: int = 600) -> Rehearsal:
    rehearsal = Rehearsal(demo(seed=seed), SETTINGS)
    rehearsal.load("people", (Row(Phone(f"+1202555{i:04d}"), {}) for i in range(people)))
    rehearsal.start(CAMPAIGN)
    rehearsal.run_to_end("day", START + 6 * HOUR_MS)
    return rehearsal


def attempts(rehearsal: Rehearsal) -> list[dict[str, object]]:
    return finish(rehearsal.store.attempts({}, 10_000, ""))


def test_the_same_seed_gives_the_same_day() -> None:
    assert a_day(7, people=150).trace == a_day(7, people=150).trace
    assert a_day(7, people=150).trace != a_day(8, people=150).trace


def test_a_campaign_runs_to_its_end_and_the_carrier_counts_what_the_store_holds() -> None:
    rehearsal = a_day(3)
    rows = attempts(rehearsal)
    assert finish(rehearsal.store.counts("day"))["done"] == 600
    dialled = Counter(str(row["number"]).removeprefix("+") for row in rows if row["outcome"] != "not_sent")
    assert dialled == rehearsal.exchange.dialled
    assert max(dialled.values()) == 1 + len(RETRY.rules)


def test_those_who_answered_are_with_an_agent_in_milliseconds_or_within_the_limit() -> None:
    rehearsal = a_day(4)
    waits = [row["answer_to_agent_ms"] for row in attempts(rehearsal) if row["outcome"] == "answered"]
    assert len(waits) > 100
    assert max(int(str(wait)) for wait in waits) <= CAMPAIGN.max_wait_ms
    assert sum(int(str(wait)) < 1000 for wait in waits) > 0.9 * len(waits)
