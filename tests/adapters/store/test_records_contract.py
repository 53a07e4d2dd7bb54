"""What every store promises of records: all of a batch or none, and each only where it fits."""

from collections.abc import Sequence
from copy import copy
from dataclasses import fields

import pytest

from dialerd.domain.attempt import Attempt, Stage
from dialerd.domain.campaign import CampaignState, Life
from dialerd.domain.identifiers import TargetId
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, Target, TargetState
from dialerd.engine.messages import (
    AttemptClosed,
    AttemptOpened,
    AttemptProgressed,
    CampaignMoved,
    Noted,
    Record,
    Restored,
    StoredCampaign,
)
from dialerd.engine.ports import Reports, Store, StoreConflict, StoreError
from tests.adapters.store.conftest import Kept
from tests.adapters.store.making import (
    RUNNING,
    T0,
    attempt,
    busy,
    claim,
    closed,
    dial,
    new_id,
    number,
    numbers,
    rows,
    saved,
)

FULL = Attempt(
    id=new_id(),
    campaign="spring",
    target=TargetId(1),
    number=number(0),
    trunk="carrier",
    queue="sales",
    caller_id="12025550100",
    opened_at=T0,
    max_wait_ms=2_000,
    stage=Stage.LEAVING,
    sent_at=T0 + 1,
    channel="PJSIP/carrier-00000001",
    ringing_at=T0 + 2,
    answered_at=T0 + 3,
    held_at=T0 + 4,
    connected_at=T0 + 5,
    agent="PJSIP/101",
    limit_at=T0 + 6,
    message_played=True,
    ended_at=T0 + 7,
    cause=16,
    cause_text="Normal Clearing",
    sip_code=200,
    remote_hangup=True,
    timed_out=True,
    adopted=True,
    not_sent=True,
    ended_by_us="too long",
    note="odd, but true",
)
"""An attempt with a value in every field."""


async def open_attempts(store: Store) -> Sequence[Attempt]:
    return [call for call, _ in (await store.restore()).open_attempts]


def test_the_full_attempt_has_no_field_at_its_default() -> None:
    plain = attempt(Target(TargetId(1), number(0)))
    for one in fields(Attempt)[9:]:
        assert getattr(FULL, one.name) != getattr(plain, one.name), one.name


async def test_a_new_store_holds_nothing(store: Store) -> None:
    restored = await store.restore()
    assert restored == Restored(restored.installation)
    assert len(restored.installation) == 6


async def test_the_installation_keeps_its_name(kept: Kept) -> None:
    first = (await kept.store.restore()).installation
    again = await kept.reopened()
    assert (await again.restore()).installation == first


async def test_every_fact_of_an_open_attempt_outlives_the_daemon(kept: Kept) -> None:
    await kept.store.load_targets("people", rows(1, name="Ada"), T0)
    await kept.store.write([saved()])
    await claim(kept.store)
    await kept.store.write([AttemptOpened(FULL)])
    restored = await (await kept.reopened()).restore()
    assert restored.open_attempts == ((FULL, Target(TargetId(1), number(0), {"name": "Ada"}, {})),)


async def test_facts_that_came_later_are_kept_too(kept: Kept) -> None:
    await kept.store.load_targets("people", rows(1), T0)
    await kept.store.write([saved()])
    (call,) = await dial(kept.store)
    later = copy(FULL)
    later.id = call.id
    await kept.store.write([AttemptProgressed(later)])
    assert await open_attempts(await kept.reopened()) == [later]


async def test_what_is_written_does_not_change_with_the_engines_own_attempt(people: Store) -> None:
    (call,) = await dial(people)
    as_written = copy(call)
    call.stage, call.note = Stage.RINGING, "not written yet"
    assert await open_attempts(people) == [as_written]
    (read,) = await open_attempts(people)
    read.note = "a reader's own"
    assert await open_attempts(people) == [as_written]


async def test_open_attempts_come_with_the_outcomes_of_their_targets(kept: Kept) -> None:
    store = kept.store
    await store.load_targets("people", rows(1), T0)
    await store.write([saved()])
    (call,) = await dial(store)
    tries = {Outcome.BUSY: 2, Outcome.NO_ANSWER: 1}
    await store.write([closed(call, Outcome.BUSY, T0 + 1, tries)])
    await dial(store, now=T0 + 1)
    ((_, target),) = (await (await kept.reopened()).restore()).open_attempts
    assert target.tries == tries


async def test_an_attempt_whose_end_is_not_written_is_open_whatever_the_engine_knew(kept: Kept) -> None:
    await kept.store.load_targets("people", rows(1), T0)
    await kept.store.write([saved()])
    (call,) = await dial(kept.store, stage=Stage.CLOSED)
    assert [call.is_open for call in await open_attempts(kept.store)] == [True]
    await kept.store.write([AttemptProgressed(call)])
    assert [call.is_open for call in await open_attempts(await kept.reopened())] == [True]


async def test_a_closed_attempt_is_not_restored(people: Store) -> None:
    first, second = await dial(people, 2)
    await people.write([busy(first, T0, None)])
    assert [call.id for call in await open_attempts(people)] == [second.id]


async def test_campaigns_are_restored_as_they_were_left(kept: Kept) -> None:
    draining = Life(CampaignState.DRAINING, CampaignState.PAUSED, "by command")
    await kept.store.write([saved(), saved("autumn", "others", Life(), "name: autumn\n# ünïcode\n")])
    await kept.store.write([CampaignMoved("spring", draining, T0 + 1)])
    restored = await (await kept.reopened()).restore()
    assert restored.campaigns == (
        StoredCampaign("spring", "people", "name: spring", draining),
        StoredCampaign("autumn", "others", "name: autumn\n# ünïcode\n", Life()),
    )


@pytest.mark.parametrize("state", CampaignState)
async def test_a_campaign_may_be_in_any_state(store: Store, state: CampaignState) -> None:
    await store.write([saved(life=Life(state, state, "because"))])
    assert [campaign.life for campaign in (await store.restore()).campaigns] == [
        Life(state, state, "because")
    ]


async def test_a_campaign_saved_again_keeps_its_place_and_gets_its_new_rules(store: Store) -> None:
    await store.write([saved(), saved("autumn")])
    await store.write([saved("spring", "others", Life(), "name: new")])
    assert (await store.restore()).campaigns == (
        StoredCampaign("spring", "others", "name: new", Life()),
        StoredCampaign("autumn", "people", "name: spring", RUNNING),
    )


async def test_records_of_one_batch_build_on_each_other(store: Store) -> None:
    await store.load_targets("people", rows(2), T0)
    await store.write([saved()])
    first, second = (await claim(store)).targets
    one, two, three = attempt(first), attempt(second), attempt(first)
    finished = Life(CampaignState.FINISHED, reason="list exhausted")
    await store.write(
        [
            AttemptOpened(one),
            AttemptOpened(two),
            AttemptProgressed(one),
            busy(one, T0, T0),
            AttemptOpened(three),
            closed(two, Outcome.ANSWERED, None),
            Noted(T0, "campaign", "spring", "first"),
            AttemptProgressed(three),
            closed(three, Outcome.ANSWERED, None),
            CampaignMoved("spring", finished, T0),
            saved("autumn", "others"),
            CampaignMoved("autumn", RUNNING, T0),
            Noted(T0, "campaign", "spring", "second"),
        ]
    )
    restored = await store.restore()
    assert restored.open_attempts == ()
    assert [campaign.life for campaign in restored.campaigns] == [finished, RUNNING]
    assert not (await claim(store)).open


async def test_a_number_that_one_campaign_lets_go_another_may_call_in_the_same_batch(people: Store) -> None:
    await people.load_targets("others", rows(1), T0)
    await people.write([saved("autumn", "others")])
    (target,) = (await claim(people, campaign="autumn", on="others")).targets
    (call,) = await dial(people)
    other = attempt(target, "autumn")
    await people.write([busy(call, T0, None), AttemptOpened(other)])
    assert [call.id for call in await open_attempts(people)] == [other.id]


@pytest.mark.parametrize("outcome", Outcome)
async def test_every_outcome_can_be_written(people: Store, reports: Reports, outcome: Outcome) -> None:
    (call,) = await dial(people)
    await people.write([closed(call, outcome, None)])
    assert [found["outcome"] for found in await reports.attempts({}, 10, "")] == [outcome.value]


async def conflicts(store: Store) -> dict[str, Record]:
    """Return records that do not fit a store with a call on number 0, ended ones on 1 (to repeat) and 2."""
    on_call, ended, last = await dial(store, 3)
    await store.write([busy(ended, T0, T0 + 60_000), busy(last, T0, None)])
    fresh = (await claim(store, 1)).targets[0]
    stranger = Target(TargetId(999), Phone("+4930123456"))
    await store.load_targets("others", rows(1), T0)
    await store.write([saved("autumn", "others")])
    await claim(store, campaign="autumn", on="others")
    same_number = Target(TargetId(31), on_call.number)
    twice = copy(attempt(fresh))
    twice.id = on_call.id
    flying = Standing(TargetState.IN_FLIGHT)
    return {
        "a call to a number on a call": AttemptOpened(attempt(same_number, "autumn")),
        "a call under an id that is taken": AttemptOpened(twice),
        "a call to a target that is done": AttemptOpened(attempt(Target(last.target, last.number))),
        "a call to a target never claimed": AttemptOpened(attempt(stranger)),
        "a call to a number not the target's": AttemptOpened(attempt(Target(fresh.id, number(9)))),
        "a call of an unknown campaign": AttemptOpened(attempt(fresh, "summer")),
        "progress of an unknown call": AttemptProgressed(attempt(fresh)),
        "progress of an ended call": AttemptProgressed(ended),
        "the end of an unknown call": closed(attempt(fresh), Outcome.FAILED, None),
        "the end of an ended call": closed(ended, Outcome.FAILED, None),
        "an end that leaves its target in flight": AttemptClosed(on_call, Outcome.FAILED, {}, flying),
        "an end to wait after, without a time": AttemptClosed(
            on_call, Outcome.FAILED, {}, Standing(TargetState.WAITING)
        ),
        "an end to be done after, with a time": AttemptClosed(
            on_call, Outcome.FAILED, {}, Standing(TargetState.DONE, "", T0)
        ),
        "a move of an unknown campaign": CampaignMoved("summer", RUNNING, T0),
    }


CONFLICTS = [
    "a call to a number on a call",
    "a call under an id that is taken",
    "a call to a target that is done",
    "a call to a target never claimed",
    "a call to a number not the target's",
    "a call of an unknown campaign",
    "progress of an unknown call",
    "progress of an ended call",
    "the end of an unknown call",
    "the end of an ended call",
    "an end that leaves its target in flight",
    "an end to wait after, without a time",
    "an end to be done after, with a time",
    "a move of an unknown campaign",
]


async def whole(store: Store, reports: Reports) -> object:
    """Return all that can be seen of a store."""
    restored = await store.restore()
    claimed = await claim(store, 50, now=T0 + 60_000)
    seen = [await reports.target(number(n)) for n in range(30)]
    return restored, claimed, seen, await reports.journal("", 100), await reports.report("spring")


@pytest.mark.parametrize("name", CONFLICTS)
async def test_a_record_that_does_not_fit_undoes_its_whole_batch(
    people: Store, reports: Reports, name: str
) -> None:
    wrong = (await conflicts(people))[name]
    before = await whole(people, reports)
    good = (await claim(people, 5)).targets[-1]
    call = attempt(good)
    batch = [
        Noted(T0, "kind", "spring", "text"),
        CampaignMoved("spring", Life(CampaignState.PAUSED), T0),
        saved("winter"),
        AttemptOpened(call),
        AttemptProgressed(call),
    ]
    with pytest.raises(StoreConflict):
        await people.write([*batch, wrong, busy(call, T0, T0 + 60_000)])
    assert await whole(people, reports) == before
    await people.write([*batch, busy(call, T0, T0 + 60_000)])


async def test_an_empty_batch_is_nothing(people: Store, reports: Reports) -> None:
    before = await whole(people, reports)
    await people.write([])
    assert await whole(people, reports) == before


async def test_a_large_batch_is_written_whole(store: Store, reports: Reports) -> None:
    await store.load_targets("people", rows(1_200), T0)
    await store.write([saved()])
    calls = await dial(store, 1_200)
    await store.write([busy(call, T0, T0 + n) for n, call in enumerate(calls)])
    assert await reports.counts("spring") == {"ready": 0, "in_flight": 0, "waiting": 1_200, "done": 0}
    assert numbers(await claim(store, 2, now=T0 + 5)) == [number(0).e164, number(1).e164]


async def test_the_journal_keeps_the_latest(store: Store, reports: Reports) -> None:
    for start in range(0, 100_500, 10_050):
        await store.write([Noted(T0, "k", str(n % 2), str(n)) for n in range(start, start + 10_050)])
    assert [note["text"] for note in await reports.journal("", 3)] == ["100499", "100498", "100497"]
    total, below = 0, 0
    for subject in ("0", "1"):
        page = await reports.journal(subject, 10_000)
        total, below = total + len(page), below or int(page[0]["text"])
    assert (total, below) == (20_000, 100_498)


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.write([saved()])
    with pytest.raises(StoreError, match="closed"):
        await claim(store)
