"""The link to Asterisk against a server that misbehaves in every way that was ever seen."""

import asyncio
import importlib.metadata
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import panoramisk.actions
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.adapters.asterisk import actions
from dialerd.adapters.asterisk.actions import Action, Unsendable
from dialerd.adapters.asterisk.frames import MESSAGE_LIMIT, Frame
from dialerd.adapters.asterisk.manager import AmiLink, LinkSettings, LinkState, NotSent, Rejected, Undecided
from dialerd.adapters.asterisk.manager import _Manager as OurManager
from dialerd.adapters.asterisk.manager import _Protocol as OurProtocol
from tests.adapters.asterisk.fake_ami import (
    LIMIT_S,
    FakeAmi,
    event,
    failure,
    fake_ami,
    listing,
    message,
    silence,
    success,
)

ID = "dlr-abcdef-0123456789abcdefghjkmnpqrs"


class HastyClock:
    """A clock whose waits are noted and a thousand times too short."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._changed = asyncio.Condition()

    def now(self) -> int:
        return 1_700_000_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        async with self._changed:
            self.waits.append(seconds)
            self._changed.notify_all()
        await asyncio.sleep(seconds / 1000)

    async def waited(self, times: int) -> list[float]:
        """Return the first waits when there are so many."""
        async with asyncio.timeout(LIMIT_S), self._changed:
            await self._changed.wait_for(lambda: len(self.waits) >= times)
        return self.waits[:times]


class Watch:
    """What the link told, and a way to wait for it."""

    def __init__(self) -> None:
        self.events: list[Frame] = []
        self.states: list[tuple[LinkState, str]] = []
        self.on_event: Callable[[Frame], None] = self.events.append
        self._changed = asyncio.Event()

    def event(self, frame: Frame) -> None:
        self._changed.set()
        self.on_event(frame)

    def state(self, state: LinkState, reason: str) -> None:
        self.states.append((state, reason))
        self._changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def until_state(self, state: LinkState, times: int = 1) -> str:
        """Return the latest reason when the state was entered so often."""
        await self.until(lambda: sum(seen is state for seen, _ in self.states) >= times)
        return [reason for seen, reason in self.states if seen is state][-1]

    async def until_events(self, count: int) -> list[str]:
        await self.until(lambda: len(self.events) >= count)
        return [frame.name for frame in self.events]


class Rig:
    """A link that runs against the fake server."""

    def __init__(self, ami: FakeAmi, **limits: Any) -> None:
        self.ami = ami
        self.clock = HastyClock()
        self.watch = Watch()
        where = {"host": "127.0.0.1", "port": ami.port, "username": "dialerd", "secret": "s3cret"}
        settings = LinkSettings(**{**where, **limits})
        self.link = AmiLink(settings, self.clock, lambda: 0.5, self.watch.event, self.watch.state)

    async def up(self, times: int = 1) -> None:
        await self.watch.until_state(LinkState.UP, times)


@asynccontextmanager
async def rig(**limits: Any) -> AsyncIterator[Rig]:
    """A server and a link that is up, both gone after the block."""
    async with fake_ami() as ami, running(Rig(ami, **limits)) as made:
        await made.up()
        yield made


@asynccontextmanager
async def running(made: Rig) -> AsyncIterator[Rig]:
    """Run the link until the block ends."""
    life = asyncio.create_task(made.link.run())
    try:
        yield made
    finally:
        made.link.close()
        async with asyncio.timeout(LIMIT_S):
            await life


def originate(attempt: str = ID) -> Action:
    return actions.originate(attempt, "PJSIP/15550100@trunk", "dialerd", "hold", 1000)


# What we depend on


def test_the_library_is_the_version_whose_faults_we_work_around() -> None:
    assert importlib.metadata.version("panoramisk") == "1.4"
    assert not issubclass(panoramisk.actions.Action, asyncio.Future)


# Connecting and logging in


async def test_the_login_answer_ends_the_login_without_fully_booted() -> None:
    async with rig() as made:
        assert made.link.state is LinkState.UP
        said = made.ami.said[0]
        assert list(said)[:2] == ["Action", "ActionID"]
        assert (said["Username"], said["Secret"]) == ("dialerd", "s3cret")
        assert said["Events"] == "system,call,agent,user"


async def test_events_in_the_same_packet_as_the_login_answer_come_after_up() -> None:
    async with fake_ami() as ami:
        ami.answers["Login"] = lambda said: success(said) + event("FullyBooted")
        made = Rig(ami)
        seen: list[LinkState] = []
        made.watch.on_event = lambda frame: seen.append(made.link.state)
        async with running(made):
            await made.watch.until(lambda: bool(seen))
        assert seen == [LinkState.UP]


async def test_a_login_that_is_never_answered_is_tried_again() -> None:
    async with fake_ami() as ami:
        ami.answers["Login"] = silence
        async with running(Rig(ami, login_s=0.05)) as made:
            await ami.heard("Login", 3)
            assert "no answer to Login" in await made.watch.until_state(LinkState.DOWN)


async def test_a_wrong_secret_is_reported_and_soon_tried_once_a_minute_only() -> None:
    async with fake_ami() as ami:
        ami.accepts_logins = False
        async with running(Rig(ami)) as made:
            assert await made.clock.waited(8) == [1, 2, 4, 8, 10, 60, 60, 60]
            assert "Authentication failed" in await made.watch.until_state(LinkState.AUTH_FAILED)
            assert {state for state, _ in made.watch.states[1:]} == {LinkState.AUTH_FAILED}
            ami.accepts_logins = True
            await made.up()


async def test_a_connect_that_nobody_answers_is_given_up_and_tried_again() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        async with fake_ami() as ami:
            made = Rig(ami, port=deaf.getsockname()[1], connect_s=0.05)
            async with running(made):
                await made.clock.waited(2)
                assert "no connection in 0.05 s" in await made.watch.until_state(LinkState.DOWN)
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a\0b", ""])
async def test_a_connect_error_of_any_kind_is_tried_again(host: str) -> None:
    async with fake_ami() as ami:
        made = Rig(ami, host=host, port=1)
        async with running(made):
            await made.clock.waited(2)
            assert "no connection" in await made.watch.until_state(LinkState.DOWN)


async def test_pauses_double_to_ten_seconds_and_are_spread_by_a_fifth() -> None:
    settings = LinkSettings("127.0.0.1", 5038, "dialerd", "s3cret")
    assert [settings.pause_s(n, 0, 0.5) for n in range(1, 9)] == [1, 2, 4, 8, 10, 10, 10, 10]
    assert settings.pause_s(2, 0, 0.0) == pytest.approx(1.6)
    assert settings.pause_s(2, 0, 1.0) == pytest.approx(2.4)
    assert settings.pause_s(10_000, 0, 1.0) == pytest.approx(12)
    assert settings.pause_s(6, 6, 0.0) == 60


async def test_a_lost_link_comes_back_and_says_in_between_that_it_is_down() -> None:
    async with rig() as made:
        made.ami.hang_up()
        await made.watch.until_state(LinkState.DOWN)
        await made.up(times=2)
        assert [state.value for state, _ in made.watch.states] == [
            "connecting",
            "up",
            "down",
            "connecting",
            "up",
        ]


async def test_pauses_begin_anew_after_each_login() -> None:
    async with rig() as made:
        for times in (2, 3, 4):
            made.ami.hang_up()
            await made.up(times)
        assert made.clock.waits == [1, 1, 1]


async def test_a_server_that_closes_at_once_is_survived() -> None:
    async with fake_ami() as ami:
        ami.answers["Login"] = silence
        async with running(Rig(ami)) as made:
            for count in range(1, 4):
                await ami.heard("Login", count)
                ami.hang_up()
            ami.answers["Login"] = success
            await made.up()


async def test_the_link_runs_once_at_a_time() -> None:
    async with rig() as made:
        with pytest.raises(RuntimeError):
            await made.link.run()
        assert made.ami.connections == 1


async def test_a_secret_that_cannot_be_sent_is_refused_before_anything_else() -> None:
    async with fake_ami() as ami:
        with pytest.raises(Unsendable, match="Secret"):
            Rig(ami, secret="a\nAction: Command")


async def test_neither_secret_nor_number_is_ever_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    async with rig() as made:
        made.ami.answers["Originate"] = lambda said: failure(said, "no")
        with pytest.raises(Rejected):
            await made.link.act(originate())
        made.ami.accepts_logins = False
        made.ami.hang_up()
        await made.watch.until_state(LinkState.AUTH_FAILED)
        settings = made.link._settings
        shown = caplog.text + repr(made.watch.states) + repr(settings) + made.link.last_fault
    assert "s3cret" not in shown
    assert "15550100" not in shown


# Actions and their answers


async def test_an_action_returns_its_response() -> None:
    async with rig() as made:
        made.ami.answers["Redirect"] = lambda said: message(
            ("Response", "Success"), ("ActionID", said["ActionID"]), ("Message", "Redirect successful")
        )
        answer = await made.link.act(actions.redirect("call-1", "dialerd", "agent"))
        assert answer.get("Message") == "Redirect successful"
        assert made.link.waiting == 0


async def test_many_actions_at_once_each_get_their_own_answer() -> None:
    async with rig() as made:
        made.ami.answers["Hangup"] = lambda said: success(said, said["Channel"])
        names = [f"call-{number}" for number in range(100)]
        answers = await asyncio.gather(*(made.link.act(actions.hangup(name)) for name in names))
        assert [answer.get("Message") for answer in answers] == names


async def test_a_refused_action_is_rejected_with_asterisks_words() -> None:
    async with rig() as made:
        made.ami.answers["Originate"] = lambda said: failure(said, "Asterisk is shutting down")
        with pytest.raises(Rejected) as caught:
            await made.link.act(originate())
        assert caught.value.message == "Asterisk is shutting down"


async def test_an_originate_is_over_with_its_answer_and_its_outcome_is_an_event() -> None:
    async with rig() as made:
        outcome = event("OriginateResponse", ActionID=ID, Response="Failure", Uniqueid=ID)
        made.ami.answers["Originate"] = lambda said: outcome + success(said) + outcome
        answer = await made.link.act(originate())
        assert answer.action_id == ID
        await made.watch.until_events(2)
        assert [frame.get("Response") for frame in made.watch.events] == ["Failure", "Failure"]


async def test_a_link_lost_before_the_answer_leaves_the_action_undecided_and_never_sends_it_again() -> None:
    async with rig() as made:
        made.ami.answers["Originate"] = silence
        waiting = asyncio.create_task(made.link.act(originate()))
        await made.ami.heard("Originate")
        made.ami.hang_up()
        with pytest.raises(Undecided, match="connection"):
            await waiting
        await made.up(times=2)
        made.ami.send(event("FullyBooted"))
        await made.watch.until_events(1)
        await made.link.act(actions.ping())
        assert made.ami.count("Originate") == 1


async def test_an_action_given_while_the_link_is_down_is_refused_and_not_kept() -> None:
    async with rig() as made:
        made.ami.answers["Login"] = silence
        made.ami.hang_up()
        await made.watch.until_state(LinkState.DOWN)
        with pytest.raises(NotSent, match="link to Asterisk"):
            await made.link.act(originate())
        made.ami.answers["Login"] = success
        made.ami.hang_up()
        await made.up(times=2)
        await made.link.act(actions.ping())
        assert made.ami.count("Originate") == 0


async def test_an_action_before_the_first_connect_is_refused() -> None:
    async with fake_ami() as ami:
        with pytest.raises(NotSent):
            await Rig(ami).link.act(actions.ping())


async def test_an_action_in_the_same_turn_as_the_loss_is_refused() -> None:
    async with rig() as made:
        refused: list[Exception] = []

        def state(state: LinkState, reason: str) -> None:
            try:
                made.link.act(originate()).send(None)
            except NotSent as error:
                refused.append(error)

        made.link._on_state = state
        made.ami.answers["Login"] = silence
        made.ami.hang_up()
        await made.ami.heard("Login", 2)
        assert len(refused) >= 2
        assert made.ami.count("Originate") == 0


async def test_answers_that_never_come_or_come_late_leave_nothing_behind() -> None:
    async with rig(answer_s=0.05) as made:
        unanswered: list[bytes] = []
        made.ami.answers["Hangup"] = lambda said: unanswered.append(success(said)) or b""
        results = await asyncio.gather(
            *(made.link.act(actions.hangup(f"call-{number}")) for number in range(200)),
            return_exceptions=True,
        )
        assert {type(result) for result in results} == {Undecided}
        assert made.link.waiting == 0
        made.ami.send(b"".join(unanswered))
        assert (await made.link.act(actions.ping())).is_response
        assert made.link.waiting == 0


async def test_a_cancelled_action_leaves_nothing_behind() -> None:
    async with rig() as made:
        made.ami.answers["Hangup"] = silence
        waiting = asyncio.create_task(made.link.act(actions.hangup("call-1")))
        await made.ami.heard("Hangup")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert made.link.waiting == 0


async def test_text_that_cannot_be_sent_is_refused_at_once_even_while_the_link_is_down() -> None:
    async with rig() as made:
        for text in ("\ud800", "x\r\nAction: Command", "x\n"):
            with pytest.raises(Unsendable):
                await made.link.act(actions.hangup(text))
        made.link.close()
        with pytest.raises(Unsendable):
            await made.link.act(actions.hangup("x\n"))


async def test_an_action_id_that_waits_already_is_refused() -> None:
    async with rig() as made:
        made.ami.answers["Originate"] = silence
        first = asyncio.create_task(made.link.act(originate()))
        await made.ami.heard("Originate")
        with pytest.raises(NotSent, match="id"):
            await made.link.act(originate())
        made.ami.send(success({"ActionID": ID}))
        assert (await first).action_id == ID


async def test_no_more_actions_wait_than_allowed() -> None:
    async with rig(most_waiting=3) as made:
        made.ami.answers["Hangup"] = silence
        waiting = [asyncio.create_task(made.link.act(actions.hangup(f"call-{n}"))) for n in range(3)]
        await made.ami.heard("Hangup", 3)
        with pytest.raises(NotSent, match="3 actions"):
            await made.link.act(actions.ping())
        made.link.close()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert {str(result) for result in results} == {"closed"}


async def test_an_error_without_an_id_wakes_the_only_waiter_without_claiming_that_nothing_was_done() -> None:
    async with rig() as made:
        nameless = message(("Response", "Error"), ("Message", "Failed to parse message: line too long"))
        made.ami.answers["Hangup"] = lambda said: nameless
        with pytest.raises(Undecided, match="line too long"):
            await made.link.act(actions.hangup("call-1"))


async def test_an_error_without_an_id_is_nobodys_when_several_wait() -> None:
    async with rig(answer_s=0.1) as made:
        made.ami.answers["Hangup"] = silence
        waiting = [asyncio.create_task(made.link.act(actions.hangup(f"call-{n}"))) for n in range(2)]
        await made.ami.heard("Hangup", 2)
        made.ami.send(message(("Response", "Error"), ("Message", "Too many lines in message")))
        for result in await asyncio.gather(*waiting, return_exceptions=True):
            assert "no answer to Hangup in 0.1 s" in str(result)


async def test_an_asterisk_that_stops_reading_gets_no_more_actions() -> None:
    async with rig(answer_s=0.1, write_limit=4096, most_waiting=100_000) as made:
        made.ami.reads.clear()
        results: list[BaseException] = []
        while not any("does not read" in str(result) for result in results):
            batch = (made.link.act(originate(f"dlr-{len(results)}-{n}")) for n in range(5000))
            results += await asyncio.gather(*batch, return_exceptions=True)
        assert {type(result) for result in results} == {NotSent, Undecided}
        assert made.link._manager.protocol.transport.get_write_buffer_size() <= 4096
        assert made.link.state is LinkState.UP


# Lists


async def test_a_list_is_collected_to_its_end_and_other_events_pass_by() -> None:
    async with rig() as made:
        items = [(("Channel", f"PJSIP/trunk-{n}"), ("Uniqueid", f"dlr-{n}")) for n in range(3)]

        def answer(said: dict[str, str]) -> bytes:
            whole = listing(said, "CoreShowChannel", *items)
            start, rest = whole[: whole.index(b"Event:")], whole[whole.index(b"Event:") :]
            outcome = event("OriginateResponse", ActionID=said["ActionID"], Response="Success")
            return start + event("Hangup", Uniqueid="dlr-7") + outcome + rest

        made.ami.answers["CoreShowChannels"] = answer
        frames = await made.link.collect(actions.core_show_channels())
        assert [frame.get("Uniqueid") for frame in frames] == ["dlr-0", "dlr-1", "dlr-2"]
        assert await made.watch.until_events(2) == ["Hangup", "OriginateResponse"]
        assert not made.link._manager.protocol.answers.lists


async def test_an_empty_list_is_a_list() -> None:
    async with rig() as made:
        made.ami.answers["QueueStatus"] = lambda said: listing(said, "QueueMember")
        assert await made.link.collect(actions.queue_status()) == []


async def test_a_list_that_is_not_whole_is_not_taken_for_one() -> None:
    async with rig() as made:
        made.ami.answers["CoreShowChannels"] = lambda said: listing(said, "CoreShowChannel", told=2)
        with pytest.raises(Undecided, match="not whole"):
            await made.link.collect(actions.core_show_channels())


async def test_a_refused_list_is_rejected() -> None:
    async with rig() as made:
        made.ami.answers["CoreShowChannels"] = lambda said: failure(said, "Permission denied")
        with pytest.raises(Rejected, match="Permission denied"):
            await made.link.collect(actions.core_show_channels())


async def test_items_of_a_list_that_nobody_waits_for_any_more_are_no_events() -> None:
    async with rig(answer_s=0.05) as made:
        late: list[bytes] = []
        item = (("Uniqueid", "dlr-1"),)
        made.ami.answers["CoreShowChannels"] = lambda said: (
            late.append(listing(said, "CoreShowChannel", item)) or b""
        )
        with pytest.raises(Undecided):
            await made.link.collect(actions.core_show_channels())
        made.ami.send(late[0] + event("Hangup"))
        assert await made.watch.until_events(1) == ["Hangup"]
        assert not made.link._manager.protocol.answers.lists


async def test_lists_that_never_end_do_not_pile_up() -> None:
    async with rig(answer_s=0.001) as made:
        made.ami.answers["CoreShowChannels"] = silence
        for _ in range(40):
            with pytest.raises(Undecided):
                await made.link.collect(actions.core_show_channels())
        assert len(made.link._manager.protocol.answers.lists) <= 16


# Events


async def test_events_come_in_order_and_each_once() -> None:
    async with rig() as made:
        made.ami.send(b"".join(event("UserEvent", Number=str(number)) for number in range(2000)))
        await made.watch.until_events(2000)
        assert [frame.get("Number") for frame in made.watch.events] == [str(number) for number in range(2000)]


async def test_an_exception_in_the_listener_is_kept_to_be_read_and_ends_nothing() -> None:
    async with rig() as made:
        handled: list[str] = []

        def listener(frame: Frame) -> None:
            handled.append(frame.name)
            if frame.name == "E3":
                raise KeyError("boom")

        made.watch.on_event = listener
        made.ami.send(b"".join(event(f"E{number}") for number in range(10)))
        await made.watch.until(lambda: len(handled) >= 10)
        assert (await made.link.act(actions.ping())).is_response
        assert made.link.faults == 1
        assert "KeyError: 'boom'" in made.link.last_fault
        assert made.ami.connections == 1


async def test_an_exception_in_the_state_listener_ends_nothing() -> None:
    async with fake_ami() as ami:
        made = Rig(ami)
        made.link._on_state = lambda state, reason: 1 / 0
        async with running(made):
            await ami.heard("Ping")
        assert "ZeroDivisionError" in made.link.last_fault


async def test_a_message_with_repeated_headers_does_no_harm() -> None:
    async with rig() as made:
        made.ami.send(b"Event: A\r\nEvent: B\r\nActionID: 1\r\nActionID: 2\r\n\r\n" + event("C"))
        assert await made.watch.until_events(2) == ["A", "C"]


async def test_a_message_without_an_end_ends_the_connection_and_not_the_memory() -> None:
    async with rig() as made:
        made.ami.send(b"Event: X\r\n" + b"x" * (MESSAGE_LIMIT + 4))
        assert "no end" in await made.watch.until_state(LinkState.DOWN)
        await made.up(times=2)


@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([b"\r\n\r\n", b"Response: Error", b"ActionID: ", b"Event: "])
    )
)
def test_no_bytes_make_the_protocol_raise(chunks: list[bytes]) -> None:
    async def feed() -> None:
        settings = LinkSettings("127.0.0.1", 5038, "dialerd", "s3cret")
        ends: list[str] = []
        manager = OurManager(
            settings, HastyClock(), lambda frame: None, lambda _: None, lambda _, why: ends.append(why)
        )
        protocol = OurProtocol(manager)
        protocol.answers.expect("", as_list=True).cancel()
        for chunk in chunks:
            protocol.data_received(chunk)
        assert (manager.faults, ends) == (0, [])
        assert len(protocol._splitter) <= sum(map(len, chunks))

    asyncio.run(feed())


# A silent Asterisk


async def test_a_silent_asterisk_is_noticed_and_left() -> None:
    async with rig(ping_every_s=0.02, silence_s=0.06) as made:
        await made.ami.heard("Ping", 3)
        assert made.link.state is LinkState.UP
        made.ami.answers["Ping"] = silence
        assert "silent for" in await made.watch.until_state(LinkState.DOWN)
        made.ami.answers["Ping"] = success
        await made.up(times=2)


async def test_an_asterisk_that_says_anything_is_not_silent() -> None:
    async with rig(ping_every_s=0.02, silence_s=0.2) as made:
        made.ami.answers["Ping"] = lambda said: event("Anything")
        await made.ami.heard("Ping", 20)
        assert made.ami.connections == 1


async def test_a_stall_of_our_own_is_not_taken_for_a_dead_asterisk() -> None:
    async with rig(ping_every_s=0.05, silence_s=0.15) as made:
        await made.ami.heard("Ping")
        time.sleep(0.4)  # noqa: ASYNC251 - the loop itself must stand still
        await made.ami.heard("Ping", made.ami.count("Ping") + 2)
        assert made.ami.connections == 1


async def test_the_kernel_gives_up_on_a_vanished_peer_as_early_as_we_do() -> None:
    async with rig() as made:
        sock = made.link._manager.protocol.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 6000


# The end


async def test_close_wakes_every_waiter_and_ends_the_run() -> None:
    async with fake_ami() as ami:
        made = Rig(ami)
        life = asyncio.create_task(made.link.run())
        await made.up()
        ami.answers["Hangup"] = silence
        waiting = asyncio.create_task(made.link.act(actions.hangup("call-1")))
        await ami.heard("Hangup")
        made.link.close()
        with pytest.raises(Undecided, match="closed"):
            await waiting
        async with asyncio.timeout(LIMIT_S):
            await life
        await ami.alone()
        assert [state.value for state, _ in made.watch.states] == ["connecting", "up", "closed"]
        with pytest.raises(NotSent):
            await made.link.act(actions.ping())


async def test_close_during_an_outage_connects_no_more() -> None:
    async with fake_ami() as ami:
        made = Rig(ami)
        life = asyncio.create_task(made.link.run())
        await made.up()
        await ami.stop()
        await made.clock.waited(2)
        made.link.close()
        await ami.start()
        async with asyncio.timeout(LIMIT_S):
            await life
        assert ami.connections == 1
        assert made.link.state is LinkState.CLOSED


async def test_a_cancelled_run_closes_the_link() -> None:
    async with fake_ami() as ami:
        made = Rig(ami)
        life = asyncio.create_task(made.link.run())
        await made.up()
        life.cancel()
        with pytest.raises(asyncio.CancelledError):
            await life
        assert made.link.state is LinkState.CLOSED


async def test_a_closed_link_does_not_run() -> None:
    async with fake_ami() as ami:
        made = Rig(ami)
        made.link.close()
        await made.link.run()
        assert ami.connections == 0
