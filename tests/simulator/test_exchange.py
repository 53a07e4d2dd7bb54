"""The actions, their answers, and the exchange as a whole."""

import csv
import hashlib
import json
from random import Random

import pytest

from dialerd.adapters.asterisk.dialplan import TRAIL_COLUMNS
from dialerd.simulator.channels import OriginateRequest
from dialerd.simulator.exchange import Exchange
from dialerd.simulator.kernel import Kernel
from dialerd.simulator.scenario import START, Happening, Scenario, What, demo
from tests.simulator.world import ANSWERS, NOBODY_PICKS_UP, World


def a_morning(seed: int) -> tuple[str, int]:
    """A digest of all that a busy demo of ten minutes tells, and how much that is."""
    kernel = Kernel(START)
    exchange, digest, told = Exchange(kernel, demo(speed=5, seed=seed)), hashlib.sha256(), 0

    def hear(name: str, fields: dict[str, str]) -> None:
        nonlocal told
        told += 1
        digest.update(json.dumps([name, list(fields.items())]).encode())
        if fields.get("UserEvent") == "DialerdHold" and exchange.queues["sales"].ready():
            exchange.redirect(fields["Uniqueid"], "dialerd", "agent")

    exchange.listen(hear)
    pauses = Random(1)
    for number in range(1_200):
        call_id = f"dlr-{number:05d}"
        variables = {"DIALERD_ATTEMPT": call_id, "DIALERD_QUEUE": "sales", "DIALERD_MAXWAIT": "2"}
        channel = f"PJSIP/1555{number:07d}@trunk"
        exchange.originate(
            OriginateRequest(channel, call_id, "dialerd", "answered", 25_000, call_id, variables=variables)
        )
        kernel.run_for(pauses.randint(100, 900))
    kernel.run_for(3_600_000)
    assert not exchange.calls
    return digest.hexdigest(), told


def test_the_same_seed_gives_the_same_events_to_the_last_byte_and_another_seed_others() -> None:
    first, again, other = a_morning(4), a_morning(4), a_morning(5)
    assert first == again
    assert first[1] > 5_000
    assert first[0] != other[0]


def test_an_action_never_tells_an_event_before_its_answer() -> None:
    world = World(1)
    exchange = world.exchange
    world.call()
    world.passes(1_000)
    before = len(world.heard)
    for act in (
        lambda: world.call(ANSWERS, "dlr-2"),
        lambda: exchange.hangup("dlr-1"),
        lambda: exchange.redirect("dlr-1", "dialerd", "hold"),
        lambda: exchange.floor.pause("PJSIP/1001", True),
        lambda: exchange.floor.remove("sales", "PJSIP/1001"),
        lambda: exchange.floor.add("sales", "PJSIP/1001"),
    ):
        assert act().ok
    assert len(world.heard) == before
    world.passes(10)
    assert len(world.heard) > before + 4


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"context": "nosuch"}, "Extension does not exist."),
        ({"exten": "nosuch"}, "Extension does not exist."),
        ({"call_id": "dlr-" + "x" * 146}, "Uniqueid length exceeds maximum of 149"),
    ],
)
def test_orders_that_cannot_be_are_refused_and_nothing_comes_of_them(
    given: dict[str, str], words: str
) -> None:
    world = World()
    answer = world.call(**given)
    assert (answer.ok, answer.message) == (False, words)
    world.passes(60_000)
    assert not world.heard


@pytest.mark.parametrize("trunk", ["dead", "nosuch"])
def test_a_trunk_out_of_reach_fails_without_a_channel_and_nobody_is_dialled(trunk: str) -> None:
    world = World()
    assert world.call(trunk=trunk).ok
    world.passes(60_000)
    assert world.names() == ["OriginateResponse"]
    assert not world.exchange.dialled


def test_an_id_is_refused_while_a_call_lives_whose_id_it_is_or_begins_in_any_case() -> None:
    world = World()
    world.call("15551230085", "dlr-900-10")
    world.passes(10)
    for call_id in ("dlr-900-10", "dlr-900-1", "DLR-900-10"):
        world.call("15551230085", call_id)
    world.call("15551230085", "dlr-900-100")
    world.passes(10)
    assert world.exchange.dialled["15551230085"] == 2
    assert set(world.exchange.calls) == {"dlr-900-10", "dlr-900-100"}


def test_the_same_id_dials_again_once_its_call_has_ended() -> None:
    world = World()
    for _ in range(2):
        world.call("15551230050", "dlr-1")
        world.passes(100)
    assert world.exchange.dialled == {"15551230050": 2}


def test_a_hangup_sent_right_behind_its_order_finds_no_channel() -> None:
    world = World()
    world.call()
    assert world.exchange.hangup("dlr-1").message == "No such channel"
    world.passes(1)
    assert world.exchange.hangup("dlr-1").ok


@pytest.mark.parametrize(("cause", "talks", "told"), [(0, False, "0"), (0, True, "16"), (19, True, "19")])
def test_a_hangup_by_us_names_its_cause_and_nobody_as_the_source(cause: int, talks: bool, told: str) -> None:
    world = World(int(talks))
    world.call()
    world.passes(1_000)
    world.exchange.hangup("dlr-1", cause)
    world.passes(10)
    assert world.one("Hangup")["Cause"] == told
    assert world.one("DialerdEnd")["HangupSource"] == ""
    assert not world.all("HangupRequest")


def test_all_calls_of_a_trunk_can_be_hung_up_at_once_by_a_pattern() -> None:
    world = World()
    for number in range(3):
        world.call(ANSWERS, f"dlr-{number}0")
    world.passes(100)
    assert len(world.exchange.hangup("/^PJSIP/trunk-.*$/").items) == 3
    world.passes(10)
    assert not world.exchange.calls


def test_calls_of_others_are_not_told_but_their_queue_events_are() -> None:
    world = World(1)
    world.call(ANSWERS, "other-1")
    world.passes(1_000)
    assert set(world.names()) == {
        "QueueCallerJoin",
        "QueueCallerLeave",
        "AgentCalled",
        "AgentConnect",
        "QueueMemberStatus",
    }


def test_the_list_of_channels_shows_where_each_call_is() -> None:
    world = World(1)
    world.call(ANSWERS, "dlr-10", maxwait="9")
    world.call(ANSWERS, "dlr-20", maxwait="9")
    world.call("15551230085", "dlr-30")
    world.passes(1_000)
    items = {fields["Uniqueid"]: fields for _, fields in world.exchange.show_channels().items}
    talking, held, ringing = (items.pop(call_id) for call_id in ("dlr-10", "dlr-20", "dlr-30"))
    (agent,) = items.values()
    assert (talking["Application"], talking["BridgeId"]) == ("Queue", agent["BridgeId"])
    assert (agent["Linkedid"], agent["Channel"].rpartition("-")[0]) == ("dlr-10", "PJSIP/1001")
    assert (held["Application"], held["ApplicationData"], held["BridgeId"]) == ("Wait", "9", "")
    assert (ringing["Application"], ringing["ChannelStateDesc"]) == ("AppDial2", "Ringing")


def test_the_list_of_queues_shows_members_and_callers() -> None:
    world = World(2, NOBODY_PICKS_UP)
    world.call(maxwait="9")
    world.passes(1_500)
    kinds = [name for name, _ in world.exchange.queue_status().items]
    assert kinds == ["QueueParams", "QueueMember", "QueueMember", "QueueEntry"]
    member = world.exchange.queue_status("sales", "PJSIP/1001").items[1][1]
    assert (member["Location"], member["Status"]) == ("PJSIP/1001", "6")
    assert world.exchange.queue_status("nosuch").items == ()


def test_members_are_added_paused_and_removed_and_mistakes_are_refused() -> None:
    world = World()
    floor = world.exchange.floor
    assert floor.add("sales", "PJSIP/9999", "Zoe").message == "Added interface to queue"
    assert floor.add("sales", "PJSIP/9999").message == "Unable to add interface: Already there"
    assert floor.add("nosuch", "PJSIP/9999").message == "Unable to add interface to queue: No such queue"
    assert floor.pause("PJSIP/9999", True, reason="lunch").ok
    assert floor.pause("PJSIP/1234", True).message == "Interface not found"
    world.passes(0)
    assert floor.remove("sales", "PJSIP/9999").ok
    assert floor.remove("sales", "PJSIP/9999").message == "Unable to remove interface: Not there"
    world.passes(0)
    added, paused, removed = world.heard
    assert (added["MemberName"], added["Status"], added["Membership"]) == ("Zoe", "4", "dynamic")
    assert (paused["Paused"], paused["PausedReason"]) == ("1", "lunch")
    assert removed.name == "QueueMemberRemoved"


def test_a_crash_forgets_calls_and_added_members_without_a_word() -> None:
    world = World(1)
    for number, call_id in ((ANSWERS, "dlr-10"), (ANSWERS, "dlr-20"), ("15551230085", "dlr-30")):
        world.call(number, call_id)
    world.exchange.floor.add("sales", "PJSIP/9999")
    world.passes(1_000)
    before = len(world.heard)
    world.exchange.crash()
    world.passes(600_000)
    assert len(world.heard) == before
    assert not world.exchange.calls
    ((_, _), (_, member)) = world.exchange.queue_status().items
    assert (member["Location"], member["Status"], member["CallsTaken"]) == ("PJSIP/1001", "1", "0")
    world.call(ANSWERS, "dlr-2")
    world.passes(1_000)
    assert world.one("AgentConnect", Uniqueid="dlr-2")


def test_a_stop_hangs_everybody_up_and_says_so() -> None:
    world = World(1)
    world.call()
    world.passes(1_000)
    world.exchange.stop()
    world.passes(2_000)
    assert "Hangup" in world.names()
    assert world.names()[-1] == "Shutdown"


def test_what_is_to_happen_in_the_house_happens_at_its_time() -> None:
    world = World(
        1,
        happenings=(
            Happening(1_000, What.PAUSE, "PJSIP/1001"),
            Happening(2_000, What.RESUME, "PJSIP/1001"),
            Happening(3_000, What.LOG_OUT, "PJSIP/1001"),
            Happening(4_000, What.LOG_IN, "PJSIP/1001"),
            Happening(5_000, What.UNPLUG, "PJSIP/1001"),
            Happening(6_000, What.PLUG_IN, "PJSIP/1001"),
            Happening(7_000, What.OWN_CALL, "PJSIP/1001", span_ms=500),
            Happening(8_000, What.TRUNK_FAILS, "trunk"),
            Happening(9_000, What.TRUNK_RECOVERS, "trunk"),
        ),
    )
    world.passes(10_000)
    assert [(event.name, round(event.at_ms)) for event in world.heard] == [
        ("QueueMemberPause", 1_000),
        ("QueueMemberPause", 2_000),
        ("QueueMemberRemoved", 3_000),
        ("QueueMemberAdded", 4_000),
        ("QueueMemberStatus", 5_000),
        ("QueueMemberStatus", 6_000),
        ("QueueMemberStatus", 7_000),
        ("QueueMemberStatus", 7_500),
        ("ContactStatus", 8_000),
        ("ContactStatus", 9_000),
    ]


def test_the_trail_has_a_line_for_start_answer_and_end_before_anything_is_told_of_the_start() -> None:
    world, lines = World(), list[str]()
    world.exchange.write_trail(lines.append)
    starts: list[int] = []
    world.exchange.listen(lambda name, _: starts.append(len(lines)) if name == "Newchannel" else None)
    world.call("15551230041", maxwait="9")
    world.call("15551230050", "dlr-2")
    world.call(ANSWERS, "dlr-3", trunk="dead")
    world.passes(10_000)
    rows = [dict(zip(TRAIL_COLUMNS, row, strict=True)) for row in csv.reader(lines)]
    assert starts == [1, 2]
    assert [row["eventtype"] for row in rows if row["uniqueid"] == "dlr-1"] == [
        "CHAN_START",
        "ANSWER",
        "HANGUP",
    ]
    refused = next(row for row in rows if row["uniqueid"] == "dlr-2" and row["eventtype"] == "HANGUP")
    assert json.loads(refused["eventextra"]) == {
        "hangupcause": 17,
        "hangupsource": refused["channame"],
        "dialstatus": "",
    }
    assert not any(row["uniqueid"] == "dlr-3" for row in rows)


def test_a_scenario_without_trunks_reaches_every_one() -> None:
    exchange = Exchange(Kernel(START), Scenario())
    exchange.originate(OriginateRequest("PJSIP/15551230050@anything", "dlr-1", "dialerd", "answered"))
    exchange.kernel.run_for(10)
    assert exchange.dialled == {"15551230050": 1}
