"""The shipped samples on a real Asterisk: they load, and give dialerd what it needs and no more."""

import csv

import pytest

from dialerd.adapters.asterisk import events
from dialerd.adapters.asterisk.dialplan import TRAIL_COLUMNS
from tests.lab.ami import Ami
from tests.lab.asterisk import QUEUES
from tests.lab.behaviours import BEHAVIOURS
from tests.lab.fixtures import Lab

pytestmark = pytest.mark.asterisk

ANSWERS = BEHAVIOURS["answer"].number()


def trail(lab: Lab) -> list[dict[str, str]]:
    """The rows of the channel trail."""
    with lab.asterisk.cel_file.open(newline="") as file:
        return list(csv.DictReader(file, TRAIL_COLUMNS))


async def test_asterisk_loads_every_sample_without_a_complaint(fresh_lab: Lab) -> None:
    complaints = [
        line for line in fresh_lab.asterisk.log().splitlines() if "WARNING" in line or "ERROR" in line
    ]
    assert complaints == []


async def test_dialerds_account_sees_a_call_from_start_to_end_and_nothing_it_does_not_use(
    lab: Lab, ami: Ami
) -> None:
    dialerd = await Ami.connect(lab.asterisk.ami_port, username="dialerd")
    attempt = await dialerd.call(ANSWERS, DIALERD_QUEUE="stay")
    connected = await dialerd.event("AgentConnect", Uniqueid=attempt)
    await dialerd.action("Hangup", Channel=connected["DestChannel"])
    await dialerd.event("Hangup", Uniqueid=attempt)
    await dialerd.event("AgentComplete", Uniqueid=attempt)  # it has no fixed place among the last events
    told = [event.get("UserEvent", event["Event"]) for event in dialerd.heard]
    for name in ("Newchannel", "OriginateResponse", "DialerdAnswered", "AgentCalled"):
        assert told.count(name) == 1
    assert told.index("AgentConnect") < told.index("DialerdEnd") < told.index("Hangup")
    heard = [event for event in dialerd.heard if event["Event"] != "FullyBooted"]  # told at each login
    assert {event["Event"] for event in heard} <= {*events.ABOUT_CALLS, *events.ABOUT_MEMBERS}
    assert all("Timestamp" in event for event in heard)
    await dialerd.close()


async def test_dialerds_account_does_not_hear_the_calls_of_others(lab: Lab, ami: Ami) -> None:
    dialerd = await Ami.connect(lab.asterisk.ami_port, username="dialerd")
    await ami.action(
        "Originate", Channel="Local/stay@lab-calls", Application="Wait", Data="0.1", Async="true"
    )
    await ami.event("Hangup", Context="lab-calls")
    await dialerd.action("Ping")
    assert not dialerd.events("Newchannel")
    assert not dialerd.events("Hangup")
    await dialerd.close()


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("Command", {"Command": "core show version"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("UpdateConfig", {"SrcFilename": "a.conf", "DstFilename": "a.conf"}),
        ("Reload", {}),
        ("ModuleLoad", {"LoadType": "reload"}),
        ("DBPut", {"Family": "a", "Key": "b", "Val": "c"}),
        ("Filter", {"Operation": "Add", "Filter": "Event: x"}),
    ],
)
async def test_dialerds_account_may_not_administer_asterisk(
    lab: Lab, action: str, fields: dict[str, str]
) -> None:
    dialerd = await Ami.connect(lab.asterisk.ami_port, username="dialerd")
    answer = await dialerd.action(action, **fields)
    assert (answer["Response"], answer["Message"]) == ("Error", "Permission denied")
    await dialerd.close()


async def test_a_wrong_secret_is_refused(lab: Lab) -> None:
    with pytest.raises(PermissionError):
        await Ami.connect(lab.asterisk.ami_port, username="dialerd", secret="guess")


@pytest.mark.parametrize("queue", ["sales", "support", "wrap"])
async def test_the_queues_show_their_members_to_dialerd(lab: Lab, queue: str) -> None:
    dialerd = await Ami.connect(lab.asterisk.ami_port, username="dialerd")
    await dialerd.action("QueueStatus", Queue=queue)
    await dialerd.event("QueueStatusComplete")
    members = dialerd.events("QueueMember", Queue=queue)
    assert sorted(member["Location"] for member in members) == sorted(QUEUES[queue])
    assert {member["Status"] for member in members} == {"1"}
    await dialerd.close()


async def test_the_trail_names_an_attempt_before_its_call_reaches_the_carrier(lab: Lab, ami: Ami) -> None:
    number = BEHAVIOURS["busy"].number(prefix="15559990")
    attempt = await ami.call(number, DIALERD_QUEUE="sales")
    await ami.event("Hangup", Uniqueid=attempt)
    assert lab.carrier.invites()[number] == 1
    rows = [row for row in trail(lab) if row["uniqueid"] == attempt]
    assert [row["eventtype"] for row in rows] == ["CHAN_START", "HANGUP"]
    assert {row["linkedid"] for row in rows} == {attempt}
    assert '"hangupcause":17' in rows[-1]["eventextra"]


async def test_the_trail_survives_the_sudden_death_of_asterisk(fresh_lab: Lab) -> None:
    before = await Ami.connect(fresh_lab.asterisk.ami_port)
    attempt = await before.call(ANSWERS, DIALERD_QUEUE="stay")
    await before.event("AgentConnect", Uniqueid=attempt)
    fresh_lab.asterisk.kill()
    await before.close()
    fresh_lab.asterisk.start()
    rows = [row["eventtype"] for row in trail(fresh_lab) if row["uniqueid"] == attempt]
    assert rows == ["CHAN_START", "ANSWER"]
    after = await Ami.connect(fresh_lab.asterisk.ami_port)
    assert (await after.action("CoreStatus"))["CoreCurrentCalls"] == "0"
    await after.close()


async def test_a_call_over_a_dead_trunk_fails_at_once_because_asterisk_asks_the_carrier(ami: Ami) -> None:
    number = BEHAVIOURS["answer"].number()
    heard = await ami.action("PJSIPShowEndpoint", Endpoint="deadtrunk")
    assert heard["Response"] == "Success"
    while (await contact_status(ami, "deadtrunk")) != "Unreachable":
        await ami.event("ContactStatus", AOR="deadtrunk", ContactStatus="Unreachable")
    attempt = await ami.call(number, "deadtrunk", DIALERD_QUEUE="sales")
    failed = await ami.event("OriginateResponse", limit_s=1, Uniqueid=attempt)
    assert (failed["Response"], failed["Reason"]) == ("Failure", "0")
    assert not ami.events("Newchannel", Uniqueid=attempt)


async def contact_status(ami: Ami, endpoint: str) -> str:
    """What Asterisk believes of the endpoint's contact."""
    since = len(ami.heard)
    await ami.action("PJSIPShowEndpoint", Endpoint=endpoint)
    await ami.event("EndpointDetailComplete", since=since)
    return ami.events("ContactStatusDetail", since=since)[0]["Status"]


async def test_a_call_over_an_unknown_trunk_fails_at_once(ami: Ami) -> None:
    attempt = await ami.call(ANSWERS, "no-such-trunk", DIALERD_QUEUE="sales")
    failed = await ami.event("OriginateResponse", limit_s=1, Uniqueid=attempt)
    assert failed["Response"] == "Failure"
