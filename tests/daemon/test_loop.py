"""The loop beside a store that fails."""

from collections.abc import Sequence
from functools import partial

import pytest

from dialerd.adapters.memory import MemoryStore
from dialerd.daemon.inbox import Inbox
from dialerd.daemon.loop import Loop
from dialerd.domain.campaign import Campaign
from dialerd.domain.originate import Originate
from dialerd.engine import messages as m
from dialerd.engine.dialer import Dialer
from dialerd.engine.ports import StoreError
from tests.engine.story import MONDAY_10_UTC, SETTINGS, counted_ids

CAMPAIGN = Campaign("spring", "people", "sales", "carrier", "office")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = MONDAY_10_UTC

    def now(self) -> int:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000

    async def sleep(self, seconds: float) -> None:
        self.at += round(seconds * 1000)


class FailingStore(MemoryStore):
    """Refuses every write while it is broken."""

    def __init__(self) -> None:
        super().__init__("aaaaaa")
        self.broken = False
        self.tries = 0

    async def write(self, batch: Sequence[m.Record]) -> None:
        self.tries += 1
        if self.broken:
            raise StoreError("database or disk is full")
        await super().write(batch)


class World:
    """A loop that is turned by hand."""

    def __init__(self) -> None:
        self.clock, self.store, self.inbox = Clock(), FailingStore(), Inbox()
        self.acted: list[m.Order] = []
        self.dialer = Dialer(SETTINGS, counted_ids())
        wrote = partial(setattr, self, "last_written")
        self.loop = Loop(
            self.dialer, self.inbox, self.store, self.clock, self.acted.append, wrote, lambda: None
        )

    async def turns(self, *messages: m.Message, times: int = 1) -> None:
        for message in messages:
            self.inbox.post(message)
        for _ in range(times):
            self.clock.at += 10
            self.inbox.post(m.TargetsLoaded("nothing"))
            await self.loop.turn()

    def answers(self) -> list[m.Reply]:
        return [order for order in self.acted if isinstance(order, m.Reply)]


@pytest.fixture
def world() -> World:
    return World()


async def test_a_store_that_fails_is_left_alone_between_tries_and_told_of_once(world: World) -> None:
    world.store.broken = True
    await world.turns(m.Command(1, m.ApplyCampaign(CAMPAIGN, "")), times=100)
    assert world.store.tries <= 5


async def test_a_command_is_confirmed_only_when_its_record_holds(world: World) -> None:
    world.store.broken = True
    await world.turns(m.Command(1, m.ApplyCampaign(CAMPAIGN, "")), times=30)
    assert world.answers() == []
    world.store.broken = False
    await world.turns(times=30)
    assert [answer.token for answer in world.answers()] == [1]
    assert [saved.name for saved in (await world.store.restore()).campaigns] == ["spring"]


async def test_nobody_is_claimed_or_called_while_records_are_not_written(
    world: World,
) -> None:
    await world.turns(m.LinkChanged(True, "logged in"), m.Command(1, m.ApplyCampaign(CAMPAIGN, "")))
    await world.turns(m.Surveyed(world.clock.now(), (), ()), m.Surveyed(world.clock.now(), (), ()))
    world.store.broken = True
    await world.turns(m.Command(2, m.MoveCampaign("spring", m.CampaignStep.START)), times=50)
    assert not [order for order in world.acted if isinstance(order, m.Claim | Originate)]


async def test_events_beyond_the_inbox_are_dropped_and_commands_are_not() -> None:
    inbox = Inbox(limit=2)
    for _ in range(5):
        inbox.post(m.MemberGone("sales", "PJSIP/1"))
    inbox.post(m.Command(1, m.AskStatus()))
    taken = await inbox.take(0)
    assert [type(message) for message in taken] == [m.MemberGone, m.MemberGone, m.Command, m.EventsLost]
    assert inbox.dropped == 3


async def test_questions_are_answered_while_records_are_not_written(world: World) -> None:
    world.store.broken = True
    await world.turns(m.Command(1, m.ApplyCampaign(CAMPAIGN, "")), times=3)
    await world.turns(m.Command(2, m.AskStatus()))
    (answer,) = world.answers()
    assert answer.token == 2
    assert answer.result["database"] == {"writable": False, "reason": "database or disk is full"}
