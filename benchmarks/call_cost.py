"""What a whole call costs the daemon: CPU of its process from the first order to the last, and its memory.

The real daemon dials through the simulated PBX, which is a process of its own, with every commit synced. The
floor is what Python needs to start and import the daemon, so that the figure is the calls' alone.

    python benchmarks/call_cost.py [--quick] [--check]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dialerd.control.client import Client

GOAL_MS = 4.0
"""CPU of one call, the kernel's share and synced commits included: 30 a second take an eighth of a core."""
RESIDENT_GOAL_MIB = 96.0
AGENTS, CHANNELS, RATE = 150, 500, 50
LIMIT_S = 300.0

CONFIG = """\
asterisk: {{port: {port}, secret_file: {folder}/secret, trail: {folder}/trail.csv}}
state: {{database: {folder}/dialerd.db}}
control: {{socket: {folder}/control.sock}}
limits: {{channels: {channels}, calls_per_second: {rate}}}
trunks:
  carrier: {{dial: "PJSIP/{{number}}@carrier", channels: {channels}, calls_per_second: {rate}}}
queues: {{sales: {{wrapup: 2s}}}}
caller_ids: {{office: {{numbers: ["+12025550100"]}}}}
log: {{level: info}}
"""

CAMPAIGN = """\
name: cost
list: people
queue: sales
trunk: carrier
caller_ids: office
ring_timeout: 5s
pacing: {method: ratio, level: 3}
retry: {busy: never, no_answer: never, unreachable: never, congestion: never, failed: never}
"""


@contextmanager
def child(
    *words: str, environ: dict[str, str] | None = None, **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of ours, and end it."""
    process = subprocess.Popen([sys.executable, "-m", *words], env={**os.environ, **(environ or {})}, **pipes)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(90)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of the process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Return the most memory that the process has held."""
    line = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


def run(folder: Path, people: int) -> tuple[float, float, float, int]:
    """Dial the people; return CPU seconds of start and of the calls, memory, and attempts made."""
    pbx_options = ("--agents", str(AGENTS), "--speed", "10", "--trail", str(folder / "trail.csv"))
    with child("dialerd.simulator", *pbx_options, stdout=subprocess.PIPE) as pbx:
        assert pbx.stdout is not None
        port = int(pbx.stdout.readline())
        (folder / "secret").touch(0o600)
        (folder / "secret").write_text("dialerd")
        config = folder / "dialerd.yaml"
        config.write_text(CONFIG.format(port=port, folder=folder, channels=CHANNELS, rate=RATE))
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready,
            (folder / "log").open("wb") as log,
        ):
            ready.bind(str(folder / "ready"))
            environ = {"NOTIFY_SOCKET": str(folder / "ready")}
            with child("dialerd.daemon.main", "--config", str(config), environ=environ, stderr=log) as daemon:
                ready.settimeout(30)
                assert b"READY" in ready.recv(4096)
                return measured(daemon.pid, folder / "control.sock", people)


def measured(pid: int, path: Path, people: int) -> tuple[float, float, float, int]:
    """Load, dial and wait for the end."""
    with Client(str(path)) as client:
        for first in range(0, people, 500):
            numbers = [f"+1303{2_000_000 + n:07d}" for n in range(first, min(people, first + 500))]
            rows = [[number, "Ann", "Rome"] for number in numbers]
            client.ask("list.load", {"name": "people", "columns": ["NAME", "CITY"], "rows": rows})
        started_s = cpu_s(pid)
        client.ask("campaign.apply", {"text": CAMPAIGN, "filename": "cost.yaml", "start": True})
        until = time.monotonic() + LIMIT_S
        while client.ask("campaign.show", {"name": "cost"})["state"] != "finished":
            assert time.monotonic() < until, json.dumps(client.ask("status", {}))
            time.sleep(1)
        attempts = client.ask("report", {"name": "cost"})["attempts"]
    return started_s, cpu_s(pid) - started_s, resident_mib(pid), attempts


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started_s, calls_s, mib, attempts = run(Path(folder), 150 if options.quick else 3000)
    per_call_ms = calls_s / attempts * 1000
    print(f"call_cpu {per_call_ms:.2f} ms (floor 0, attempts {attempts}, goal {GOAL_MS})")
    print(f"start_cpu {started_s:.2f} s (floor 0, with the import of the list)")
    print(f"resident {mib:.0f} MiB (floor 0, goal {RESIDENT_GOAL_MIB:.0f})")
    return int(options.check and (per_call_ms > GOAL_MS * 1.5 or mib > RESIDENT_GOAL_MIB))


if __name__ == "__main__":
    sys.exit(main())
