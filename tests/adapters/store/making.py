"""Short ways to make what the tests are about."""

from collections.abc import Mapping
from random import Random
from typing import Any

from dialerd.domain.attempt import Attempt, Stage
from dialerd.domain.campaign import CampaignState, Life
from dialerd.domain.identifiers import AttemptId, TargetId, new_attempt_id
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, Target, TargetState
from dialerd.engine.messages import (
    AttemptClosed,
    AttemptOpened,
    CampaignSaved,
    Claim,
    Claimed,
    Record,
)
from dialerd.engine.ports import Row, Store

INSTALLATION = "abc123"
T0 = 1_700_000_000_000
RUNNING = Life(CampaignState.RUNNING)

_BITS = Random(7).getrandbits


def number(n: int) -> Phone:
    """Return the fictional number of that count."""
    return Phone(f"+1202555{n:07}"[:15])


def rows(count: int, start: int = 0, **variables: str) -> list[Row]:
    """Return rows of consecutive numbers, each with the same variables."""
    return [Row(number(n), variables) for n in range(start, start + count)]


def saved(
    name: str = "spring", on: str = "people", life: Life = RUNNING, source: str = "name: spring"
) -> Record:
    """Return the record of a campaign."""
    return CampaignSaved(name, on, source, life, T0)


def new_id() -> AttemptId:
    """Return a fresh attempt id."""
    return new_attempt_id(INSTALLATION, _BITS)


def attempt(target: Target, campaign: str = "spring", at: int = T0, **facts: Any) -> Attempt:
    """Return an attempt to reach the target."""
    return Attempt(
        new_id(), campaign, target.id, target.number, "carrier", "sales", "12025550100", at, 2_000, **facts
    )


def busy(call: Attempt, at: int, again_at: int | None) -> AttemptClosed:
    """Return the record of a call that met a busy line, to be repeated then, or never."""
    call.stage, call.channel, call.cause, call.ended_at = Stage.CLOSED, "PJSIP/carrier-1", 17, at
    return closed(call, Outcome.BUSY, again_at)


def answered(call: Attempt, at: int, wait_ms: int = 40) -> AttemptClosed:
    """Return the record of a call that reached an agent after that wait."""
    call.stage, call.channel, call.agent = Stage.CLOSED, "PJSIP/carrier-1", "PJSIP/agent"
    call.answered_at, call.connected_at, call.ended_at = at, at + wait_ms, at + 90_000
    return closed(call, Outcome.ANSWERED, None)


def abandoned(call: Attempt, at: int) -> AttemptClosed:
    """Return the record of a call that was answered and met no agent."""
    call.stage, call.channel, call.answered_at, call.limit_at = (
        Stage.CLOSED,
        "PJSIP/carrier-1",
        at,
        at + 2_000,
    )
    call.ended_at = at + 6_000
    return closed(call, Outcome.ABANDONED, None)


def closed(
    call: Attempt, outcome: Outcome, again_at: int | None, tries: Mapping[Outcome, int] | None = None
) -> AttemptClosed:
    """Return the record of a closed call."""
    if again_at is None:
        standing = Standing(TargetState.DONE, outcome.value)
    else:
        standing = Standing(TargetState.WAITING, f"{outcome.value}: retry 1 of 2", again_at)
    return AttemptClosed(call, outcome, {outcome: 1} if tries is None else tries, standing)


async def claim(
    store: Store,
    limit: int = 10,
    now: int = T0,
    held: frozenset[TargetId] = frozenset(),
    campaign: str = "spring",
    on: str = "people",
) -> Claimed:
    """Claim targets."""
    return await store.claim(Claim(campaign, on, limit, held), now)


async def dial(
    store: Store, count: int = 1, now: int = T0, campaign: str = "spring", **facts: Any
) -> list[Attempt]:
    """Open attempts to that many claimed targets and return them."""
    claimed = await claim(store, count, now, campaign=campaign)
    calls = [attempt(target, campaign, now, **facts) for target in claimed.targets]
    await store.write([AttemptOpened(call) for call in calls])
    return calls


def numbers(claimed: Claimed) -> list[str]:
    """Return the claimed numbers."""
    return [target.number.e164 for target in claimed.targets]
