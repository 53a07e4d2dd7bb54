"""The carrier and the agents' telephones, both played by SIPp."""

from collections import Counter
from pathlib import Path

from tests.lab.ports import free_udp_port
from tests.lab.process import ChildProcess
from tests.lab.programs import Programs
from tests.lab.scenarios import carrier_scenario, phones_scenario


class SippProcess:
    """One SIPp that answers calls by a scenario, on its own port, from start() to stop()."""

    def __init__(self, programs: Programs, folder: Path, scenario: str) -> None:
        self.port = free_udp_port()
        self._programs = programs
        self._folder = folder
        self._child: ChildProcess | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scenario.xml").write_text(scenario)

    def start(self) -> None:
        """Listen; returns when calls can come."""
        options = ["-i", "127.0.0.1", "-p", self.port, "-mp", free_udp_port(run=4), "-nostdin", "-nd"]
        logs = ["-trace_logs", "-log_file", "log.txt", "-trace_err", "-error_file", "errors.txt"]
        command = [self._programs.sipp, "-sf", "scenario.xml", *options, *logs]
        self._child = ChildProcess([str(word) for word in command], self._folder, "console.txt")
        self._child.await_true(self._listens, "SIPp's socket")

    def stop(self) -> None:
        """Vanish without a word to anyone."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _listens(self) -> bool:
        table = Path("/proc/net/udp").read_text()
        return f"0100007F:{self.port:04X}" in table

    def _lines(self) -> list[str]:
        log = self._folder / "log.txt"
        return log.read_text().split() if log.exists() else []


class Carrier(SippProcess):
    """The other end of the trunk; the last two digits of a number choose what it does (behaviours.py)."""

    def __init__(self, programs: Programs, folder: Path) -> None:
        super().__init__(programs, folder, carrier_scenario())

    def invites(self) -> Counter[str]:
        """How often each number was dialled so far: initial INVITEs, repeated packets not counted."""
        return Counter(self._lines())


class Phones(SippProcess):
    """Agents' telephones: extensions 10XX ring and answer, 11XX answer at once, 13XX ring for ever."""

    def __init__(self, programs: Programs, folder: Path) -> None:
        super().__init__(programs, folder, phones_scenario())
