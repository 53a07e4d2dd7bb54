"""Laws that no sequence of events, however odd, may break."""

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dialerd.domain import call_events as ev
from dialerd.domain.agent import DeviceState
from dialerd.domain.campaign import Step as CampaignStep
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import MINUTE_MS
from dialerd.domain.originate import Originate
from dialerd.domain.outcome import Outcome
from dialerd.domain.retry import RetryPolicy, RetryRule
from dialerd.domain.target import TargetState
from dialerd.domain.trunk import Trunk
from dialerd.engine import messages as m
from dialerd.engine.settings import Settings
from tests.engine.story import SETTINGS, Story

RETRIES = {
    Outcome.BUSY: RetryRule(1, MINUTE_MS),
    Outcome.NO_ANSWER: RetryRule(2, 2 * MINUTE_MS),
    Outcome.UNKNOWN: RetryRule(1, 3 * MINUTE_MS),
    Outcome.CANCELLED: RetryRule(0, MINUTE_MS),
}
CHANNELS = 4
TARGETS = 6
TIGHT = Settings(
    {"carrier": Trunk("carrier", "PJSIP/{number}@trunk", CHANNELS, 1000)},
    SETTINGS.queues,
    SETTINGS.caller_ids,
    200,
    1000,
)

STEPS = st.lists(st.tuples(st.integers(0, 18), st.integers(0, 50)), max_size=80)


AGENTS = [f"Local/{2001 + i}@agents" for i in range(3)]
MOVES = (CampaignStep.PAUSE, CampaignStep.RESUME, CampaignStep.RESUME)
FACTS = (
    lambda call, now, _: ev.Sent(call, now),
    lambda call, now, _: ev.ChannelCreated(call, now, "PJSIP/trunk-1"),
    lambda call, now, _: ev.Ringing(call, now),
    lambda call, now, _: ev.Answered(call, now),
    lambda call, now, _: ev.Held(call, now),
    lambda call, now, which: ev.Offered(call, now, AGENTS[which % 3]),
    lambda call, now, which: ev.Connected(call, now, AGENTS[which % 3]),
    lambda call, now, which: ev.TalkEnded(call, now, AGENTS[which % 3]),
    lambda call, now, _: ev.RemoteHangup(call, now),
    lambda call, now, which: ev.OriginateFailed(call, now, which % 2 == 0),
    lambda call, now, which: ev.Hungup(call, now, (17, 19)[which % 2], "", (486, 480)[which % 2]),
    lambda call, now, _: ev.NotSent(call, now, "no link"),
    lambda call, now, _: ev.Undecided(call, now, "no answer"),
    lambda call, now, which: m.TrailRead({call: None if which % 2 else ev.Trail(now, None, now, 17)}),
)
TURNS = (
    lambda story, which: story.agent(AGENTS[which % 3], list(DeviceState)[which % 5], paused=which % 7 == 0),
    lambda story, which: story.passes(which * 3),
    lambda story, which: story.survey_shows(*_channels(story, which)),
    lambda story, which: story.hears(m.LinkChanged(which % 3 > 0, "link")),
    lambda story, which: story.asks(m.MoveCampaign("spring", MOVES[which % 3], hang_up=which % 4 == 0)),
)


def happens(story: Story, what: int, which: int) -> None:
    """Let one thing happen, to one of the calls placed so far, dead or alive; some make no sense."""
    if what < len(FACTS):
        calls = story.placed() or [AttemptId("dlr-aaaaaa-" + "x" * 26)]
        story.hears(FACTS[what](calls[which % len(calls)], story.now, which))
    else:
        TURNS[what - len(FACTS)](story, which)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_no_sequence_of_events_calls_a_person_more_often_or_sooner_than_the_rules_allow(
    steps: list[tuple[int, int]],
) -> None:
    story = a_running_campaign()
    for what, which in steps:
        happens(story, what, which)
        check(story)


def a_running_campaign() -> Story:
    story = Story(TIGHT)
    story.agents(3)
    story.targets(TARGETS)
    story.campaign(level=3, retry=RetryPolicy(RETRIES))
    return story


def check(story: Story) -> None:
    opened = [record.attempt for record in story.of(m.AttemptOpened)]
    ordered = story.placed()
    assert ordered == [attempt.id for attempt in opened]
    assert len(set(ordered)) == len(ordered)
    closed = {record.attempt.id: record for record in story.of(m.AttemptClosed)}
    assert len(closed) == len(story.of(m.AttemptClosed))
    still_open = [attempt for attempt in opened if attempt.id not in closed]
    assert len(still_open) <= CHANNELS
    assert len({attempt.number for attempt in still_open}) == len(still_open)
    for target_id, (_, standing) in story.lists["people"].items():
        tries = [closed[a.id] for a in opened if a.target == target_id and a.id in closed]
        counted = Counter(record.outcome for record in tries if record.outcome is not Outcome.NOT_SENT)
        final = sum(outcome not in RETRIES or n > RETRIES[outcome].count for outcome, n in counted.items())
        assert final <= 1
        in_flight = any(attempt.target == target_id for attempt in still_open)
        assert (standing.state is TargetState.IN_FLIGHT) == in_flight
        if final and not in_flight:
            assert standing.state is TargetState.DONE
        _never_sooner(story, target_id, closed)


def _never_sooner(story: Story, target_id: int, closed: dict[AttemptId, m.AttemptClosed]) -> None:
    attempts = [record.attempt for record in story.of(m.AttemptOpened) if record.attempt.target == target_id]
    for earlier, later in pairwise(attempts):
        until = closed[earlier.id].standing.until
        assert until is not None
        assert later.opened_at >= until


def _channels(story: Story, which: int) -> list[m.LivingChannel]:
    """Return some of the open calls, as a survey may show them."""
    living = list(story.dialer._live.calls)
    shown = [call for place, call in enumerate(living) if which >> place & 1]
    return [m.LivingChannel(call, "PJSIP/trunk-1", which % 3 == 0, False, "Queue", False) for call in shown]


def test_the_same_events_give_the_same_orders() -> None:
    def orders() -> list[Originate]:
        story = a_running_campaign()
        for what in range(19):
            happens(story, what, what)
        return story.originates()

    assert orders() == orders()
