"""What becomes of calls that the far end answers or refuses."""

from random import Random

import pytest

from dialerd.simulator.callees import BEHAVIOURS, HOUSEHOLDS, Behaviour, by_last_digits, plan
from dialerd.simulator.durations import Fixed, Hurried
from dialerd.simulator.scenario import demo
from tests.lab import behaviours as lab
from tests.simulator.world import ANSWERS, World


@pytest.mark.parametrize("ending", range(100))
def test_the_last_two_digits_mean_what_they_mean_to_the_labs_carrier(ending: int) -> None:
    number = f"15551230{ending:03d}"
    assert by_last_digits(number).name == lab.behaviour_of(number).name


@pytest.mark.parametrize("name", lab.BEHAVIOURS)
def test_each_behaviour_ends_as_the_labs_carrier_makes_a_real_asterisk_say(name: str) -> None:
    expected = lab.BEHAVIOURS[name]
    world = World()
    world.call(expected.number(), timeout_ms="5000", message="")
    world.passes(10_000)
    hangup = world.one("Hangup")
    if expected.answers:
        assert world.names().count("DialerdAnswered") == 1
        assert world.one("OriginateResponse")["Reason"] == "4"
    else:
        assert (hangup["Cause"], hangup["TechCause"]) == (str(expected.cause), str(expected.tech_cause))
        assert world.one("OriginateResponse")["Response"] == "Failure"
    assert bool(world.all("DialState")) is expected.rings


@pytest.mark.parametrize("name", ["ring_out", "early_media_ring_out", "no_reply"])
def test_our_own_timeout_is_told_by_the_reason_and_by_a_missing_hangup_request(name: str) -> None:
    world = World(told={ANSWERS: BEHAVIOURS[name]})
    world.call(timeout_ms="4000")
    world.passes(5_000)
    assert world.one("OriginateResponse")["Reason"] == "3"
    assert world.one("Hangup").at_ms == pytest.approx(4_000, abs=1)
    assert not world.all("HangupRequest")


def test_a_real_480_looks_like_a_timeout_but_for_the_reason_and_the_hangup_request() -> None:
    world = World(told={ANSWERS: BEHAVIOURS["unavailable"]})
    world.call()
    world.passes(100)
    assert world.one("OriginateResponse")["Reason"] == "0"
    assert world.one("HangupRequest")["TechCause"] == "480"


def test_a_silent_carrier_is_given_up_after_32_s_when_we_wait_longer() -> None:
    world = World(told={ANSWERS: BEHAVIOURS["no_reply"]})
    world.call(timeout_ms="60000")
    world.passes(60_000)
    hangup = world.one("Hangup", Cause="18", TechCause="408")
    assert hangup.at_ms == pytest.approx(32_001, abs=1)
    assert world.one("OriginateResponse")["Reason"] == "0"


def test_a_timeout_of_zero_lets_it_ring_for_ever() -> None:
    world = World(told={ANSWERS: BEHAVIOURS["ring_out"]})
    world.call(timeout_ms="0")
    world.passes(3_600_000)
    assert not world.all("Hangup")


def test_a_person_without_patience_leaves_the_queue_but_not_a_talk() -> None:
    impatient = Behaviour("impatient", 200, patience=Fixed(900), talk=Fixed(5_000))
    alone = World(told={ANSWERS: impatient})
    alone.call(maxwait="5")
    alone.passes(2_000)
    assert alone.one("Hangup").at_ms == pytest.approx(906, abs=1)
    served = World(1, told={ANSWERS: impatient})
    served.call(maxwait="5")
    served.passes(10_000)
    talk_ms = served.one("AgentComplete", Reason="caller").at_ms - served.one("AgentConnect").at_ms
    assert talk_ms == pytest.approx(5_000, abs=1)


def test_households_answer_about_a_third_of_the_calls() -> None:
    rng = Random(3)
    answered = sum(HOUSEHOLDS.behaviour(ANSWERS, rng).sip == 200 for _ in range(2_000))
    assert 600 < answered < 800


def test_a_faster_world_rings_and_talks_less_but_picks_up_and_limits_as_ever() -> None:
    slow, fast = demo(), demo(speed=10)
    rng = Random(3)
    rings = [
        plan(world.people.behaviour(ANSWERS, rng), rng).final_ms or 0
        for world in (slow, fast)
        for _ in range(300)
    ]
    assert sum(rings[:300]) > 5 * sum(rings[300:])
    habits = fast.habits_of(fast.staff[0])
    assert habits.pickup == slow.staff[0].habits.pickup
    assert habits.talk == Hurried(slow.staff[0].habits.talk or Fixed(0), 10)
