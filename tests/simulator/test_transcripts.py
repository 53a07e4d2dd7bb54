"""The exchange tells what a real Asterisk told with the shipped dialplan: see transcripts/README.md."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialerd.simulator.channels import OriginateRequest
from dialerd.simulator.durations import Fixed
from dialerd.simulator.scenario import Habits, QueueRules
from tests.simulator.world import NOBODY_PICKS_UP, Heard, World

TRANSCRIPTS = Path(__file__).parent / "transcripts"
SEEDS = range(60)
Message = list[tuple[str, str]]

VOLATILE = re.compile(
    r"Timestamp|LoginTime|LastCall|DestChannelState(Desc)?|MemberName|Dest(Context|AccountCode|Uniqueid)"
)
CHANNEL_NUMBER = re.compile(r"-[0-9a-f]{8}\b")
CALL = "dlr-10"


def recorded(name: str) -> list[Message]:
    text = (TRANSCRIPTS / f"{name}.txt").read_text()
    blocks = [[line.partition(":") for line in block.splitlines()] for block in text.strip().split("\n\n")]
    messages = [[(key, value.strip()) for key, _, value in block] for block in blocks]
    return [message for message in messages if message[0][0] == "Event"]


def told(event: Heard) -> Message:
    name = "UserEvent" if event.get("UserEvent") else event.name
    return [("Event", name), *event.items()]


def essence(message: Message) -> Message:
    """The message without what differs from one call to the next; the order of its fields stays."""
    return [
        (key, "*" if VOLATILE.fullmatch(key) else CHANNEL_NUMBER.sub("", value)) for key, value in message
    ]


def without_place(message: Message) -> Message:
    """The message without what says how far the rest of Asterisk was at that moment."""
    if dict(message)["Event"] not in ("AgentComplete", "QueueMemberStatus"):
        return message
    return [(key, "*" if key in ("Exten", "Priority", "InCall") else value) for key, value in message]


def ring(number: str, **given: str) -> Callable[[World], None]:
    def story(world: World) -> None:
        world.call(number, CALL, **given)

    return story


def then(
    first: Callable[[World], None], after_ms: int, act: Callable[[World], object]
) -> Callable[[World], None]:
    def story(world: World) -> None:
        first(world)
        world.passes(after_ms)
        act(world)

    return story


def begin_of_the_id(world: World) -> None:
    request = OriginateRequest(
        "PJSIP/15551230085@trunk", "dlr-1", "dialerd", "answered", 900, action_id="again"
    )
    world.exchange.originate(request)


@dataclass(frozen=True, slots=True)
class Story:
    """What was done when a transcript was recorded: the queue, its first member, and the steps."""

    act: Callable[[World], None]
    queue: str = "nobody"
    first: int = 0
    habits: Habits = NOBODY_PICKS_UP

    def world(self, seed: int) -> World:
        """The world in which it takes place."""
        rules = QueueRules(self.queue)
        return World(int(bool(self.first)), self.habits, seed=seed, rules=rules, first=self.first)


STORIES: Mapping[str, Story] = {
    "busy": Story(ring("15551230050")),
    "busy-after-ringing": Story(ring("15551230055")),
    "ring-out": Story(ring("15551230085", timeout_ms="900")),
    "early-media-ring-out": Story(ring("15551230093", timeout_ms="900")),
    "no-reply": Story(ring("15551230080", timeout_ms="900")),
    "hangup-while-ringing": Story(then(ring("15551230086"), 25, lambda w: w.exchange.hangup(CALL, 16))),
    "unknown-trunk": Story(ring("15551230001", trunk="nosuch")),
    "id-that-begins-a-live-one": Story(then(ring("15551230085", timeout_ms="900"), 20, begin_of_the_id)),
    "nobody-limit-message": Story(ring("15551230001", maxwait="0.7")),
    "nobody-no-message": Story(ring("15551230001", maxwait="0.3", message="")),
    "caller-leaves-hold": Story(ring("15551230042", maxwait="6")),
    "hangup-on-hold": Story(then(ring("15551230008"), 12, lambda w: w.exchange.hangup(CALL, 21))),
    "redirect-to-deserted-queue": Story(
        then(ring("15551230002", maxwait="1.5"), 10, lambda w: w.to_agent(CALL))
    ),
    "limit-while-a-phone-rings": Story(ring("15551230001", maxwait="1.3"), "deafphones", 1301),
    "caller-leaves-while-a-phone-rings": Story(ring("15551230041", maxwait="6"), "deafphones", 1301),
    "talk-caller-ends": Story(ring("15551230040"), "phones", 1002, Habits(pickup=Fixed(207), talk=None)),
}


def play(name: str, seed: int) -> World:
    world = STORIES[name].world(seed)
    STORIES[name].act(world)
    world.passes(20_000)
    return world


@pytest.mark.parametrize("name", STORIES)
def test_the_same_events_with_the_same_fields_come_as_from_a_real_asterisk(name: str) -> None:
    expected = [without_place(essence(message)) for message in recorded(name)]
    actual = [without_place(essence(told(event))) for event in play(name, seed=1).heard]
    assert sorted(actual) == sorted(expected)


@pytest.mark.parametrize("name", STORIES)
def test_the_recorded_order_is_one_of_those_that_chance_gives(name: str) -> None:
    order = [essence(message) for message in recorded(name)]
    assert any([essence(told(event)) for event in play(name, seed).heard] == order for seed in SEEDS)


@pytest.mark.parametrize("name", STORIES)
def test_the_events_come_when_they_came_from_a_real_asterisk(name: str) -> None:
    """Within 40 ms: a busy machine took up to 25 ms for what takes no time here."""
    expected = {key(message): ms_of(message) for message in recorded(name)}
    events = play(name, seed=1).heard
    for event in events:
        came_ms = event.at_ms - events[0].at_ms
        assert came_ms == pytest.approx(expected[key(told(event))], abs=40), event.name


def key(message: Message) -> tuple[str, ...]:
    """What an event is, as far as no story has it twice at different times."""
    fields = dict(message)
    names = ("Event", "UserEvent", "Response", "ActionID", "Status", "HangupCause")
    return tuple(fields.get(name, "") for name in names)


def ms_of(message: Message) -> float:
    return float(dict(message)["Timestamp"]) * 1_000
