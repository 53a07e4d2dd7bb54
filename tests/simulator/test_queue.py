"""How Queue() serves callers and rings members."""

import pytest

from dialerd.simulator.durations import Fixed
from dialerd.simulator.scenario import Habits, QueueRules, Staff
from tests.simulator.world import ANSWERS, NOBODY_PICKS_UP, STAYS, World

TALKS_3_S = Habits(pickup=Fixed(200), talk=Fixed(3_000))


def connected(world: World) -> list[str]:
    return [event["Uniqueid"] for event in world.all("AgentConnect")]


def test_an_idle_member_is_rung_at_once_and_talks_until_one_side_ends_it() -> None:
    world = World(1, TALKS_3_S)
    world.call()
    world.passes(4_000)
    called, taken, ended = (world.one(name) for name in ("AgentCalled", "AgentConnect", "AgentComplete"))
    assert called.at_ms == pytest.approx(world.one("DialerdAnswered").at_ms, abs=0.1)
    assert taken.at_ms - called.at_ms == pytest.approx(200, abs=1)
    assert ended["Reason"] == "agent"
    assert world.one("Hangup")["Cause"] == "16"
    assert world.one("DialerdEnd")["HangupSource"].startswith("PJSIP/1001-")


def test_the_members_status_goes_ringing_in_use_idle_with_the_last_call_booked_at_its_end() -> None:
    world = World(1, TALKS_3_S)
    world.call()
    world.passes(4_000)
    statuses = world.all("QueueMemberStatus")
    assert [event["Status"] for event in statuses] == ["6", "2", "1"]
    assert [event["CallsTaken"] for event in statuses] == ["0", "0", "1"]
    end_s = int(float(world.one("AgentComplete")["Timestamp"]))
    assert statuses[-1]["LastCall"] == str(end_s)


def test_the_member_whose_last_call_is_longest_ago_is_rung() -> None:
    world = World(3, Habits(pickup=Fixed(100), talk=Fixed(1_500)))
    for number in range(6):
        world.call(ANSWERS, f"dlr-{number}0")
        world.passes(5_000)
    rung = [event["Interface"][-1] for event in world.all("AgentCalled")]
    assert rung == ["1", "2", "3", "1", "2", "3"]


def test_a_member_who_talks_or_rings_is_not_rung_again() -> None:
    world = World(1)
    world.call(ANSWERS, "dlr-10")
    world.call(ANSWERS, "dlr-20", maxwait="9")
    world.passes(1_000)
    world.to_agent("dlr-20")
    world.passes(5_000)
    assert len(world.all("AgentCalled")) == 1


def test_waiting_callers_look_again_each_second_from_their_own_start() -> None:
    world = World(1, Habits(pickup=Fixed(100), talk=Fixed(1_450)))
    for call_id, after_ms in (("dlr-10", 300), ("dlr-20", 400), ("dlr-30", 50)):
        world.call(ANSWERS, call_id, maxwait="9")
        world.passes(after_ms)
        world.held_to_agent(call_id)
    world.passes(9_000)
    joined = {event["Uniqueid"]: event.at_ms for event in world.all("QueueCallerJoin")}
    called = {event["Uniqueid"]: event.at_ms for event in world.all("AgentCalled")}
    for waited in ("dlr-20", "dlr-30"):
        polls, rest = divmod(called[waited] - joined[waited], 1_000)
        assert polls >= 1
        assert min(rest, 1_000 - rest) < 3


def test_of_waiting_callers_the_first_is_served_first_when_their_looks_allow_it() -> None:
    world = World(1, Habits(pickup=Fixed(100), talk=Fixed(1_900)))
    for call_id in ("dlr-10", "dlr-20", "dlr-30", "dlr-40"):
        world.call(ANSWERS, call_id, maxwait="30")
        world.passes(10)
        world.held_to_agent(call_id)
        world.passes(10)
    world.passes(20_000)
    assert connected(world) == ["dlr-10", "dlr-20", "dlr-30", "dlr-40"]


def test_the_second_caller_waits_while_fewer_members_are_ready_than_callers_before_it() -> None:
    world = World(2, Habits(pickup=Fixed(100), talk=Fixed(60_000)))
    for call_id in ("dlr-10", "dlr-20", "dlr-30"):
        world.call(ANSWERS, call_id, maxwait="30")
    world.passes(2_000)
    world.held_to_agent("dlr-10", "dlr-20", "dlr-30")
    world.passes(3_000)
    assert sorted(connected(world)) == ["dlr-10", "dlr-20"]


def test_a_phone_that_rings_out_gives_the_call_to_the_next_member_a_second_later() -> None:
    rules = QueueRules("sales", ring_timeout_s=3, autopause=True)
    world = World(1, NOBODY_PICKS_UP, rules=rules, also=(Staff(1, first=2001, habits=STAYS),))
    world.call(maxwait="30")
    world.passes(6_000)
    missed, taken = world.one("AgentRingNoAnswer"), world.all("AgentCalled")[1]
    assert missed["RingTime"] == "3000"
    assert world.one("QueueMemberPause")["PausedReason"] == "Auto-Pause"
    assert world.all("QueueMemberStatus", Interface="PJSIP/1001")[-1]["Paused"] == "1"
    assert taken["Interface"] == "PJSIP/2001"
    assert taken.at_ms - missed.at_ms == pytest.approx(1_000, abs=1)


def test_a_phone_that_says_busy_is_tried_each_second_and_stays_idle() -> None:
    world = World(1, Habits(busy=True))
    world.call(maxwait="3.5")
    world.passes(6_000)
    missed = world.all("AgentRingNoAnswer")
    assert [event["RingTime"] for event in missed] == ["0"] * 4
    assert not world.all("QueueMemberStatus")


@pytest.mark.parametrize(("wrapup_s", "own_s"), [(5, 0), (0, 5), (9, 5)])
def test_wrap_up_is_counted_in_whole_seconds_and_the_members_own_comes_first(
    wrapup_s: int, own_s: int
) -> None:
    rules = QueueRules("sales", wrapup_s=wrapup_s, autopause=False, strict=False)
    world = World(1, TALKS_3_S, rules=rules, wrapup_s=own_s)
    world.call()
    world.passes(3_300)
    ended_s = int(float(world.one("AgentComplete")["Timestamp"]))
    queue = world.exchange.queues["sales"]
    while not queue.ready():
        world.passes(1)
    assert world.kernel.now == (ended_s + 5) * 1_000


def test_a_caller_who_leaves_lets_the_phone_that_rang_be_quiet() -> None:
    world = World(1, NOBODY_PICKS_UP)
    world.call("15551230041", maxwait="9")
    world.passes(4_000)
    assert world.names("dlr-1")[-4:] == ["QueueCallerAbandon", "QueueCallerLeave", "DialerdEnd", "Hangup"]
    assert world.all("QueueMemberStatus")[-1]["Status"] == "1"
    assert not world.all("AgentRingNoAnswer")


def test_a_deserted_strict_queue_takes_nobody_and_sends_the_waiting_away() -> None:
    world = World(1, NOBODY_PICKS_UP, rules=QueueRules("sales", ring_timeout_s=2, autopause=True))
    world.call(maxwait="9")
    world.passes(2_500)
    assert world.one("DialerdQueueEnd")["Status"] == "LEAVEEMPTY"
    world.to_agent("dlr-1")
    world.passes(10)
    assert world.all("DialerdQueueEnd")[-1]["Status"] == "JOINEMPTY"
    assert world.names("dlr-1")[-1] == "DialerdHold"


def test_a_withdrawn_caller_comes_back_to_the_dialplan_and_one_who_talks_does_not() -> None:
    world = World(1)
    world.call(ANSWERS, "dlr-10", maxwait="9")
    world.call(ANSWERS, "dlr-20", maxwait="9")
    world.passes(1_000)
    world.to_agent("dlr-20")
    world.passes(100)
    channel = {each: call.channel.name for each, call in world.exchange.calls.items()}
    assert world.exchange.queue_withdraw("sales", channel["dlr-20"]).ok
    assert not world.exchange.queue_withdraw("sales", channel["dlr-10"]).ok
    world.passes(10)
    assert world.one("DialerdQueueEnd", Uniqueid="dlr-20")["Status"] == "WITHDRAW"


def test_an_agent_who_wraps_up_by_hand_pauses_after_the_call_and_comes_back() -> None:
    world = World(1, Habits(pickup=Fixed(100), talk=Fixed(1_000), wrap=Fixed(4_000)))
    world.call()
    world.passes(10_000)
    begun, ended = world.all("QueueMemberPause")
    assert (begun["PausedReason"], begun["Paused"], ended["Paused"]) == ("wrapup", "1", "0")
    assert ended.at_ms - begun.at_ms == pytest.approx(4_000, abs=1)


def test_a_call_of_their_own_makes_a_member_unavailable() -> None:
    world = World(1)
    world.exchange.floor.own_call("PJSIP/1001", 3_000)
    world.call(maxwait="1")
    world.passes(5_000)
    assert "DialerdHold" in world.names()
    assert [event["Status"] for event in world.all("QueueMemberStatus")] == ["2", "1"]


def test_an_unplugged_phone_ends_its_call_and_is_unavailable() -> None:
    world = World(1)
    world.call()
    world.passes(1_000)
    world.exchange.plug("PJSIP/1001", False)
    world.passes(1_000)
    assert world.one("AgentComplete")["Reason"] == "agent"
    assert world.all("QueueMemberStatus")[-1]["Status"] == "5"
    assert world.exchange.queues["sales"].ready() == 0
