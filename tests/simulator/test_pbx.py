"""The exchange behind AMI on TCP, spoken to through a bare socket."""

import asyncio
import contextlib
import csv
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialerd.simulator.callees import ByNumber
from dialerd.simulator.durations import Fixed
from dialerd.simulator.pbx import Pbx, real_time
from dialerd.simulator.scenario import Habits, QueueRules, Scenario, Staff

LIMIT_S = 10
Message = dict[str, str]
HOUSE = Scenario(
    callees=ByNumber(),
    staff=(Staff(1, habits=Habits(pickup=Fixed(20), talk=None)),),
    queues=(QueueRules("sales", strict=False),),
    message_ms=20,
)
ORDER = (
    "Channel: PJSIP/{number}@trunk\r\nChannelId: {id}\r\nContext: dialerd\r\nExten: answered\r\nPriority: 1"
)


class Client:
    """A bare connection that keeps what it has read but not been asked for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.seen: list[Message] = []

    def say(self, *lines: str, end: str = "\r\n") -> None:
        """Send one message of these lines."""
        self.writer.write((end.join(lines) + end + end).encode())

    async def message(self) -> Message:
        """The next message."""
        raw = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), LIMIT_S)
        pairs = (line.partition(": ") for line in raw.decode().split("\r\n") if line)
        message = {key.rstrip(":"): value for key, _, value in pairs}
        self.seen.append(message)
        return message

    async def until(self, **fields: str) -> Message:
        """The next message with these fields."""
        while True:
            message = await self.message()
            if fields.items() <= message.items():
                return message

    async def ask(self, *lines: str) -> Message:
        """The answer to an action of these lines."""
        self.say(*lines, "ActionID: q")
        return await self.until(ActionID="q")

    def order(self, number: str, call_id: str = "dlr-1", *more: str) -> None:
        """Order a call as dialerd does."""
        variables = f"Variable: DIALERD_ATTEMPT={call_id}", "Variable: DIALERD_QUEUE=sales"
        limit = "Variable: DIALERD_MAXWAIT=0.3"
        head = ORDER.format(number=number, id=call_id).split("\r\n")
        self.say("Action: Originate", f"ActionID: {call_id}", *head, "Async: true", *variables, limit, *more)

    async def gone(self) -> None:
        """Return when the server has ended the connection."""
        await asyncio.wait_for(self.reader.read(), LIMIT_S)
        assert self.reader.at_eof()


async def connect(pbx: Pbx) -> Client:
    client = Client(*await asyncio.open_connection(pbx.host, pbx.port))
    banner = await asyncio.wait_for(client.reader.readline(), LIMIT_S)
    assert banner == b"Asterisk Call Manager/11.0.0\r\n"
    return client


async def log_in(pbx: Pbx) -> Client:
    client = await connect(pbx)
    answer = await client.ask("Action: Login", "Username: dialerd", "Secret: dialerd")
    assert answer["Message"] == "Authentication accepted"
    assert (await client.message())["Event"] == "FullyBooted"
    return client


@pytest.fixture
async def pbx(tmp_path: Path) -> AsyncIterator[Pbx]:
    server = Pbx(real_time(HOUSE), trail=tmp_path / "trail.csv")
    await server.start()
    yield server
    await server.stop()


async def test_a_wrong_secret_is_answered_and_the_connection_closed(pbx: Pbx) -> None:
    client = await connect(pbx)
    answer = await client.ask("Action: Login", "Username: dialerd", "Secret: wrong")
    assert (answer["Response"], answer["Message"]) == ("Error", "Authentication failed")
    await client.gone()


async def test_nothing_is_done_for_who_is_not_logged_in(pbx: Pbx) -> None:
    client = await connect(pbx)
    answer = await client.ask("Action: CoreShowChannels")
    assert (answer["Response"], answer["Message"]) == ("Error", "Permission denied")


async def test_a_call_is_placed_led_to_an_agent_and_hung_up(pbx: Pbx) -> None:
    client = await log_in(pbx)
    client.order("15551230000", "dlr-1", 'CallerID: "Acme" <15550001000>')
    first = await client.message()
    assert list(first.items()) == [
        ("Response", "Success"),
        ("ActionID", "dlr-1"),
        ("Message", "Originate successfully queued"),
    ]
    connected = await client.until(Event="AgentConnect")
    assert (connected["CallerIDNum"], connected["CallerIDName"]) == ("15550001000", "Acme")
    assert (await client.ask("Action: Hangup", "Channel: dlr-1", "Cause: 16"))["Message"] == "Channel Hungup"
    hangup = await client.until(Event="Hangup")
    assert hangup["Cause"] == "16"
    events = [message["Event"] for message in client.seen if "Event" in message]
    assert events.index("Newchannel") < events.index("QueueCallerJoin") < events.index("AgentConnect")
    assert pbx.exchange.dialled == {"15551230000": 1}


async def test_every_logged_in_client_hears_the_events_unless_it_wants_none(pbx: Pbx) -> None:
    first, second, deaf = await log_in(pbx), await log_in(pbx), await connect(pbx)
    await deaf.ask("Action: Login", "Username: dialerd", "Secret: dialerd", "Events: off")
    first.order("15551230050")
    assert (await second.until(Event="Hangup"))["TechCause"] == "486"
    assert "Pong" in (await deaf.ask("Action: Ping")).values()
    assert len(deaf.seen) == 2


async def test_a_call_on_hold_is_redirected_to_the_agent_who_got_free(pbx: Pbx) -> None:
    client = await log_in(pbx)
    client.order("15551230000", "dlr-10")
    await client.until(Event="AgentConnect")
    client.order("15551230001", "dlr-20", "Variable: DIALERD_MAXWAIT=9")
    await client.until(UserEvent="DialerdHold")
    await client.ask("Action: Hangup", "Channel: dlr-10")
    await client.until(Event="QueueMemberStatus", Status="1")
    answer = await client.ask(
        "Action: Redirect", "Channel: dlr-20", "Context: dialerd", "Exten: agent", "Priority: 1"
    )
    assert answer["Message"] == "Redirect successful"
    assert (await client.until(Event="AgentConnect"))["Uniqueid"] == "dlr-20"


@pytest.mark.parametrize(
    ("action", "start", "kinds", "end"),
    [
        (
            ("Action: QueueStatus", "Queue: sales"),
            "Queue status will follow",
            ["QueueParams", "QueueMember"],
            "QueueStatusComplete",
        ),
        (
            ("Action: CoreShowChannels",),
            "Channels will follow",
            ["CoreShowChannel", "CoreShowChannel"],
            "CoreShowChannelsComplete",
        ),
    ],
)
async def test_a_list_begins_with_an_answer_and_ends_with_its_count(
    pbx: Pbx, action: tuple[str, ...], start: str, kinds: list[str], end: str
) -> None:
    client = await log_in(pbx)
    client.order("15551230000")
    await client.until(Event="QueueMemberStatus", Status="2")
    answer = await client.ask(*action)
    assert (answer["EventList"], answer["Message"]) == ("start", start)
    messages = [await client.until(ActionID="q") for _ in range(len(kinds) + 1)]
    assert [message["Event"] for message in messages] == [*kinds, end]
    assert (messages[-1]["EventList"], messages[-1]["ListItems"]) == ("Complete", str(len(kinds)))


async def test_members_come_pause_and_go(pbx: Pbx) -> None:
    client = await log_in(pbx)
    member = ("Queue: sales", "Interface: PJSIP/9999")
    assert (await client.ask("Action: QueueAdd", *member, "MemberName: Zoe"))["Response"] == "Success"
    assert (await client.until(Event="QueueMemberAdded"))["MemberName"] == "Zoe"
    pause = ("Action: QueuePause", "Interface: PJSIP/9999", "Paused: true", "Reason: lunch")
    assert (await client.ask(*pause))["Message"] == "Interface paused successfully"
    assert (await client.until(Event="QueueMemberPause"))["PausedReason"] == "lunch"
    assert (await client.ask("Action: QueueRemove", *member))["Response"] == "Success"
    assert (await client.ask("Action: QueueRemove", *member))["Response"] == "Error"


async def test_the_core_tells_its_version_and_its_calls(pbx: Pbx) -> None:
    client = await log_in(pbx)
    assert (await client.ask("Action: CoreSettings"))["AsteriskVersion"].startswith("22.")
    assert (await client.ask("Action: CoreStatus"))["CoreCurrentCalls"] == "0"
    assert (await client.ask("Action: Logoff"))["Response"] == "Goodbye"
    await client.gone()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("Action: NoSuchAction",), "Invalid/unknown command: NoSuchAction. "),
        (("Channel: x",), "Missing action in request"),
        (("Action: Originate", "Async: true"), "Channel not specified"),
        (("Action: Originate", "Async: true", "Timeout: soon"), "Invalid timeout"),
        (("Action: Hangup", "Channel: dlr-x"), "No such channel"),
        (("Action: Hangup", "Channel: /(/"), "Invalid value"),
        (("Action: Redirect", "Channel: dlr-x"), "Channel does not exist: dlr-x"),
    ],
)
async def test_a_mistake_is_answered_with_an_error_that_names_its_action(
    pbx: Pbx, lines: tuple[str, ...], words: str
) -> None:
    client = await log_in(pbx)
    answer = await client.ask(*lines)
    assert answer["Response"] == "Error"
    assert answer["Message"].startswith(words)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("Action: Ping", "ActionID: p", "X: " + "y" * 1_100), "Failed to parse message: line too long"),
        (("Action: Ping", "ActionID: p", "X: " + "y" * 9_000), "Failed to parse message: line too long"),
        (("Action: Ping", "ActionID: p", *["X: y"] * 130), "Too many lines in message"),
    ],
)
async def test_what_cannot_be_read_is_refused_without_naming_the_action_and_the_next_is_taken(
    pbx: Pbx, lines: tuple[str, ...], words: str
) -> None:
    client = await log_in(pbx)
    client.say(*lines)
    assert await client.message() == {"Response": "Error", "Message": words}
    assert (await client.ask("Action: Ping"))["Ping"] == "Pong"


async def test_a_bare_line_feed_ends_a_line_and_a_comma_begins_a_variable_as_in_asterisk(pbx: Pbx) -> None:
    client = await log_in(pbx)
    head = ORDER.format(number="15551230000", id="dlr-1").split("\r\n")
    variables = "Variable: DIALERD_ATTEMPT=dlr-1,DIALERD_QUEUE=sales"
    client.say("Action: Originate", *head, "Async: true", variables, end="\n")
    assert (await client.until(Event="AgentConnect"))["Queue"] == "sales"


async def test_actions_are_read_however_their_bytes_are_cut(pbx: Pbx) -> None:
    client = await log_in(pbx)
    for byte in b"Action: Ping\r\nActionID: one\r\n\r\nAction: Ping\r\nActionID: two\r\n\r\n":
        client.writer.write(bytes([byte]))
        await client.writer.drain()
    assert [(await client.message())["ActionID"] for _ in range(2)] == ["one", "two"]


async def test_broken_connections_leave_the_calls_alive(pbx: Pbx) -> None:
    client = await log_in(pbx)
    client.order("15551230000")
    await client.until(Event="AgentConnect")
    pbx.drop_connections()
    with contextlib.suppress(ConnectionError):
        await client.gone()
    again = await log_in(pbx)
    await again.ask("Action: CoreShowChannels")
    assert (await again.until(Event="CoreShowChannel"))["Uniqueid"] == "dlr-1"


async def test_a_frozen_one_keeps_connections_open_and_goes_on_when_thawed(pbx: Pbx) -> None:
    client = await log_in(pbx)
    client.order("15551230001", "dlr-1")
    await client.until(Event="AgentConnect")
    client.order("15551230001", "dlr-2")
    await client.until(UserEvent="DialerdHold")
    pbx.freeze()
    client.say("Action: Ping", "ActionID: late")
    newcomer = Client(*await asyncio.open_connection(pbx.host, pbx.port))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await client.reader.read(1)
    pbx.thaw()
    assert await asyncio.wait_for(newcomer.reader.readline(), LIMIT_S)
    events: set[str] = set()
    while not {"DialerdAbandon", "Pong"} <= events:
        message = await client.message()
        events |= {message.get("UserEvent", ""), message.get("Ping", "")}


async def test_one_that_dies_forgets_its_calls_and_comes_back_on_its_port(pbx: Pbx) -> None:
    client = await log_in(pbx)
    client.order("15551230000")
    await client.until(Event="AgentConnect")
    port = pbx.port
    await pbx.die()
    with pytest.raises(ConnectionError):
        await asyncio.open_connection(pbx.host, port)
    await pbx.come_back()
    assert pbx.port == port
    again = await log_in(pbx)
    await again.ask("Action: CoreShowChannels")
    assert (await again.message())["ListItems"] == "0"
    again.order("15551230000", "dlr-2")
    await again.until(Event="AgentConnect")


async def test_orders_can_get_lost_before_or_after_they_are_carried_out(pbx: Pbx) -> None:
    client = await log_in(pbx)
    pbx.ignored.add("Originate")
    client.order("15551230050", "dlr-1")
    await client.ask("Action: Ping")
    pbx.ignored.clear()
    pbx.unanswered.add("Originate")
    client.order("15551230050", "dlr-2")
    assert (await client.until(Event="Hangup"))["Uniqueid"] == "dlr-2"
    told = [message["ActionID"] for message in client.seen[2:] if message.get("Response") == "Success"]
    assert told == ["q"]
    assert pbx.exchange.dialled == {"15551230050": 1}


async def test_the_trail_is_on_disk_when_the_channel_is_told_of(pbx: Pbx, tmp_path: Path) -> None:
    client = await log_in(pbx)
    client.order("15551230050")
    await client.until(Event="Newchannel")
    rows = list(csv.reader((tmp_path / "trail.csv").read_text().splitlines()))
    assert rows[0][0] == "CHAN_START"
    assert rows[0][2] == "dlr-1"


async def test_a_client_that_does_not_read_is_cut_off(pbx: Pbx) -> None:
    client = await log_in(pbx)
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    for session in tuple(pbx._sessions):
        for _ in range(200):
            session.write(b"x" * 100_000)
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    with contextlib.suppress(ConnectionError):
        await client.gone()
    assert pbx.connections == 0


async def test_it_runs_by_itself_tells_its_port_and_ends_when_told(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "dialerd.simulator", "--callees", "digits", "--agents", "2")
    process = await asyncio.create_subprocess_exec(
        *command, "--trail", str(tmp_path / "t.csv"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(await asyncio.wait_for(process.stdout.readline(), 30))
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        client.say("Action: Login", "Username: dialerd", "Secret: dialerd")
        client.order("15551230061")
        assert (await client.until(Event="Hangup"))["TechCause"] == "404"
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), LIMIT_S) == 0
