"""What every store promises of its reports."""

import json

import pytest

from dialerd.domain.attempt import Stage
from dialerd.domain.errors import DialerError
from dialerd.domain.instant import iso
from dialerd.domain.outcome import Outcome
from dialerd.engine.messages import AttemptClosed, AttemptOpened, Noted
from dialerd.engine.ports import Reports, Row, Store
from tests.adapters.store.making import (
    T0,
    abandoned,
    answered,
    attempt,
    busy,
    claim,
    closed,
    dial,
    number,
    rows,
    saved,
)


async def test_a_call_from_its_beginning_to_its_end(people: Store, reports: Reports) -> None:
    (call,) = await dial(people)
    call.sent_at, call.ringing_at, call.remote_hangup = T0 + 5, T0 + 900, True
    call.cause, call.cause_text, call.sip_code = 16, "Normal Clearing", 200
    await people.write([answered(call, T0 + 4_000, wait_ms=35)])
    (shown,) = await reports.attempts({}, 10, "")
    assert json.loads(json.dumps(shown)) == {
        "id": call.id,
        "campaign": "spring",
        "list": "people",
        "number": number(0).e164,
        "caller_id": "12025550100",
        "trunk": "carrier",
        "queue": "sales",
        "opened_at": iso(T0),
        "sent_at": iso(T0 + 5),
        "ringing_at": iso(T0 + 900),
        "answered_at": iso(T0 + 4_000),
        "connected_at": iso(T0 + 4_035),
        "ended_at": iso(T0 + 94_000),
        "state": "closed",
        "outcome": "answered",
        "cause": 16,
        "cause_text": "Normal Clearing",
        "sip_code": 200,
        "agent": "PJSIP/agent",
        "answer_to_agent_ms": 35,
        "message_played": False,
        "ended_by": "person",
        "end_reason": None,
        "note": None,
    }


async def test_what_is_not_known_of_a_call_is_null(people: Store, reports: Reports) -> None:
    (call,) = await dial(people)
    (shown,) = await reports.attempts({}, 10, "")
    known = {key: value for key, value in shown.items() if value is not None}
    assert known == {
        "id": call.id,
        "campaign": "spring",
        "list": "people",
        "number": number(0).e164,
        "caller_id": "12025550100",
        "trunk": "carrier",
        "queue": "sales",
        "opened_at": iso(T0),
        "state": "open",
        "message_played": False,
    }


async def test_a_call_that_we_ended_says_why(people: Store, reports: Reports) -> None:
    (call,) = await dial(people, stage=Stage.RINGING, ended_by_us="stopped", note="late")
    await people.write([closed(call, Outcome.CANCELLED, None)])
    (shown,) = await reports.attempts({}, 10, "")
    assert (shown["ended_by"], shown["end_reason"], shown["note"]) == ("dialer", "stopped", "late")


async def test_attempts_come_latest_first_and_page_by_page(people: Store, reports: Reports) -> None:
    calls = [*await dial(people, 3), *await dial(people, 4, now=T0 - 9)]
    first = await reports.attempts({}, 4, "")
    second = await reports.attempts({}, 4, first[-1]["id"])
    assert [shown["id"] for shown in first + second] == [call.id for call in reversed(calls)]
    assert await reports.attempts({}, 4, second[-1]["id"]) == []


async def test_attempts_are_chosen_by_any_filters_together(people: Store, reports: Reports) -> None:
    await people.load_targets("others", rows(6, start=3), T0)
    await people.write([saved("autumn", "others")])
    calls = await dial(people, 3)
    targets = (await claim(people, 3, campaign="autumn", on="others")).targets
    more = [attempt(target, "autumn") for target in targets]
    await people.write([AttemptOpened(call) for call in more])
    await people.write([busy(calls[0], T0, T0 + 1), answered(calls[1], T0), busy(more[0], T0, None)])

    async def found(**filters: object) -> list[str]:
        page = await reports.attempts(filters, 10, "")
        by_id = {call.id: n for n, call in enumerate([*calls, *more])}
        return [str(by_id[shown["id"]]) for shown in page]

    assert await found() == ["5", "4", "3", "2", "1", "0"]
    assert await found(campaign="spring") == ["2", "1", "0"]
    assert await found(outcome="busy") == ["3", "0"]
    assert await found(campaign="spring", outcome="busy") == ["0"]
    assert await found(open=True) == ["5", "4", "2"]
    assert await found(open=False) == ["3", "1", "0"]
    assert await found(open=True, campaign="autumn") == ["5", "4"]
    assert await found(number=number(1).e164) == ["1"]
    assert await found(number=number(1).e164, open=True) == []
    assert await found(campaign="winter") == []
    assert await found(outcome="busy", open=True) == []


@pytest.mark.parametrize("filters", [{"colour": "red"}, {"outcome": "bussy"}])
async def test_a_filter_that_makes_no_sense_is_refused(reports: Reports, filters: dict[str, str]) -> None:
    with pytest.raises(DialerError, match=r"colour|bussy"):
        await reports.attempts(filters, 10, "")


@pytest.mark.parametrize("limit", [0, -1, 10_001])
async def test_a_page_has_a_sensible_size(people: Store, reports: Reports, limit: int) -> None:
    with pytest.raises(DialerError, match="10000"):
        await reports.attempts({}, limit, "")
    with pytest.raises(DialerError, match="10000"):
        await reports.journal("", limit)
    with pytest.raises(DialerError, match="10000"):
        await reports.list_targets("people", limit, 0)


async def test_a_page_after_an_unknown_attempt_is_refused(reports: Reports) -> None:
    with pytest.raises(DialerError, match="no attempt 'dlr-x'"):
        await reports.attempts({}, 10, "dlr-x")


async def test_the_report_of_a_campaign(people: Store, reports: Reports) -> None:
    calls = await dial(people, 12)
    waits = [10, 30, 20, 40, 2_000]
    ends: list[AttemptClosed] = [answered(c, T0, w) for c, w in zip(calls[:5], waits, strict=True)]
    ends += [abandoned(calls[5], T0), closed(calls[6], Outcome.HUNG_UP, None)]
    ends += [closed(calls[7], Outcome.LOST, None), busy(calls[8], T0, T0 + 60_000), busy(calls[9], T0, None)]
    await people.write(ends)
    await dial(people, 1, now=T0 + 1_000)
    assert await reports.report("spring") == {
        "campaign": "spring",
        "list": "people",
        "state": "running",
        "attempts": 13,
        "open": 3,
        "outcomes": {"abandoned": 1, "answered": 5, "busy": 2, "hung_up": 1, "lost": 1},
        "live_answers": 8,
        "abandoned": 1,
        "abandoned_percent": 16.67,
        "answer_to_agent_ms": {"median": 30, "p95": 2_000, "max": 2_000},
        "targets": {"ready": 17, "in_flight": 3, "waiting": 1, "done": 9},
        "first_attempt_at": iso(T0),
        "last_attempt_at": iso(T0 + 1_000),
    }


async def test_the_report_of_a_campaign_without_a_call_has_no_figures(store: Store, reports: Reports) -> None:
    await store.write([saved()])
    report = await reports.report("spring")
    assert (report["attempts"], report["outcomes"], report["abandoned_percent"]) == (0, {}, None)
    assert report["answer_to_agent_ms"] == {"median": None, "p95": None, "max": None}
    assert report["targets"] == {"ready": 0, "in_flight": 0, "waiting": 0, "done": 0}
    assert (report["first_attempt_at"], report["last_attempt_at"]) == (None, None)


@pytest.mark.parametrize(
    ("count", "median", "p95"), [(1, 1, 1), (2, 1, 2), (20, 10, 19), (40, 20, 38), (100, 50, 95)]
)
async def test_percentiles_are_waits_that_somebody_had(
    store: Store, reports: Reports, count: int, median: int, p95: int
) -> None:
    await store.load_targets("people", rows(count), T0)
    await store.write([saved()])
    calls = await dial(store, count)
    await store.write([answered(call, T0, wait) for wait, call in enumerate(reversed(calls), 1)])
    figures = (await reports.report("spring"))["answer_to_agent_ms"]
    assert figures == {"median": median, "p95": p95, "max": count}


async def test_a_call_with_an_agent_counts_once_it_has_ended(people: Store, reports: Reports) -> None:
    await dial(people, answered_at=T0, connected_at=T0 + 70)
    assert (await reports.report("spring"))["answer_to_agent_ms"]["max"] is None


async def test_a_campaign_that_is_not_there_has_no_report(reports: Reports) -> None:
    with pytest.raises(DialerError, match="no campaign 'spring'"):
        await reports.report("spring")
    with pytest.raises(DialerError, match="no campaign 'spring'"):
        await reports.counts("spring")


async def test_targets_are_counted_by_state_whether_looked_at_or_not(store: Store, reports: Reports) -> None:
    await store.load_targets("people", rows(1_100), T0)
    await store.write([saved()])
    assert await reports.counts("spring") == {"ready": 1_100, "in_flight": 0, "waiting": 0, "done": 0}
    calls = await dial(store, 5)
    await store.write([answered(calls[0], T0), busy(calls[1], T0, T0 + 1)])
    assert await reports.counts("spring") == {"ready": 1_095, "in_flight": 3, "waiting": 1, "done": 1}


async def test_a_number_is_shown_in_every_list_and_campaign(people: Store, reports: Reports) -> None:
    await people.load_targets("others", [Row(number(0), {"name": "Ada"})], T0)
    await people.write([saved("autumn", "others"), saved("winter")])
    (call,) = await dial(people)
    await people.write([busy(call, T0, T0 + 60_000)])
    (again,) = await dial(people, now=T0 + 60_000)
    await people.write(
        [closed(again, Outcome.NO_ANSWER, T0 + 90_000, {Outcome.BUSY: 1, Outcome.NO_ANSWER: 1})]
    )
    shown = await reports.target(number(0))
    attempts = await reports.attempts({}, 10, "")
    untouched = {"state": "ready", "reason": None, "not_before": None, "tries": {}, "attempts": []}
    assert shown == [
        {
            "list": "people",
            "target": 1,
            "number": number(0).e164,
            "variables": {"name": "someone"},
            "campaigns": [
                {
                    "campaign": "spring",
                    "state": "waiting",
                    "reason": "no_answer: retry 1 of 2",
                    "not_before": iso(T0 + 90_000),
                    "tries": {"busy": 1, "no_answer": 1},
                    "attempts": attempts,
                },
                {"campaign": "winter", **untouched},
            ],
        },
        {
            "list": "others",
            "target": 31,
            "number": number(0).e164,
            "variables": {"name": "Ada"},
            "campaigns": [{"campaign": "autumn", **untouched}],
        },
    ]
    assert [shown["id"] for shown in attempts] == [again.id, call.id]


async def test_a_number_that_is_in_no_list_is_shown_nowhere(people: Store, reports: Reports) -> None:
    assert await reports.target(number(77)) == []


async def test_a_campaign_that_once_called_a_list_is_still_shown_with_it(
    people: Store, reports: Reports
) -> None:
    (call,) = await dial(people)
    await people.write([busy(call, T0, None), saved("spring", "others")])
    (shown,) = await reports.target(number(0))
    assert [(one["campaign"], one["state"]) for one in shown["campaigns"]] == [("spring", "done")]
    assert (await reports.report("spring"))["targets"]["done"] == 0


async def test_notes_come_latest_first_by_subject_or_all(store: Store, reports: Reports) -> None:
    await store.write([Noted(T0, "campaign", "spring", "started"), Noted(T0 + 1, "link", "asterisk", "down")])
    await store.write([Noted(T0 + 2, "campaign", "spring", "ended: ünïcode")])
    last = {"at": iso(T0 + 2), "kind": "campaign", "subject": "spring", "text": "ended: ünïcode"}
    assert [note["text"] for note in await reports.journal("spring", 10)] == ["ended: ünïcode", "started"]
    assert (await reports.journal("", 1), len(await reports.journal("", 10))) == ([last], 3)
    assert await reports.journal("autumn", 10) == []
