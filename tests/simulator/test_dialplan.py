"""The dialplan's model: who goes to an agent, who is held, and that the limit holds to the millisecond."""

import pytest

from dialerd.simulator.durations import Fixed
from dialerd.simulator.scenario import Habits
from tests.simulator.world import ANSWERS, NOBODY_PICKS_UP, World

SHORT_TALK = Habits(pickup=Fixed(100), talk=Fixed(1_500))


def waited_ms(world: World, call_id: str) -> float:
    answered, abandoned = (
        world.one(name, Uniqueid=call_id).at_ms for name in ("DialerdAnswered", "DialerdAbandon")
    )
    return abandoned - answered


@pytest.mark.parametrize(("maxwait", "limit_ms"), [("2", 2_000), ("1.5", 1_500), ("0.25", 250), ("", 2_000)])
def test_the_limit_counts_from_the_answer_for_a_call_on_hold(maxwait: str, limit_ms: int) -> None:
    world = World()
    world.call(maxwait=maxwait)
    world.passes(5_000)
    assert waited_ms(world, "dlr-1") == pytest.approx(limit_ms, abs=0.5)


def test_the_limit_counts_from_the_answer_for_a_call_that_went_from_hold_to_the_queue() -> None:
    world = World(1)
    world.call(ANSWERS, "dlr-10")
    world.call(ANSWERS, "dlr-20", maxwait="3.3")
    world.passes(1_700)
    world.to_agent("dlr-20")
    world.passes(5_000)
    assert world.one("QueueCallerJoin", Uniqueid="dlr-20")
    assert waited_ms(world, "dlr-20") == pytest.approx(3_300, abs=0.5)


def test_the_limit_ends_a_call_for_which_a_phone_rings() -> None:
    world = World(1, NOBODY_PICKS_UP)
    world.call(maxwait="1.2")
    world.passes(5_000)
    assert waited_ms(world, "dlr-1") == pytest.approx(1_200, abs=0.5)
    assert world.all("QueueMemberStatus")[-1]["Status"] == "1"


def test_the_limit_does_not_end_a_talk_however_late_it_began() -> None:
    world = World(1, Habits(pickup=Fixed(990), talk=Fixed(60_000)))
    world.call(maxwait="1")
    world.passes(30_000)
    assert "AgentConnect" in world.names()
    assert "DialerdAbandon" not in world.names()


@pytest.mark.parametrize("maxwait", ["never", "0", "-1", "nan"])
def test_a_limit_that_is_no_time_abandons_at_once_when_nobody_is_ready(maxwait: str) -> None:
    world = World()
    world.call(maxwait=maxwait)
    world.passes(100)
    assert waited_ms(world, "dlr-1") == pytest.approx(0, abs=1)


def test_the_message_is_played_and_then_the_dialplan_hangs_up() -> None:
    world = World()
    world.call(maxwait="1")
    world.passes(5_000)
    assert world.names()[-4:] == ["DialerdAbandon", "DialerdMessagePlayed", "DialerdEnd", "Hangup"]
    played = world.one("DialerdMessagePlayed")
    assert played["Status"] == "SUCCESS"
    assert played.at_ms - world.one("DialerdAbandon").at_ms == pytest.approx(1_240, abs=1)
    assert world.one("DialerdEnd")["HangupSource"] == "dialplan/builtin"


def test_who_hangs_up_during_the_message_has_not_heard_it() -> None:
    world = World()
    world.call("15551230041", maxwait="1.5")
    world.passes(5_000)
    assert "DialerdAbandon" in world.names()
    assert "DialerdMessagePlayed" not in world.names()


def test_a_redirect_that_comes_after_the_limit_leads_to_no_agent() -> None:
    world = World(1)
    world.call(ANSWERS, "dlr-10")
    world.call(ANSWERS, "dlr-20", maxwait="1")
    world.passes(1_300)
    world.exchange.hangup("dlr-10")
    world.to_agent("dlr-20")
    world.passes(5_000)
    assert len(world.all("DialerdAbandon")) == 1
    assert len(world.all("AgentCalled")) == 1
    assert world.one("DialerdMessagePlayed").at_ms == pytest.approx(1_301 + 1_240, abs=1)


def test_two_calls_answered_in_the_same_moment_do_not_both_take_the_last_agent() -> None:
    world = World(1)
    world.call(ANSWERS, "dlr-10")
    world.call(ANSWERS, "dlr-20")
    world.passes(100)
    assert [event["Uniqueid"] for event in world.all("AgentCalled")] == ["dlr-10"]
    assert [event["Uniqueid"] for event in world.all("DialerdHold")] == ["dlr-20"]


def test_a_call_does_not_overtake_those_on_hold_when_an_agent_gets_free() -> None:
    world = World(1, SHORT_TALK)
    world.call(ANSWERS, "dlr-10")
    world.call(ANSWERS, "dlr-20", maxwait="9")
    world.passes(2_000)
    world.call(ANSWERS, "dlr-30", maxwait="9")
    world.passes(100)
    assert [event["Uniqueid"] for event in world.all("DialerdHold")] == ["dlr-20", "dlr-30"]
    world.to_agent("dlr-20")
    world.passes(200)
    assert [event["Uniqueid"] for event in world.all("AgentConnect")] == ["dlr-10", "dlr-20"]


def test_a_redirect_from_hold_reaches_a_free_agent_within_milliseconds() -> None:
    world = World(1, SHORT_TALK)
    world.call(ANSWERS, "dlr-10")
    world.call(ANSWERS, "dlr-20", maxwait="9")
    world.passes(2_000)
    asked_ms = world.kernel.now
    world.to_agent("dlr-20")
    world.passes(10)
    assert world.one("AgentCalled", Uniqueid="dlr-20")
    assert world.kernel.now - asked_ms == 10


def test_a_redirect_tears_a_caller_away_from_the_agent_and_tells_so_late() -> None:
    world = World(1)
    world.call()
    world.passes(1_000)
    world.exchange.redirect("dlr-1", "dialerd", "abandon")
    world.passes(100)
    assert world.all("QueueMemberStatus")[-1]["Status"] == "1"
    assert not world.all("AgentComplete")
    world.passes(5_000)
    assert "DestUniqueid" not in world.one("AgentComplete")
    assert world.names()[-3:] == ["AgentComplete", "DialerdEnd", "Hangup"]


def test_a_redirect_of_a_ringing_call_gives_an_agent_a_line_that_nobody_answered() -> None:
    world = World(1)
    world.call("15551230085")
    world.passes(100)
    world.to_agent("dlr-1")
    world.passes(1_000)
    assert world.one("AgentConnect")["ChannelState"] == "5"
    assert world.one("OriginateResponse")["Response"] == "Failure"
    assert not world.all("DialerdAnswered")


def test_a_queue_that_does_not_exist_leads_back_to_hold() -> None:
    world = World(1)
    world.call(queue="nosuch")
    world.passes(100)
    assert world.names()[-1] == "DialerdHold"
    world.to_agent("dlr-1")
    world.passes(10)
    assert world.one("DialerdQueueEnd")["Status"] == "UNKNOWN"


@pytest.mark.parametrize("seed", range(8))
def test_hangup_is_the_last_event_of_a_channel_except_for_the_answer_to_its_order(seed: int) -> None:
    world = World(1, SHORT_TALK, seed=seed)
    for ending in range(0, 100, 7):
        world.call(f"155512300{ending:02d}", f"dlr-{ending:03d}", maxwait="1")
        world.passes(700)
    world.passes(60_000)
    for ending in range(0, 100, 7):
        names = [name for name in world.names(f"dlr-{ending:03d}") if name != "OriginateResponse"]
        assert names[0] == "Newchannel"
        assert names[-1] == "Hangup"
        assert names.count("Hangup") == 1
