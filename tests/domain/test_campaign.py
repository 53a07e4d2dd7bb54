"""The life of a campaign as its table has it."""

import pytest

from dialerd.domain.campaign import COMMANDS, LIFE, CampaignState, Life, Step, after
from dialerd.domain.errors import DialerError

LIVES = (
    Life(),
    Life(CampaignState.RUNNING),
    Life(CampaignState.PAUSED, reason="by command"),
    Life(CampaignState.DRAINING, CampaignState.PAUSED, "by command"),
    Life(CampaignState.DRAINING, CampaignState.FINISHED, "by command"),
    Life(CampaignState.FINISHED, reason="list exhausted"),
)

EACH_LIFE = pytest.mark.parametrize("life", LIVES, ids=lambda life: f"{life.state}-{life.then or ''}")
EACH_STEP = pytest.mark.parametrize("step", list(Step))


def is_possible(life: Life, step: Step) -> bool:
    """Say whether the table knows the step."""
    return ((life.state, life.then), step) in LIFE


def after_all(*steps: Step) -> Life:
    """Return the life of a new campaign after the steps."""
    life = Life()
    for step in steps:
        life = after(life, step)
    return life


def test_every_state_is_tried() -> None:
    assert {life.state for life in LIVES} == set(CampaignState)


@EACH_STEP
@EACH_LIFE
def test_a_step_is_in_the_table_or_refused_with_what_is_possible_instead(life: Life, step: Step) -> None:
    if is_possible(life, step):
        assert isinstance(after(life, step), Life)
        return
    with pytest.raises(DialerError) as refusal:
        after(life, step)
    text = str(refusal.value)
    assert step.value in text
    assert life.state.value in text
    named = set(text.partition("possible now: ")[2].split(", "))
    assert named == {other.value for other in COMMANDS if is_possible(life, other)}


@pytest.mark.parametrize("step", COMMANDS)
@EACH_LIFE
def test_a_command_that_is_given_twice_changes_nothing_the_second_time(life: Life, step: Step) -> None:
    if is_possible(life, step):
        once = after(life, step)
        assert after(once, step) == once


@EACH_STEP
def test_nothing_leads_out_of_finished(step: Step) -> None:
    finished = Life(CampaignState.FINISHED, reason="list exhausted")
    try:
        assert after(finished, step) == finished
    except DialerError:
        assert step is not Step.STOP


@pytest.mark.parametrize(
    ("step", "draining_to", "end"),
    [
        (Step.PAUSE, CampaignState.PAUSED, Life(CampaignState.PAUSED, reason="by command")),
        (Step.STOP, CampaignState.FINISHED, Life(CampaignState.FINISHED, reason="by command")),
    ],
)
def test_a_drained_campaign_is_where_the_command_wanted_it(
    step: Step, draining_to: CampaignState, end: Life
) -> None:
    draining = after_all(Step.START, step)
    assert (draining.state, draining.then) == (CampaignState.DRAINING, draining_to)
    assert after(draining, Step.DRAINED) == end


@pytest.mark.parametrize("step", [Step.RESUME, Step.START])
def test_a_paused_campaign_goes_on(step: Step) -> None:
    assert after_all(Step.START, Step.PAUSE, Step.DRAINED, step) == Life(CampaignState.RUNNING)


def test_a_pause_can_be_taken_back_before_the_last_call_has_ended() -> None:
    assert after_all(Step.START, Step.PAUSE, Step.RESUME) == Life(CampaignState.RUNNING)


@pytest.mark.parametrize("step", [Step.PAUSE, Step.RESUME, Step.START])
def test_a_stop_is_not_taken_back_while_the_last_calls_end(step: Step) -> None:
    with pytest.raises(DialerError, match="draining until it is finished"):
        after_all(Step.START, Step.STOP, step)


def test_an_exhausted_list_finishes_a_running_campaign_only() -> None:
    assert after_all(Step.START, Step.EXHAUSTED) == Life(CampaignState.FINISHED, reason="list exhausted")
    with pytest.raises(DialerError):
        after_all(Step.START, Step.PAUSE, Step.EXHAUSTED)


def test_rules_may_be_changed_while_nobody_is_called() -> None:
    editable = {life.state for life in LIVES if life.may_be_edited}
    assert editable == {CampaignState.DRAFT, CampaignState.PAUSED}
