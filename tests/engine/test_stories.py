"""Stories of calls, told to the engine."""

from dialerd.domain import call_events as ev
from dialerd.domain.agent import DeviceState
from dialerd.domain.instant import HOUR_MS, MINUTE_MS
from dialerd.domain.outcome import Outcome
from dialerd.domain.retry import RetryPolicy, RetryRule
from dialerd.domain.target import Standing, TargetState
from dialerd.domain.trunk import Trunk
from dialerd.engine import messages as m
from dialerd.engine.settings import Settings
from tests.engine.story import SETTINGS, Story


def test_progressive_places_one_call_for_each_available_agent(story: Story) -> None:
    story.agents(3)
    story.targets(10)
    story.campaign()
    assert len(story.placed()) == 3


def test_ratio_places_level_times_available_agents(story: Story) -> None:
    story.agents(4)
    story.targets(20)
    story.campaign(level=2.5)
    assert len(story.placed()) == 10


def test_an_attempt_is_recorded_in_the_same_step_that_orders_it(story: Story) -> None:
    story.agents(2)
    story.targets(5)
    story.campaign()
    opened = [record.attempt.id for record in story.of(m.AttemptOpened)]
    assert opened == story.placed()


def test_nothing_is_placed_without_agents(story: Story) -> None:
    story.targets(5)
    story.campaign()
    story.passes(10)
    assert story.placed() == []
    assert story.blocked_by() == "agents"


def test_a_call_that_ended_makes_room_for_the_next(story: Story) -> None:
    story.agents(1)
    story.targets(3)
    story.campaign()
    (first,) = story.placed()
    story.is_busy(first)
    assert len(story.placed()) == 2
    assert story.outcome(first) is Outcome.BUSY


def test_a_person_who_reaches_an_agent_is_answered_and_the_wait_is_known(story: Story) -> None:
    (agent,) = story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.answers(call)
    story.now += 40
    story.connects(call, agent)
    story.passes(30)
    story.hangs_up(call)
    assert story.outcome(call) is Outcome.ANSWERED
    assert story.attempt(call).answer_to_agent_ms == 40
    assert story.attempt(call).agent == agent
    assert story.standing(1) == Standing(TargetState.DONE, "answered")


def test_second_answer_without_a_free_agent_is_abandoned(story: Story) -> None:
    (agent,) = story.agents(1)
    story.targets(2)
    story.campaign(level=2)
    first, second = story.placed()
    story.answers(first)
    story.connects(first, agent)
    story.answers(second, held=True)
    story.passes(2)
    story.reaches_limit(second)
    assert story.outcome(second) is Outcome.ABANDONED
    assert story.attempt(second).message_played


def test_a_held_person_is_sent_on_the_moment_an_agent_frees(story: Story) -> None:
    (agent,) = story.agents(1)
    story.targets(2)
    story.campaign(level=2)
    first, second = story.placed()
    story.answers(first)
    story.connects(first, agent)
    story.answers(second, held=True)
    assert story.of(m.Redirect) == []
    story.hears(ev.TalkEnded(first, story.now, agent))
    story.agent(agent, DeviceState.IDLE)
    assert story.of(m.Redirect) == [m.Redirect(second)]


def test_held_people_are_sent_on_first_come_first_served_one_for_each_free_agent(story: Story) -> None:
    agents = story.agents(3)
    story.targets(6)
    story.campaign(level=2)
    calls = story.placed()
    for agent, call in zip(agents, calls[:3], strict=True):
        story.answers(call)
        story.connects(call, agent)
    for call in reversed(calls[3:]):
        story.answers(call, held=True)
        story.now += 5
    for call, agent in zip(calls[:2], agents[:2], strict=True):
        story.hears(ev.TalkEnded(call, story.now, agent))
        story.agent(agent, DeviceState.IDLE)
    assert [redirect.attempt for redirect in story.of(m.Redirect)] == [calls[5], calls[4]]


def test_the_end_of_wrap_up_releases_a_held_person_though_no_event_tells(story: Story) -> None:
    now_s = story.now // 1000
    story.agent("PJSIP/1", queue="support", last_call_s=now_s)
    story.agent("PJSIP/2", queue="support")
    story.targets(2)
    story.campaign(queue="support", level=2)
    first, second = story.placed()
    story.answers(first)
    story.hears(ev.Offered(first, story.now, "PJSIP/2"))
    story.hears(ev.Connected(first, story.now, "PJSIP/2"))
    story.passes(4.5)
    story.answers(second, held=True)
    story.passes(0.49)
    assert story.of(m.Redirect) == []
    story.passes(0.01)
    assert story.of(m.Redirect) == [m.Redirect(second)]
    assert story.now == (now_s + 5) * 1000


def test_busy_is_tried_again_after_the_interval_and_only_so_often(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign(retry=RetryPolicy({Outcome.BUSY: RetryRule(2, 15 * MINUTE_MS)}))
    for calls in (1, 2, 3):
        assert len(story.placed()) == calls
        story.is_busy(story.placed()[-1])
        story.passes(14 * 60)
        assert len(story.placed()) == calls
        story.passes(60)
    assert len(story.placed()) == 3
    assert story.standing(1).state is TargetState.DONE
    assert story.state() == "finished"


def test_a_number_on_a_call_is_not_called_by_another_campaign(story: Story) -> None:
    story.agents(5)
    story.targets(1, "people")
    story.campaign("spring")
    number = story.originates()[0].number
    story.lists["others"] = story.lists["people"]
    story.campaign("autumn", list="others")
    story.held_claims = []
    target = next(iter(story.lists["people"].values()))[0]
    story.hears(m.Claimed("autumn", (target,), None, True))
    story.passes(5)
    assert [order.number for order in story.originates()] == [number]


def test_two_campaigns_on_one_queue_do_not_both_count_its_agents(story: Story) -> None:
    story.agents(4)
    story.targets(10, "people")
    story.targets(10, "others")
    story.campaign("spring")
    story.campaign("autumn", list="others")
    story.passes(5)
    assert len(story.placed()) == 4


def test_calls_that_were_not_sent_count_as_nothing(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign(retry=RetryPolicy({}))
    (call,) = story.placed()
    story.hears(ev.NotSent(call, story.now, "the link is down"))
    assert story.outcome(call) is Outcome.NOT_SENT
    story.passes(20)
    assert len(story.placed()) == 2


def test_a_failure_without_a_channel_is_final_by_itself(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.hears(ev.Sent(call, story.now), ev.OriginateFailed(call, story.now, timed_out=False))
    assert story.outcome(call) is Outcome.FAILED


def test_pausing_lets_calls_end_and_then_rests(story: Story) -> None:
    story.agents(2)
    story.targets(9)
    story.campaign()
    first, second = story.placed()
    story.asks(m.MoveCampaign("spring", m.CampaignStep.PAUSE))
    assert story.state() == "draining"
    story.is_busy(first, second)
    assert story.state() == "paused"
    story.passes(5)
    assert len(story.placed()) == 2
    story.asks(m.MoveCampaign("spring", m.CampaignStep.RESUME))
    assert len(story.placed()) == 4


def test_stopping_with_hang_up_ends_the_calls(story: Story) -> None:
    story.agents(1)
    story.targets(5)
    story.campaign()
    (call,) = story.placed()
    story.created(call)
    story.asks(m.MoveCampaign("spring", m.CampaignStep.STOP, hang_up=True))
    assert [order.attempt for order in story.of(m.HangUp)] == [call]
    story.hangs_up(call, remote=False)
    assert story.outcome(call) is Outcome.CANCELLED
    assert story.state() == "finished"


def test_a_campaign_whose_list_is_worked_through_is_finished(story: Story) -> None:
    (agent,) = story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.answers(call)
    story.connects(call, agent)
    story.passes(61)
    assert story.state() == "running"
    story.hangs_up(call)
    story.passes(3)
    assert story.state() == "finished"


def test_targets_that_are_imported_while_running_are_called(story: Story) -> None:
    story.agents(2)
    story.targets(1)
    story.campaign()
    assert len(story.placed()) == 1
    story.targets(1)
    assert len(story.placed()) == 2


def test_channels_and_calls_per_second_are_budgets() -> None:
    trunk = Trunk("carrier", "PJSIP/{number}@trunk", channels=7, calls_per_second=10)
    story = Story(Settings({"carrier": trunk}, SETTINGS.queues, SETTINGS.caller_ids, 200, 1000))
    story.agents(50)
    story.targets(50)
    begun = story.now
    story.campaign()
    story.passes(0.35)
    assert len(story.placed()) == 1 + (story.now - begun) * 10 // 1000
    story.passes(10)
    assert len(story.placed()) == 7
    assert story.blocked_by() == "channels"


def test_a_channel_after_the_deadline_is_hung_up_and_reported(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.now += 11_000
    story.hears(ev.ChannelCreated(call, story.now, "PJSIP/trunk-1"))
    assert [order.attempt for order in story.of(m.HangUp)] == [call]
    assert any(note.kind == "hang_up" and note.subject == call for note in story.of(m.Noted))


def test_a_channel_of_a_closed_attempt_is_hung_up_and_reported(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.hears(ev.NotSent(call, story.now, "refused"))
    story.hears(ev.ChannelCreated(call, story.now, "PJSIP/trunk-1"))
    assert [order.attempt for order in story.of(m.HangUp)] == [call]
    assert any(note.kind == "stray_channel" for note in story.of(m.Noted))


def test_a_store_in_trouble_stops_placing_and_says_so(story: Story) -> None:
    story.agents(2)
    story.targets(9)
    story.campaign(start=False)
    story.hears(m.StoreFailed("disk full"))
    story.asks(m.MoveCampaign("spring", m.CampaignStep.START))
    story.passes(5)
    assert story.placed() == []
    assert story.blocked_by() == "database"
    story.hears(m.StoreRecovered())
    assert len(story.placed()) == 2


def test_hours_hold_calls_back_until_they_open(story: Story) -> None:
    from dialerd.domain.schedule import Hours, Segment

    story.agents(1)
    story.targets(1)
    story.campaign(hours=Hours("UTC", {0: (Segment(11 * 60, 12 * 60),)}))
    why = story.asks(m.AskWhy("spring"))
    assert (why["blocked_by"], why["until"]) == ("hours", "2026-11-23T11:00:00.000Z")
    story.passes(3600)
    assert len(story.placed()) == 1


def test_every_gate_is_named_in_order_up_to_the_last(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign(start=False)
    why = story.asks(m.AskWhy("spring"))
    rules = [gate["rule"] for gate in why["gates"]]
    assert rules == [
        *("state", "configuration", "daemon", "database", "asterisk", "reconciliation", "orders"),
        *("hours", "agents", "targets", "channels", "rate", "pacing"),
    ]
    assert why["blocked_by"] == "state"


def test_caller_ids_take_turns(story: Story) -> None:
    story.agents(3)
    story.targets(3)
    story.campaign()
    assert [o.caller_id for o in story.originates()] == ["12025550100", "12025550101", "12025550100"]


def test_rules_change_only_in_draft_or_paused(story: Story) -> None:
    story.agents(1)
    story.targets(2)
    story.campaign()
    story.campaign(start=False)
    running = story.state()
    from dialerd.domain.campaign import Campaign

    other = Campaign("spring", "people", "sales", "carrier", "office", ring_timeout_ms=5000)
    refusal = story.asks(m.ApplyCampaign(other, ""))
    assert running == "running"
    assert isinstance(refusal, m.Refusal)
    assert "draft or paused" in refusal.reason


def test_an_unknown_campaign_is_refused_with_a_cure(story: Story) -> None:
    refusal = story.asks(m.AskWhy("nosuch"))
    assert isinstance(refusal, m.Refusal)
    assert "campaign list" in refusal.reason


def test_a_draining_daemon_places_nothing_more(story: Story) -> None:
    story.agents(1)
    story.targets(3)
    story.campaign()
    story.hears(m.Draining("SIGTERM"))
    story.is_busy(*story.placed())
    story.passes(5)
    assert len(story.placed()) == 1
    assert story.blocked_by() == "daemon"


def test_unknown_attempts_follow_the_retry_rules(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign(retry=RetryPolicy({Outcome.UNKNOWN: RetryRule(1, HOUR_MS)}))
    (call,) = story.placed()
    story.hears(ev.Undecided(call, story.now, "no answer in 10 s"))
    story.passes(11)
    story.survey_shows()
    story.passes(3)
    story.survey_shows()
    assert story.of(m.ReadTrail) == [m.ReadTrail((call,))]
    story.hears(m.TrailRead({call: None}))
    assert story.outcome(call) is Outcome.UNKNOWN
    assert story.standing(1).state is TargetState.WAITING


def test_an_order_that_is_refused_pauses_the_campaign_instead_of_trying_the_whole_list(story: Story) -> None:
    story.agents(3)
    story.targets(50)
    story.campaign()
    for call in story.placed():
        story.hears(ev.NotSent(call, story.now, "Asterisk refused the call: Extension does not exist."))
    story.passes(4)
    assert len(story.placed()) == 3
    why = story.asks(m.AskWhy("spring"))
    assert why["blocked_by"] == "orders"
    assert "Extension does not exist" in why["summary"]
    story.passes(2)
    assert len(story.placed()) == 6


def test_a_call_in_the_queue_is_never_redirected_even_when_its_agent_did_not_answer(story: Story) -> None:
    first_agent, _ = story.agents(2)
    story.targets(2)
    story.campaign()
    call, _ = story.placed()
    story.answers(call, held=True)
    assert story.of(m.Redirect) == [m.Redirect(call)]
    story.hears(ev.Offered(call, story.now, first_agent))
    story.hears(ev.NotTaken(call, story.now, first_agent))
    story.passes(1)
    assert len(story.of(m.Redirect)) == 1


def test_a_call_that_the_queue_gives_back_is_not_sent_in_circles(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.answers(call, held=True)
    story.hears(ev.Held(call, story.now))
    assert len(story.of(m.Redirect)) == 1
    story.passes(1)
    assert len(story.of(m.Redirect)) == 2


def test_a_stop_with_hang_up_also_reaches_a_call_whose_channel_comes_later(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.asks(m.MoveCampaign("spring", m.CampaignStep.STOP, hang_up=True))
    assert len(story.of(m.HangUp)) == 1
    story.created(call)
    assert [order.attempt for order in story.of(m.HangUp)] == [call, call]


def test_new_rules_do_not_claim_the_same_people_twice(story: Story) -> None:
    story.agents(1)
    story.targets(3)
    story.held_claims = []
    story.campaign()
    story.asks(m.MoveCampaign("spring", m.CampaignStep.PAUSE))
    story.campaign(start=False, ring_timeout_ms=9_000)
    story.asks(m.MoveCampaign("spring", m.CampaignStep.RESUME))
    assert len(story.held_claims) == 1
    story.hears(story.claimed(story.held_claims[0]))
    assert len(story.placed()) == 1
    assert story.asks(m.AskCampaign("spring"))["ready"] == 2


def test_targets_that_cannot_be_read_are_named_as_the_reason(story: Story) -> None:
    story.agents(1)
    story.targets(3)
    story.held_claims = []
    story.campaign()
    story.hears(m.ClaimFailed("spring", "disk I/O error"))
    why = story.asks(m.AskWhy("spring"))
    assert why["summary"] == "targets: the targets cannot be read: disk I/O error"
    story.passes(6)
    assert len(story.held_claims) == 2


def test_an_import_makes_the_ready_ones_be_read_again_with_their_new_columns(story: Story) -> None:
    story.targets(3)
    story.campaign()
    assert story.asks(m.AskCampaign("spring"))["ready"] == 3
    story.held_claims = []
    story.hears(m.TargetsLoaded("people"))
    assert [claim.held for claim in story.held_claims] == [frozenset()]


def test_an_agent_whose_caller_reached_the_limit_is_free_while_the_message_plays(story: Story) -> None:
    (agent,) = story.agents(1)
    story.targets(2)
    story.campaign(level=2)
    first, second = story.placed()
    story.answers(first)
    story.hears(ev.Offered(first, story.now, agent))
    story.hears(ev.LimitReached(first, story.now))
    story.answers(second, held=True)
    assert story.of(m.Redirect) == [m.Redirect(second)]


def test_members_of_a_queue_that_left_the_configuration_are_not_counted_when_it_is_back(story: Story) -> None:
    story.agents(4)
    story.targets(10)
    story.campaign(start=False)
    without = Settings(SETTINGS.trunks, {"support": 5}, SETTINGS.caller_ids, 200, 1000)
    story.hears(m.Reconfigured(without))
    story.hears(m.Reconfigured(SETTINGS))
    story.survey_shows(members=())
    story.agents(1)
    story.asks(m.MoveCampaign("spring", m.CampaignStep.START))
    assert len(story.placed()) == 1


def test_when_all_phones_ring_and_one_is_answered_the_others_are_free_again(story: Story) -> None:
    first, second = story.agents(2)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.answers(call)
    story.hears(ev.Offered(call, story.now, first), ev.Offered(call, story.now, second))
    story.connects(call, first)
    states = {row["interface"]: row["state"] for row in story.asks(m.AskAgents())}
    assert states == {first: "talking", second: "available"}
