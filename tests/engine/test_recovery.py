"""What happens when the daemon, the link or Asterisk went away in the middle of calls."""

from dialerd.domain import call_events as ev
from dialerd.domain.agent import DeviceState, Member
from dialerd.domain.attempt import Attempt
from dialerd.domain.campaign import Campaign, CampaignState, Life
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, Target, TargetState
from dialerd.engine import messages as m
from tests.engine.story import Story

CAMPAIGN = Campaign("spring", "people", "sales", "carrier", "office")


def channel(attempt: AttemptId, **more: object) -> m.LivingChannel:
    """Return a channel as a survey shows it: dialling unless told otherwise."""
    shown = {"up": False, "ringing": False, "application": "AppDial2", "bridged": False, **more}
    return m.LivingChannel(attempt, f"PJSIP/trunk-{attempt[-8:]}", **shown)  # type: ignore[arg-type]


def restarted(age_s: float = 3) -> tuple[Story, AttemptId]:
    """Return a story that begins with one open attempt of an earlier daemon, and the link not yet up."""
    story = Story(connected=False)
    story.targets(2)
    attempt = AttemptId("dlr-aaaaaa-" + "z" * 26)
    target = Target(TargetId(1), Phone("+12025550001"))
    open_attempt = Attempt(
        attempt,
        "spring",
        target.id,
        target.number,
        "carrier",
        "sales",
        "100",
        story.now - round(age_s * 1000),
        2000,
    )
    story._set(target.id, Standing(TargetState.IN_FLIGHT))
    saved = m.StoredCampaign("spring", "people", "", Life(CampaignState.RUNNING))
    story.dialer.restore([(saved, CAMPAIGN)], [(open_attempt, target)], story.now)
    return story, attempt


def test_nothing_is_placed_before_two_looks_agree() -> None:
    story, attempt = restarted()
    story.hears(m.LinkChanged(True, "logged in"))
    story.agents(2)
    story.survey_shows(channel(attempt))
    story.passes(1.9)
    assert story.placed() == []
    assert story.blocked_by() == "reconciliation"
    story.passes(0.2)
    story.survey_shows(channel(attempt))
    assert len(story.placed()) == 1


def test_a_living_call_of_the_earlier_daemon_is_adopted_and_ends_as_if_nothing_had_been() -> None:
    story, attempt = restarted()
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows(channel(attempt, up=True, bridged=True, agent="PJSIP/1001", application="Queue"))
    story.hangs_up(attempt)
    assert story.outcome(attempt) is Outcome.ANSWERED
    assert story.attempt(attempt).agent == "PJSIP/1001"


def test_a_held_person_found_after_a_restart_is_sent_on_to_an_agent() -> None:
    story, attempt = restarted(age_s=1)
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows(channel(attempt, up=True, application="Wait"))
    story.agents(1)
    assert story.of(m.Redirect) == [m.Redirect(attempt)]


def test_an_attempt_without_channel_and_trail_is_taken_as_dialled() -> None:
    story, attempt = restarted(age_s=30)
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows()
    story.passes(2)
    story.survey_shows()
    assert story.of(m.ReadTrail) == [m.ReadTrail((attempt,))]
    story.hears(m.TrailRead({attempt: None}))
    assert story.outcome(attempt) is Outcome.UNKNOWN
    assert any(note.kind == "recovered" and note.subject == attempt for note in story.of(m.Noted))


def test_an_attempt_that_may_still_come_up_is_not_given_up_before_its_deadline() -> None:
    story, attempt = restarted(age_s=0.5)
    story.hears(m.LinkChanged(True, "logged in"))
    for _ in range(4):
        story.survey_shows()
        story.passes(2)
    assert story.of(m.ReadTrail) == []
    story.passes(3)
    for _ in range(2):
        story.survey_shows()
        story.passes(2)
    assert story.of(m.ReadTrail) == [m.ReadTrail((attempt,))]


def test_the_trail_tells_how_a_missed_call_ended() -> None:
    story, attempt = restarted(age_s=30)
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows()
    story.passes(2)
    story.survey_shows()
    trail = ev.Trail(story.now - 29_000, None, story.now - 20_000, cause=17, remote=True)
    story.hears(m.TrailRead({attempt: trail}))
    assert story.outcome(attempt) is Outcome.BUSY
    assert story.attempt(attempt).ended_at == story.now - 20_000


def test_an_answer_whose_end_was_missed_is_lost_and_the_person_is_not_called_again() -> None:
    story, attempt = restarted(age_s=30)
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows()
    story.passes(2)
    story.survey_shows()
    story.hears(m.TrailRead({attempt: ev.Trail(story.now - 29_000, story.now - 20_000, None)}))
    assert story.outcome(attempt) is Outcome.LOST
    assert story.standing(1) == Standing(TargetState.DONE, "lost")


def test_a_channel_of_ours_that_nobody_knows_is_hung_up_and_reported() -> None:
    story, attempt = restarted()
    stranger = AttemptId("dlr-aaaaaa-" + "y" * 26)
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows(channel(attempt), channel(stranger))
    assert [order.attempt for order in story.of(m.HangUp)] == [stranger]
    assert any(note.kind == "stray_channel" and note.subject == stranger for note in story.of(m.Noted))


def test_a_lost_link_stops_placing_and_a_new_one_begins_with_surveys(story: Story) -> None:
    story.agents(5)
    story.targets(20)
    story.campaign()
    calls = story.placed()
    story.created(*calls)
    story.hears(m.LinkChanged(False, "connection lost"))
    story.is_busy(calls[0])
    story.passes(30)
    assert len(story.placed()) == 5
    assert story.blocked_by() == "asterisk"
    members = [Member("sales", f"Local/{2001 + i}@agents", "", DeviceState.IDLE) for i in range(5)]
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows(*map(channel, calls[1:]), members=members)
    story.passes(2)
    story.survey_shows(*map(channel, calls[1:]), members=members)
    assert len(story.placed()) == 6


def test_a_call_whose_end_was_missed_is_found_by_the_regular_survey(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.created(call)
    story.passes(31)
    story.survey_shows()
    story.passes(2)
    story.survey_shows()
    assert story.of(m.ReadTrail) == [m.ReadTrail((call,))]


def test_one_look_that_misses_a_living_channel_changes_nothing(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.created(call)
    story.passes(31)
    story.survey_shows()
    story.passes(2)
    story.survey_shows(channel(call))
    story.passes(30)
    story.survey_shows()
    assert story.of(m.ReadTrail) == []


def test_a_failed_survey_is_asked_again(story: Story) -> None:
    story.passes(31)
    asked = len(story.of(m.Survey))
    story.hears(m.SurveyFailed("no answer"))
    story.passes(3)
    assert len(story.of(m.Survey)) == asked + 1


def test_a_call_that_ends_while_the_channels_are_listed_is_no_stranger(story: Story) -> None:
    story.agents(1)
    story.targets(1)
    story.campaign()
    (call,) = story.placed()
    story.created(call)
    story.passes(31)
    asked_at = story.now
    story.hangs_up(call, cause=17, sip=486)
    story.hears(m.Surveyed(asked_at, (channel(call),), ()))
    assert story.of(m.HangUp) == []


def test_a_member_of_whom_something_newer_was_heard_is_not_what_an_older_list_says(story: Story) -> None:
    story.agents(1)
    story.passes(31)
    asked_at = story.now
    idle = Member("sales", "Local/2001@agents", "", DeviceState.IDLE)
    story.agent("Local/2001@agents", DeviceState.IN_USE)
    story.hears(m.Surveyed(asked_at, (), (idle,)))
    assert [row["state"] for row in story.asks(m.AskAgents())] == ["busy"]


def test_a_failure_of_an_adopted_call_does_not_end_it_before_its_channel_is_looked_for() -> None:
    story, attempt = restarted(age_s=8)
    story.hears(m.LinkChanged(True, "logged in"))
    story.hears(ev.OriginateFailed(attempt, story.now, timed_out=True))
    assert story.outcome(attempt) is None
    story.hears(ev.Hungup(attempt, story.now, 19, "", 480))
    assert story.outcome(attempt) is Outcome.NO_ANSWER


def test_a_reload_of_asterisk_during_a_survey_asks_for_another_at_once(story: Story) -> None:
    story.passes(31)
    asked = len(story.of(m.Survey))
    story.hears(m.AsteriskReloaded())
    story.survey_shows()
    assert len(story.of(m.Survey)) == asked + 1


def test_a_held_person_whose_redirect_was_lost_with_the_link_is_found_in_hold_again(story: Story) -> None:
    story.targets(1)
    story.agents(1)
    story.campaign(max_wait_ms=10_000)
    (call,) = story.placed()
    story.answers(call, held=True)
    assert len(story.of(m.Redirect)) == 1
    story.hears(m.LinkChanged(False, "connection lost"))
    story.passes(3)
    story.hears(m.LinkChanged(True, "logged in"))
    idle = Member("sales", "Local/2001@agents", "", DeviceState.IDLE)
    story.survey_shows(channel(call, up=True, application="Wait"), members=[idle])
    assert len(story.of(m.Redirect)) == 2


def test_lost_events_begin_the_comparison_anew_only_while_the_link_is_up(story: Story) -> None:
    story.hears(m.LinkChanged(False, "connection lost"))
    story.hears(m.EventsLost(7))
    assert not story.asks(m.AskStatus())["asterisk"]["up"]
    story.link_comes_up()
    assert story.asks(m.AskStatus())["asterisk"]["reconciled"]
    story.hears(m.EventsLost(9))
    assert not story.asks(m.AskStatus())["asterisk"]["reconciled"]


def test_a_late_call_that_talks_to_an_agent_already_is_not_torn_away() -> None:
    story, attempt = restarted(age_s=60)
    story.hears(m.LinkChanged(True, "logged in"))
    talks = channel(attempt, up=True, bridged=True, agent="PJSIP/1001", application="Queue", age_s=30)
    story.survey_shows(talks)
    assert story.of(m.HangUp) == []
    story.hangs_up(attempt)
    assert story.outcome(attempt) is Outcome.ANSWERED


def test_a_late_call_that_still_rings_is_hung_up() -> None:
    story, attempt = restarted(age_s=60)
    story.hears(m.LinkChanged(True, "logged in"))
    story.survey_shows(channel(attempt, ringing=True, age_s=3))
    assert [order.attempt for order in story.of(m.HangUp)] == [attempt]


def test_a_clock_that_is_set_back_does_not_stall_the_work(story: Story) -> None:
    story.agents(1)
    story.targets(2)
    story.campaign()
    story.is_busy(*story.placed())
    story.now -= 3_600_000
    asked = len(story.of(m.Survey))
    story.passes(1)
    assert len(story.of(m.Survey)) == asked + 1
    story.survey_shows()
    story.passes(3)
    story.survey_shows()
    assert len(story.placed()) == 2
    assert any(note.kind == "clock" for note in story.of(m.Noted))
