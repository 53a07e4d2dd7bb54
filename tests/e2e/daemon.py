"""The real daemon as a process, driven by its real command line."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dialerd.control.client import Client

START_S = 30.0
LOOK_EVERY_S = 0.1

CONFIG = """\
asterisk:
  host: 127.0.0.1
  port: {ami_port}
  username: dialerd
  secret_file: {folder}/ami.secret
  trail: {trail}
state:
  database: {folder}/dialerd.db
control:
  socket: {folder}/control.sock
limits:
  channels: 100
  calls_per_second: 100
trunks:
  carrier: {{dial: "PJSIP/{{number}}@{trunk}", channels: 100, calls_per_second: 100}}
  through_pbx: {{dial: "Local/{{number}}@lab-outbound", channels: 100, calls_per_second: 100}}
  dead: {{dial: "PJSIP/{{number}}@deadtrunk", channels: 100, calls_per_second: 100}}
  nosuch: {{dial: "PJSIP/{{number}}@nosuch", channels: 100, calls_per_second: 100}}
queues:
  sales: {{}}
  support: {{}}
  wrap: {{wrapup: 2s}}
caller_ids:
  office: {{name: Acme, numbers: ["+12025550100"]}}
log:
  format: plain
"""

CAMPAIGN = """\
name: {name}
list: {list}
queue: {queue}
trunk: {trunk}
caller_ids: office
ring_timeout: {ring_timeout}
pacing: {pacing}
retry: {retry}
"""


class Daemon:
    """One installation in a folder; it may be started, killed and started again."""

    def __init__(self, folder: Path, ami_port: int, trail: Path, secret: str, trunk: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "dialerd.yaml"
        self.config.write_text(CONFIG.format(ami_port=ami_port, folder=folder, trail=trail, trunk=trunk))
        secret_file = folder / "ami.secret"
        secret_file.touch(0o600)
        secret_file.write_text(secret)
        self.process: subprocess.Popen[bytes] | None = None

    # --- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and return when it says that it is ready."""
        path = self.folder / "ready.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.settimeout(LOOK_EVERY_S)
            ready.bind(str(path))
            self.process = self.spawn({"NOTIFY_SOCKET": str(path)})
            deadline = time.monotonic() + START_S
            while self.process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(TimeoutError):
                    assert b"READY=1" in ready.recv(4096)
                    return
        raise AssertionError(f"the daemon did not start:\n{self.log()}")

    def spawn(self, environ: Mapping[str, str] = {}) -> subprocess.Popen[bytes]:
        with (self.folder / "daemon.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dialerd.daemon.main", "--config", str(self.config)],
                stderr=log,
                env={**os.environ, **environ},
            )

    def kill(self) -> None:
        """End it at once, as a crash does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    def stop(self, patience_s: float = 90) -> int:
        """End it in order; return its exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(patience_s)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait(10)
            self.process = None

    def log(self) -> str:
        path = self.folder / "daemon.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- commands -------------------------------------------------------------------------------------

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run dialerctl as an operator does."""
        command = [sys.executable, "-m", "dialerd.cli.main", *words]
        environ = {**os.environ, "DIALERD_SOCKET": str(self.folder / "control.sock")}
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)

    def ctl(self, *words: str) -> Any:
        """Return the JSON answer of a command that must succeed."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}\n{self.log()[-3000:]}"
        return json.loads(done.stdout)

    def ask(self, method: str, **params: Any) -> Any:
        """Return the answer to one request over the socket: quicker than a command, for polling."""
        with Client(str(self.folder / "control.sock")) as client:
            return client.ask(method, params)

    def import_numbers(self, list_name: str, numbers: list[str], extra: str = "") -> Any:
        """Import a file of these numbers; `extra` is a column header and a value for all, as `CITY=Rome`."""
        header, _, value = extra.partition("=")
        lines = [
            ",".join(filter(None, ("number", header))),
            *(",".join(filter(None, (n, value))) for n in numbers),
        ]
        path = self.folder / f"{list_name}.csv"
        path.write_text("\n".join(lines) + "\n")
        return self.ctl("list", "import", list_name, str(path))

    def apply(self, name: str = "spring", start: bool = True, **rules: Any) -> Any:
        """Apply a campaign's file; what is not given has a value for tests."""
        defaults = {"list": "people", "queue": "sales", "trunk": "carrier", "ring_timeout": "5s"}
        flow = {"pacing": {"method": "progressive"}, "retry": {}, **rules}
        flow = {key: json.dumps(flow[key]) for key in ("pacing", "retry")}
        path = self.folder / f"{name}.yaml"
        path.write_text(CAMPAIGN.format(**{**defaults, **rules, **flow, "name": name}))
        return self.ctl("campaign", "apply", str(path), *(["--start"] if start else []))

    def attempts(self, **filters: Any) -> list[dict[str, Any]]:
        """Return every attempt, latest first."""
        rows: list[dict[str, Any]] = []
        after = ""
        while True:
            page = self.ask("attempts", limit=200, after=after, **filters)
            rows += page["attempts"]
            if page["next"] is None:
                return rows
            after = page["next"]

    def state(self, name: str = "spring") -> str:
        return str(self.ask("campaign.show", name=name)["state"])

    def until(self, what: str, holds: Callable[[], bool], limit_s: float) -> None:
        """Return when it holds; look again and again, since what is waited for is another process's doing."""
        deadline = time.monotonic() + limit_s
        while not holds():
            if time.monotonic() > deadline:
                status = json.dumps(self.ask("status"), indent=1)
                raise AssertionError(f"{what}: not in {limit_s} s\n{status}\n{self.log()[-4000:]}")
            time.sleep(LOOK_EVERY_S)

    def finish(self, name: str = "spring", limit_s: float = 60) -> None:
        """Return when the campaign is finished."""
        self.until(f"{name} finished", lambda: self.state(name) == "finished", limit_s)
