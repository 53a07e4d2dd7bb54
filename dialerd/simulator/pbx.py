"""The exchange behind a manager interface on TCP: an embedded PBX for the demo and for tests.

`python -m dialerd.simulator` runs one and prints its port.
"""

import asyncio
import time
from pathlib import Path
from typing import TextIO

from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.simulator import wire
from dialerd.simulator.channels import Fields
from dialerd.simulator.exchange import Exchange
from dialerd.simulator.kernel import Kernel
from dialerd.simulator.scenario import Scenario
from dialerd.simulator.session import Session

LOOPBACK = "127.0.0.1"


class Pbx:
    """An exchange that lives in real time and speaks AMI on the loopback.

    `speed` lets its clock run so many times faster than the real one. `trail` is the file that the channel
    trail is appended to. `port` 0 takes a free one, which is kept from then on.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        port: int = 0,
        username: str = "dialerd",
        secret: str = "dialerd",  # noqa: S107
        speed: float = 1.0,
        trail: Path | None = None,
    ) -> None:
        self.exchange = exchange
        self.host = LOOPBACK
        self.port = port
        self.username = username
        self.secret = secret
        self.started_at: Instant = exchange.now
        self.ignored: set[str] = set()
        """Names of actions that arrive and are neither carried out nor answered."""
        self.unanswered: set[str] = set()
        """Names of actions that are carried out and whose answers get lost."""
        self._speed = speed
        self._trail_path = trail
        self._trail: TextIO | None = None
        self._sessions: set[Session] = set()
        self._server: asyncio.Server | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._anchor: tuple[Instant, float] | None = None
        self._frozen = False
        exchange.listen(self._tell)

    # --- life --------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Let time pass and take connections."""
        loop = asyncio.get_running_loop()
        self._anchor = self._anchor or (self.exchange.now, loop.time())
        self.started_at = self._virtual_now()
        if self._trail_path is not None:
            self._trail = self._trail_path.open("a", encoding="utf-8", buffering=1)
            self.exchange.write_trail(self._trail.write)
        self.catch_up()
        self._server = await loop.create_server(lambda: Session(self), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self.plan_ahead()

    async def stop(self) -> None:
        """End every connection and let time stand still."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        self.drop_connections()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        if self._trail is not None:
            self.exchange.write_trail(None)
            self._trail.close()
            self._trail = None

    @property
    def uptime_s(self) -> int:
        """How long it has been up."""
        return (self.exchange.now - self.started_at) // SECOND_MS

    @property
    def connections(self) -> int:
        """How many clients are connected, logged in or not."""
        return len(self._sessions)

    # --- faults ------------------------------------------------------------------------------------------

    def drop_connections(self) -> None:
        """Break every connection; the calls go on."""
        for session in tuple(self._sessions):
            if session.transport is not None:
                session.transport.abort()

    def freeze(self) -> None:
        """Read nothing, say nothing and let nothing happen, with all connections open."""
        self._frozen = True
        if self._wake is not None:
            self._wake.cancel()
        for session in self._sessions:
            if session.transport is not None:
                session.transport.pause_reading()

    def thaw(self) -> None:
        """Go on; what should have happened meanwhile happens now."""
        self._frozen = False
        for session in tuple(self._sessions):
            if session.transport is not None and not session.transport.is_reading():
                if not session.greeted:
                    session.greet()
                session.transport.resume_reading()
        self.catch_up()
        self.plan_ahead()

    async def die(self) -> None:
        """Be killed: connections break, calls and added members are forgotten, the port is closed."""
        self.exchange.crash()
        await self.stop()

    async def come_back(self) -> None:
        """Start anew on the same port after a death."""
        await self.start()

    # --- time --------------------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Let everything happen that is due by now."""
        if not self._frozen and self._anchor is not None:
            self.exchange.kernel.run_until(self._virtual_now())

    def plan_ahead(self) -> None:
        """Wake up again when the next thing is due."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        due = self.exchange.kernel.next_at
        if due is None or self._frozen or self._anchor is None or self._server is None:
            return
        began_at, began_s = self._anchor
        when_s = began_s + (due - began_at) / SECOND_MS / self._speed
        self._wake = asyncio.get_running_loop().call_at(when_s, self._go_on)

    def _go_on(self) -> None:
        self.catch_up()
        self.plan_ahead()

    def _virtual_now(self) -> Instant:
        if self._anchor is None:
            return self.exchange.now
        began_at, began_s = self._anchor
        passed_s = asyncio.get_running_loop().time() - began_s
        return began_at + int(passed_s * SECOND_MS * self._speed + 1e-6)

    # --- sessions ----------------------------------------------------------------------------------------

    def welcome(self, session: Session) -> None:
        """Take a new client in."""
        self._sessions.add(session)
        if self._frozen:
            if session.transport is not None:
                session.transport.pause_reading()
        else:
            session.greet()

    def farewell(self, session: Session) -> None:
        """Forget a client that has gone."""
        self._sessions.discard(session)

    def _tell(self, name: str, fields: Fields) -> None:
        hearers = [session for session in self._sessions if session.hears]
        if hearers:
            data = wire.event(name, fields)
            for session in hearers:
                session.write(data)


def real_time(scenario: Scenario, *, prefix: str = "dlr-") -> Exchange:
    """Return an exchange whose virtual time begins now."""
    return Exchange(Kernel(time.time_ns() // 1_000_000), scenario, prefix=prefix)
