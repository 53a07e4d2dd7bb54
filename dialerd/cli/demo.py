"""The demo: the real daemon dials a sample list through the embedded PBX, and the report is printed."""

import contextlib
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from dialerd.control.client import Client

AGENTS = 20
SPEED = 10
"""Ringing and talking take a tenth of their time; the two-second limit stays what it is."""

LONGEST_S = 300.0
START_S = 30.0
LOOK_EVERY_S = 0.5
LINE_EVERY_S = 5.0
END_S = 20.0

CONFIG = """\
asterisk:
  host: 127.0.0.1
  port: {port}
  username: dialerd
  secret_file: {folder}/ami.secret
  trail: {folder}/trail.csv
state:
  database: {folder}/dialerd.db
control:
  socket: {folder}/control.sock
limits:
  channels: 60
  calls_per_second: 20
trunks:
  carrier:
    dial: PJSIP/{{number}}@carrier
    channels: 60
    calls_per_second: 20
queues:
  sales:
    wrapup: 2s
caller_ids:
  office:
    name: Demo
    numbers: ["+12025550100", "+12025550101"]
"""

CAMPAIGN = """\
name: demo
list: people
queue: sales
trunk: carrier
caller_ids: office
ring_timeout: 5s
pacing: {method: ratio, level: 3}
retry:
  busy: {count: 1, every: 5s}
  no_answer: never
  unreachable: never
  congestion: {count: 1, every: 5s}
"""


@click.command()
def main() -> None:
    """Run a campaign of fictional people from its import to its report."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="dialerd-demo-")))
        demo = Demo(folder, held)
        demo.start()
        demo.dial()
        demo.finish()


class Demo:
    """One run, in a folder of its own; everything it starts ends with `held`."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self._folder = folder
        self._held = held
        self._environ = {**os.environ, "DIALERD_SOCKET": str(folder / "control.sock")}

    def start(self) -> None:
        """Start PBX and daemon, and wait until the daemon says that it is ready."""
        trail = str(self._folder / "trail.csv")
        options = ("--agents", str(AGENTS), "--speed", str(SPEED), "--trail", trail)
        pbx = self._begin("dialerd.simulator", *options, stdout=subprocess.PIPE)
        assert pbx.stdout is not None
        port = int(pbx.stdout.readline())
        click.echo(
            f"embedded PBX on 127.0.0.1:{port}: {AGENTS} agents, people {SPEED} times as fast as real ones"
        )
        self._write("ami.secret", "dialerd", 0o600)
        config = self._write("dialerd.yaml", CONFIG.format(port=port, folder=self._folder))
        self._write("campaign.yaml", CAMPAIGN)
        ready = self._listen_for_ready()
        self._begin("dialerd.daemon.main", "--config", str(config), stderr=self._log())
        if b"READY=1" not in ready.recv(4096):
            self._give_up("the daemon did not start")

    def dial(self) -> None:
        """Import the list, start the campaign, and show it until it is finished."""
        people = str(files("dialerd.simulator") / "samples" / "people.csv")
        self._dialerctl("list", "import", "people", people)
        self._dialerctl("campaign", "apply", str(self._folder / "campaign.yaml"), "--start")
        begun = time.monotonic()
        with Client(self._environ["DIALERD_SOCKET"]) as client, _screen() as show:
            while True:
                status, report = client.ask("status", {}), client.ask("report", {"name": "demo"})
                elapsed_s = time.monotonic() - begun
                show(elapsed_s, status, report)
                if status["campaigns"][0]["state"] == "finished":
                    return
                if elapsed_s > LONGEST_S:
                    self._give_up(f"the campaign was not finished after {LONGEST_S:.0f} s")
                time.sleep(LOOK_EVERY_S)

    def finish(self) -> None:
        """Print the report, and why nobody is called any more."""
        self._dialerctl("report", "demo")
        self._dialerctl("campaign", "why", "demo")

    def _dialerctl(self, *words: str) -> None:
        shown = [word.replace(str(self._folder) + "/", "") for word in words]
        click.echo(f"\n$ dialerctl {shlex.join(Path(w).name if '/' in w else w for w in shown)}")
        command = [sys.executable, "-m", "dialerd.cli.main", *words]
        if subprocess.run(command, env=self._environ, check=False).returncode:
            self._give_up("the command failed")

    def _begin(self, module: str, *options: str, **pipes: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", module, *options], env=self._environ, **pipes)
        self._held.callback(_end, process)
        return process

    def _write(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self._folder / name
        path.touch(mode)
        path.write_text(text)
        return path

    def _log(self) -> Any:
        return self._held.enter_context((self._folder / "daemon.log").open("wb"))

    def _listen_for_ready(self) -> socket.socket:
        """Return the socket on which the daemon tells, as it tells systemd, that it is ready."""
        path = str(self._folder / "ready.sock")
        ready = self._held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        ready.settimeout(START_S)
        ready.bind(path)
        self._environ["NOTIFY_SOCKET"] = path
        return ready

    def _give_up(self, why: str) -> None:
        log = self._folder / "daemon.log"
        tail = log.read_text(errors="replace")[-3000:] if log.exists() else ""
        raise click.ClickException(f"{why}\n{tail}")


@contextlib.contextmanager
def _screen() -> Iterator[Any]:
    """Give a function that shows progress: a live panel in a terminal, else a line now and then."""
    if not sys.stdout.isatty():
        yield _Lines().show
        return
    from rich.live import Live

    with Live(auto_refresh=False) as live:
        yield lambda *facts: live.update(_panel(*facts), refresh=True)


class _Lines:
    """A plain line every few seconds."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def show(self, elapsed_s: float, status: Mapping[str, Any], report: Mapping[str, Any]) -> None:
        campaign = status["campaigns"][0]
        if elapsed_s < self._next_s and campaign["state"] != "finished":
            return
        self._next_s = elapsed_s + LINE_EVERY_S
        facts = _facts(elapsed_s, status, report)
        click.echo("  ".join(f"{name} {value}" for name, value in facts.items()))


def _facts(elapsed_s: float, status: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, str]:
    """Return what there is to see, in the order in which it is shown."""
    targets, queue, calls = report["targets"], status["queues"].get("sales", {}), status["calls"]
    done, known = targets.get("done", 0), sum(targets.values())
    return {
        "time": f"{int(elapsed_s) // 60}:{int(elapsed_s) % 60:02d}",
        "people": f"{done}/{known}",
        "calls": _counts(calls),
        "agents": _counts(queue),
        "outcomes": _counts(report["outcomes"]),
    }


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(numbers.items()) if count) or "none"


def _panel(elapsed_s: float, status: Mapping[str, Any], report: Mapping[str, Any]) -> Any:
    from rich.panel import Panel
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    targets = report["targets"]
    grid = Table.grid(padding=(0, 2))
    for name, value in _facts(elapsed_s, status, report).items():
        grid.add_row(f"[bold]{name}", value)
    grid.add_row(
        "", ProgressBar(total=max(1, sum(targets.values())), completed=targets.get("done", 0), width=60)
    )
    campaign = status["campaigns"][0]
    grid.add_row("[bold]now", f"{campaign['state']}: {campaign['why']}")
    return Panel(grid, title="dialerd demo", width=100)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
