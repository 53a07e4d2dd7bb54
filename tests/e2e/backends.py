"""What a daemon can be put beside: the simulated PBX or a real Asterisk, with the same people to call."""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from dialerd.simulator.callees import ByNumber
from dialerd.simulator.durations import Fixed
from dialerd.simulator.pbx import Pbx, real_time
from dialerd.simulator.scenario import Habits, QueueRules, Scenario, Staff
from tests.e2e.daemon import Daemon
from tests.lab.asterisk import SECRET as LAB_SECRET
from tests.lab.fixtures import Lab, start_lab, stop_lab
from tests.lab.programs import Programs

TALK_S = 1.0


class Backend(Protocol):
    """An Asterisk, or something that speaks as one."""

    ami_port: int
    trail: Path
    secret: str
    trunk: str

    def dialled(self) -> Counter[str]:
        """How often each number was called, by the carrier's own count."""

    def die(self) -> None:
        """Be killed; calls are forgotten."""

    def come_back(self) -> None:
        """Start again."""


class Simulated:
    """The embedded PBX, in a thread with a loop of its own."""

    secret = "dialerd"
    trunk = "trunk"

    def __init__(self, folder: Path) -> None:
        self.trail = folder / "trail.csv"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pbx")
        self._thread.start()
        self._pbx = Pbx(real_time(_world()), trail=self.trail)
        self._wait(self._pbx.start())
        self.ami_port = self._pbx.port

    def dialled(self) -> Counter[str]:
        return Counter(self._pbx.exchange.dialled)

    def die(self) -> None:
        self._wait(self._pbx.die())

    def come_back(self) -> None:
        self._wait(self._pbx.come_back())

    def drop_connections(self) -> None:
        self._loop.call_soon_threadsafe(self._pbx.drop_connections)

    def close(self) -> None:
        self._wait(self._pbx.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


class Real:
    """A real Asterisk with SIPp as its carrier."""

    secret = LAB_SECRET

    def __init__(self, lab: Lab, trunk: str) -> None:
        self._lab = lab
        self.trunk = trunk
        self.trail = lab.asterisk.cel_file
        self.ami_port = lab.asterisk.ami_port

    def dialled(self) -> Counter[str]:
        return self._lab.carrier.invites()

    def die(self) -> None:
        self._lab.asterisk.kill()

    def come_back(self) -> None:
        self._lab.asterisk.start()


@contextmanager
def simulated(folder: Path) -> Iterator[Backend]:
    """Run the simulated PBX."""
    backend = Simulated(folder)
    try:
        yield backend
    finally:
        backend.close()


@contextmanager
def real(programs: Programs, folder: Path, talk_s: float = TALK_S) -> Iterator[Backend]:
    """Run a real Asterisk."""
    lab = start_lab(programs, folder, talk_s=talk_s)
    try:
        yield Real(lab, "trunk")
    finally:
        stop_lab(lab)


@contextmanager
def daemon_beside(backend: Backend, folder: Path) -> Iterator[Daemon]:
    """Run a daemon whose Asterisk is the backend."""
    daemon = Daemon(folder, backend.ami_port, backend.trail, backend.secret, backend.trunk)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop(patience_s=20)


def _world() -> Scenario:
    habits = Habits(pickup=Fixed(200), talk=Fixed(round(TALK_S * 1000)))
    return Scenario(
        callees=ByNumber(),
        staff=(
            Staff(20, ("sales",), first=2001, habits=habits),
            Staff(5, ("support",), first=2101, habits=habits),
            Staff(2, ("wrap",), first=2201, habits=habits),
        ),
        queues=(QueueRules("sales"), QueueRules("support"), QueueRules("wrap", wrapup_s=2)),
        trunks=("trunk", "deadtrunk"),
        dead_trunks=frozenset({"deadtrunk"}),
    )
