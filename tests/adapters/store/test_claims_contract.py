"""What every store promises of the targets it hands out."""

import pytest

from dialerd.domain.outcome import Outcome
from dialerd.domain.target import Standing, TargetState
from dialerd.engine.messages import AttemptClosed, AttemptOpened, Claimed
from dialerd.engine.ports import Store, StoreConflict
from tests.adapters.store.making import (
    T0,
    attempt,
    busy,
    claim,
    closed,
    dial,
    number,
    numbers,
    rows,
    saved,
)


async def test_fresh_targets_come_in_the_lists_order(people: Store) -> None:
    claimed = await claim(people, 4)
    assert numbers(claimed) == [number(n).e164 for n in range(4)]
    assert (claimed.campaign, claimed.open, claimed.next_due_at) == ("spring", True, None)


async def test_a_claim_changes_nothing(people: Store) -> None:
    assert await claim(people, 4) == await claim(people, 4)


async def test_held_targets_are_left_out(people: Store) -> None:
    held = frozenset(target.id for target in (await claim(people, 4)).targets)
    assert numbers(await claim(people, 4, held=held)) == [number(n).e164 for n in range(4, 8)]


async def test_all_of_a_long_list_is_handed_out_once(store: Store) -> None:
    await store.load_targets("people", rows(1_500), T0)
    await store.load_targets("people", rows(1_001, start=1_500), T0)
    await store.write([saved()])
    held: frozenset[int] = frozenset()
    got: list[str] = []
    while targets := (claimed := await claim(store, 700, held=held)).targets:
        got += numbers(claimed)
        held = held.union(target.id for target in targets)
    assert got == [number(n).e164 for n in range(2_501)]
    assert claimed.open


async def test_one_claim_may_be_larger_than_what_joins_at_a_time(store: Store) -> None:
    await store.load_targets("people", rows(1_500), T0)
    await store.load_targets("people", rows(1_001, start=1_500), T0)
    await store.write([saved()])
    assert len((await claim(store, 3_000)).targets) == 2_501


async def test_retries_come_first_the_earliest_due_before_the_others(people: Store) -> None:
    calls = await dial(people, 3)
    times = [T0 + 5_000, T0 + 3_000, T0 + 5_000]
    await people.write([busy(call, T0, at) for call, at in zip(calls, times, strict=True)])
    claimed = await claim(people, 5, now=T0 + 5_000)
    assert numbers(claimed) == [number(n).e164 for n in (1, 0, 2, 3, 4)]
    assert claimed.targets[0].tries == {Outcome.BUSY: 1}


async def test_a_retry_is_not_handed_out_before_its_time(people: Store) -> None:
    calls = await dial(people, 2)
    await people.write([busy(calls[0], T0, T0 + 9_000), busy(calls[1], T0, T0 + 7_000)])
    early = await claim(people, 1, now=T0 + 6_999)
    assert (numbers(early), early.next_due_at) == ([number(2).e164], T0 + 7_000)
    on_time = await claim(people, 1, now=T0 + 7_000)
    assert (numbers(on_time), on_time.next_due_at) == ([number(1).e164], T0 + 9_000)


async def test_what_falls_due_next_is_none_of_those_handed_out(people: Store) -> None:
    calls = await dial(people, 3)
    await people.write([busy(call, T0, T0 + 1_000 * n) for n, call in enumerate(calls)])
    held = frozenset([calls[0].target])
    claimed = await claim(people, 1, now=T0 + 1_000, held=held)
    assert (numbers(claimed), claimed.next_due_at) == ([number(1).e164], T0 + 2_000)


async def test_what_is_due_but_was_not_asked_for_is_due_next(people: Store) -> None:
    calls = await dial(people, 2)
    await people.write([busy(call, T0, T0 + 10) for call in calls])
    assert (await claim(people, 1, now=T0 + 60)).next_due_at == T0 + 10


async def test_a_target_in_flight_is_not_handed_out(people: Store) -> None:
    await dial(people, 2)
    assert numbers(await claim(people, 2)) == [number(2).e164, number(3).e164]


async def test_a_number_on_a_call_of_another_campaign_is_left_out_until_it_ends(people: Store) -> None:
    await people.load_targets("others", rows(3), T0)
    await people.write([saved("autumn", "others")])
    (call,) = await dial(people)
    during = await claim(people, 5, campaign="autumn", on="others")
    assert (numbers(during), during.open) == ([number(1).e164, number(2).e164], True)
    await people.write([closed(call, Outcome.ANSWERED, None)])
    after = await claim(people, 5, campaign="autumn", on="others")
    assert numbers(after) == [number(n).e164 for n in range(3)]


async def test_a_retry_of_a_number_on_another_call_does_not_count_as_due(people: Store) -> None:
    await people.load_targets("others", rows(1), T0)
    await people.write([saved("autumn", "others")])
    (call,) = await dial(people)
    await people.write([busy(call, T0, T0 + 1)])
    (target,) = (await claim(people, campaign="autumn", on="others")).targets
    await people.write([AttemptOpened(attempt(target, "autumn"))])
    assert (await claim(people, 0, now=T0 + 1)).next_due_at is None


async def test_two_campaigns_go_through_one_list_each_for_itself(people: Store) -> None:
    await people.write([saved("autumn")])
    (call,) = await dial(people)
    await people.write([closed(call, Outcome.ANSWERED, None)])
    assert numbers(await claim(people, 1)) == [number(1).e164]
    assert numbers(await claim(people, 1, campaign="autumn")) == [number(0).e164]


async def test_a_campaign_given_another_list_calls_that_one(people: Store) -> None:
    await people.load_targets("others", rows(2, start=50), T0)
    (call,) = await dial(people)
    await people.write([busy(call, T0, T0 + 1), saved("spring", "others")])
    assert numbers(await claim(people, 5, now=T0 + 1, on="others")) == [number(n).e164 for n in (50, 51)]
    assert numbers(await claim(people, 2, now=T0 + 1)) == [number(0).e164, number(1).e164]


async def test_a_list_that_is_not_there_or_empty_leaves_nothing_to_do(store: Store) -> None:
    await store.write([saved()])
    assert await claim(store) == Claimed("spring", (), None, open=False)
    await store.load_targets("people", [], T0)
    assert await claim(store) == Claimed("spring", (), None, open=False)


async def test_a_campaign_is_open_until_its_last_target_is_done(store: Store) -> None:
    await store.load_targets("people", rows(2), T0)
    await store.write([saved()])
    assert (await claim(store, 0)).open
    first, second = await dial(store, 2)
    assert (await claim(store)).open
    await store.write([closed(first, Outcome.ANSWERED, None), busy(second, T0, T0 + 60_000)])
    assert (await claim(store)).open
    (again,) = await dial(store, now=T0 + 60_000)
    await store.write([closed(again, Outcome.BUSY, None, {Outcome.BUSY: 2})])
    assert await claim(store, now=T0 + 60_000) == Claimed("spring", (), None, open=False)


async def test_a_finished_list_opens_again_with_new_rows(store: Store) -> None:
    await store.load_targets("people", rows(1), T0)
    await store.write([saved()])
    (call,) = await dial(store)
    await store.write([closed(call, Outcome.ANSWERED, None)])
    assert not (await claim(store)).open
    await store.load_targets("people", rows(2), T0)
    claimed = await claim(store)
    assert (numbers(claimed), claimed.open) == ([number(1).e164], True)


async def test_a_target_set_ready_again_takes_its_old_place(people: Store) -> None:
    (call,) = await dial(people)
    await people.write([AttemptClosed(call, Outcome.NOT_SENT, {}, Standing(TargetState.READY))])
    assert numbers(await claim(people, 2)) == [number(0).e164, number(1).e164]


async def test_a_campaign_that_is_not_known_claims_nothing(people: Store) -> None:
    with pytest.raises(StoreConflict, match="autumn"):
        await claim(people, campaign="autumn")
