"""The connection to Asterisk: connect, log in, keep it alive, begin again. Only here is panoramisk spoken.

Of panoramisk the manager's and the protocol's life cycle is used. Its queue for sending again, its
reconnecting, its parser and its serialiser are replaced, since they can place a call twice, wait for ever
or let a value add a header.
"""

import asyncio
import dataclasses
import itertools
import socket
import traceback
from collections.abc import Callable
from functools import partial

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from dialerd.adapters.asterisk import actions
from dialerd.adapters.asterisk.actions import Action
from dialerd.adapters.asterisk.answers import Answers, LinkError, NotSent, Rejected, Undecided
from dialerd.adapters.asterisk.frames import EVENT, Frame, Splitter
from dialerd.adapters.asterisk.link_settings import LinkSettings, LinkState
from dialerd.engine.ports import Clock

__all__ = ["AmiLink", "LinkError", "LinkSettings", "LinkState", "NotSent", "Rejected", "Undecided"]

_LOGIN_ID = "dialerd-login"
_PING = actions.encode(actions.ping(), "dialerd-ping")
_PINGS_TO_JUDGE = 2
"""Unanswered pings before silence counts, so that a stall of our own is not taken for a dead peer."""


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """One TCP connection, from connect to loss: panoramisk's protocol with our parser and serialiser."""

    def __init__(self, manager: "_Manager") -> None:
        self._manager = manager
        self._settings = manager.settings
        self._monotonic = manager.clock.monotonic
        self._heard_at_s = self._monotonic()
        self._unanswered_pings = 0
        self._splitter = Splitter()
        self.answers = Answers(manager.settings.most_waiting)
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self.closed = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Take the transport, and let the kernel give up on a vanished peer as early as we do."""
        super().connection_made(transport)
        self.factory = self._manager
        _shorten_kernel_patience(transport, self._settings.silence_s)

    def data_received(self, data: bytes) -> None:
        """Hand on what the bytes complete, in order; never raises."""
        self._heard_at_s = self._monotonic()
        self._unanswered_pings = 0
        on_event, lists = self._manager.on_event, self.answers.lists
        for frame in self._splitter.feed(data):
            if self.closed:
                return
            if lists or not frame.raw.startswith(EVENT):
                self.handle_message(frame)
                continue
            try:  # what handle_message does with an ordinary event, without two more calls for each
                on_event(frame)
            except Exception:
                self._manager.note_fault()
        if self._splitter.broken:
            self.close("a message from Asterisk has no end")

    def handle_message(self, frame: Frame) -> None:
        """Give an answer to its action and every other event to the listener."""
        if frame.is_response:
            if not self._manager.authenticated:
                self._manager.login(frame)
            self.answers.take_response(frame)
        elif frame.name and not (self.answers.lists and self.answers.take_item(frame)):
            self._manager.dispatch(frame)

    def send(self, action: Action, as_list: bool = False) -> asyncio.Future[list[Frame]]:
        """Write the action once and return what will hold its answer; raises NotSent or Unsendable."""
        data = actions.encode(action, action.action_id)
        refusal = self.answers.refusal(action.action_id, as_list) or self._write(data)
        if refusal:
            raise NotSent(refusal)
        return self.answers.expect(action.action_id, as_list)

    def look(self) -> float:
        """Ping Asterisk, or end the connection if it is silent; return seconds until the next look."""
        silent_s = self._monotonic() - self._heard_at_s
        if silent_s >= self._settings.silence_s and self._unanswered_pings >= _PINGS_TO_JUDGE:
            self.close(f"Asterisk is silent for {silent_s:.1f} s")
            return 0
        self._unanswered_pings += 1
        self._write(_PING)
        left_s = self._settings.silence_s - silent_s
        return left_s if 0 < left_s < self._settings.ping_every_s else self._settings.ping_every_s

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the peer or the network ended the connection."""
        self.close(f"connection lost: {exc}" if exc else "Asterisk closed the connection")

    def close(self, reason: str = "closed") -> None:
        """End the connection without writing what still waits, and fail every waiting action."""
        if self.closed:
            return
        self.closed = True
        if self.transport is not None:
            self.transport.abort()
        self.answers.lose(reason)
        self.lost.set_result(reason)
        self._manager.connection_lost(reason)

    def _write(self, data: bytes) -> str:
        """Write all of it, or nothing and return why."""
        transport = self.transport
        if self.closed or transport is None or transport.is_closing():
            return "the connection to Asterisk is closed"
        if transport.get_write_buffer_size() + len(data) > self._settings.write_limit:
            return "Asterisk does not read what was sent to it before"
        transport.write(data)
        return ""


class _Manager(Manager):  # type: ignore[misc]
    """panoramisk's manager with one connection at a time, one listener, and nothing that is sent again."""

    authenticated: bool
    protocol: _Protocol | None

    def __init__(
        self,
        settings: LinkSettings,
        clock: Clock,
        on_event: Callable[[Frame], None],
        on_login: Callable[["_Manager"], None],
        on_disconnect: Callable[["_Manager", str], None],
    ) -> None:
        names = {"host": settings.host, "port": settings.port, "username": settings.username}
        callbacks = {"on_login": on_login, "on_disconnect": on_disconnect}
        super().__init__(**names, **callbacks, protocol_factory=_Protocol)
        self.settings = settings
        self.clock = clock
        self.on_event = on_event
        self.faults = 0
        self.last_fault = ""

    async def connect(self) -> _Protocol:
        """Open a connection; raises OSError, or TimeoutError at the limit."""
        loop = self.loop = asyncio.get_running_loop()
        make = partial(self.config["protocol_factory"], self)
        async with asyncio.timeout(self.settings.connect_s):
            made = await loop.create_connection(make, self.config["host"], self.config["port"])
        protocol: _Protocol = made[1]
        self.protocol = protocol
        return protocol

    def login(self, answer: Frame) -> None:
        """Note an accepted login before anything that came behind it is handled."""
        if answer.get("Response") == "Success" and answer.action_id == _LOGIN_ID:
            self.authenticated = True
            self.on_login(self)

    def dispatch(self, frame: Frame) -> None:
        """Call the listener; what it raises is kept to be looked at and ends nothing."""
        try:
            self.on_event(frame)
        except Exception:
            self.note_fault()

    def note_fault(self) -> None:
        """Count the exception that is being handled and keep its traceback."""
        self.faults += 1
        self.last_fault = traceback.format_exc()

    def connection_lost(self, exc: str) -> None:
        """Note the end of the connection; panoramisk would connect again by itself here."""
        self.authenticated = False
        self.on_disconnect(self, exc)

    async def send_awaiting_actions(self, *_: object) -> None:
        """Send nothing: what was not answered is never sent again."""


class AmiLink:
    """The link to one Asterisk, which keeps itself up from `run()` to `close()`.

    `on_event` is called with each event in order and must return at once; `on_state` with each change and
    its reason. What they raise is counted in `faults` and ends nothing. `jitter` returns numbers from 0
    to 1 that spread the back-off.
    """

    def __init__(
        self,
        settings: LinkSettings,
        clock: Clock,
        jitter: Callable[[], float],
        on_event: Callable[[Frame], None],
        on_state: Callable[[LinkState, str], None],
    ) -> None:
        """Raises Unsendable if user name or secret cannot be sent."""
        self._settings = settings
        self._clock = clock
        self._jitter = jitter
        self._on_state = on_state
        login = actions.login(settings.username, settings.secret, settings.events)
        self._login = dataclasses.replace(login, action_id=_LOGIN_ID)
        actions.encode(self._login, _LOGIN_ID)
        self._manager = _Manager(settings, clock, on_event, self._logged_in, self._lost)
        self._ids = itertools.count(1)
        self._life: asyncio.Task[None] | None = None
        self._state, self._reason = LinkState.DOWN, "not started"
        self._failures = self._refused_logins = 0

    @property
    def state(self) -> LinkState:
        """How the link is now."""
        return self._state

    @property
    def reason(self) -> str:
        """Why the link is in its state, in words for people."""
        return self._reason

    @property
    def waiting(self) -> int:
        """How many actions wait for an answer."""
        protocol = self._manager.protocol
        return len(protocol.answers) if protocol else 0

    @property
    def faults(self) -> int:
        """How many exceptions the callbacks raised."""
        return self._manager.faults

    @property
    def last_fault(self) -> str:
        """The traceback of the last of them, or ''."""
        return self._manager.last_fault

    async def run(self) -> None:
        """Keep the link up until `close()`; may be called once."""
        if self._life is not None:
            raise RuntimeError("the link runs already")
        if self._state is LinkState.CLOSED:
            return
        async with asyncio.TaskGroup() as group:
            self._life = group.create_task(self._live(), name="ami-link")

    def close(self) -> None:
        """End the link at once and for good; waiting actions fail as undecided."""
        self._end()
        if self._life is not None:
            self._life.cancel()

    async def act(self, action: Action) -> Frame:
        """Send the action once and return its response.

        Raises NotSent, Undecided (lost link or no answer in time), Rejected, or Unsendable for a bad value.
        """
        return (await self._ask(action, as_list=False))[0]

    async def collect(self, action: Action) -> list[Frame]:
        """Send an action that answers with a list and return its items, the whole list or an error."""
        return (await self._ask(action, as_list=True))[1:]

    async def _ask(self, action: Action, as_list: bool) -> list[Frame]:
        if not action.action_id:
            action = dataclasses.replace(action, action_id=f"dialerd-{next(self._ids)}")
        if self._state is not LinkState.UP:
            actions.encode(action, action.action_id)
            raise NotSent(f"the link to Asterisk is {self._state.value}: {self._reason}")
        return await self._answer(action, as_list, self._settings.answer_s)

    async def _answer(self, action: Action, as_list: bool, limit_s: float) -> list[Frame]:
        protocol = self._manager.protocol
        if protocol is None:
            raise NotSent("there is no connection to Asterisk")
        answer = protocol.send(action, as_list)
        try:
            async with asyncio.timeout(limit_s):
                return await answer
        except TimeoutError:
            raise Undecided(f"no answer to {action.name} in {limit_s:g} s") from None
        finally:
            protocol.answers.forget(action.action_id)

    async def _live(self) -> None:
        try:
            while True:
                await self._attempt()
                pause_s = self._settings.pause_s(self._failures, self._refused_logins, self._jitter())
                await self._clock.sleep(pause_s)
        finally:
            self._end()

    def _end(self) -> None:
        self._enter(LinkState.CLOSED, "closed")
        self._manager.close()

    async def _attempt(self) -> None:
        """Live through one connection; return when it is over, whatever ended it."""
        try:
            await self._session()
        except Rejected as refusal:
            self._refused_logins += 1
            self._enter(LinkState.AUTH_FAILED, f"login refused: {refusal.message}")
        except LinkError as error:
            self._enter(LinkState.DOWN, str(error))
        except TimeoutError:
            self._enter(LinkState.DOWN, f"no connection in {self._settings.connect_s:g} s")
        except Exception as error:  # a fault here must not end the only way back to Asterisk
            self._enter(LinkState.DOWN, f"no connection: {error}")
        self._failures += 1

    async def _session(self) -> None:
        if self._state is not LinkState.AUTH_FAILED:
            self._enter(LinkState.CONNECTING, f"to {self._settings.host}:{self._settings.port}")
        protocol = await self._manager.connect()
        try:
            await self._answer(self._login, False, self._settings.login_s)
            while not protocol.closed:
                await asyncio.wait((protocol.lost,), timeout=protocol.look())
        finally:
            protocol.close("given up")

    def _logged_in(self, _manager: _Manager) -> None:
        self._failures = self._refused_logins = 0
        self._enter(LinkState.UP, "logged in")

    def _lost(self, _manager: _Manager, reason: str) -> None:
        if self._state is LinkState.UP:
            self._enter(LinkState.DOWN, reason)

    def _enter(self, state: LinkState, reason: str) -> None:
        if self._state is LinkState.CLOSED or (self._state, self._reason) == (state, reason):
            return
        self._state, self._reason = state, reason
        try:
            self._on_state(state, reason)
        except Exception:
            self._manager.note_fault()


def _shorten_kernel_patience(transport: asyncio.Transport, silence_s: float) -> None:
    """Have the kernel drop the connection when the peer takes nothing for that long."""
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", max(1, int(silence_s / 3))),
        ("TCP_KEEPINTVL", max(1, int(silence_s / 3))),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", max(1, int(silence_s * 1000))),
    ):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
