"""What a question to the daemon costs at the shell: `dialerctl status`, beside Python and click alone.

CPU time (user and system) of whole processes, the least of several rounds in turn; with `--instructions` what
valgrind counts of them instead, which is the same on every run. A thread answers the question.

    python benchmarks/ctl_startup.py [--quick] [--check] [--instructions]
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

GOAL = 1.25
"""Times `import click`, which is what a command line made with click costs at least; in instructions."""

LEEWAY = 1.2
"""CPU times of so short a process are rough; `--check` allows as much more for them."""

ROUNDS, QUICK_ROUNDS = 25, 9

STATUS = {
    "now": "2026-11-23T12:00:00.000Z",
    "asterisk": {"up": True, "reason": "logged in", "reconciled": True},
    "database": {"writable": True, "reason": None},
    "draining": None,
    "calls": {"ringing": 12, "connected": 7},
    "campaigns": [
        {"campaign": f"campaign-{n}", "state": "running", "in_flight": n, "why": "calling"} for n in range(5)
    ],
    "queues": {"sales": {"available": 3, "talking": 7}},
    "trunks": {"main": {"in_use": 19, "channels": 30}},
}

PROGRAMS = {
    "python": ("-c", "pass"),
    "import_click": ("-c", "import click"),
    "dialerctl_help": ("-m", "dialerd.cli.main", "--help"),
    "dialerctl_status": ("-m", "dialerd.cli.main", "status"),
}


def answer(listener: socket.socket) -> None:
    """Answer each caller's one question until the listener is closed."""
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "result": STATUS}).encode() + b"\n"
    while True:
        try:
            caller, _ = listener.accept()
        except OSError:
            return
        with caller:
            if caller.recv(65_536):
                caller.sendall(line)


def cpu_ms(arguments: Sequence[str], environment: dict[str, str]) -> float:
    """Return the CPU milliseconds of one run."""
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def instructions(arguments: Sequence[str], environment: dict[str, str]) -> float:
    """Return the millions of instructions of one run."""
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    done = subprocess.run(
        [*valgrind, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found
    return int(found[1]) / 1e6


def measure(cost: Callable[[Sequence[str], dict[str, str]], float], rounds: int) -> dict[str, float]:
    """Return the least cost of each program; the first round only writes the compiled modules."""
    with tempfile.TemporaryDirectory(prefix="dlr-") as folder:
        path = Path(folder) / "control.sock"
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"DIALERD_SOCKET": str(path), "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            threading.Thread(target=answer, args=(listener,), daemon=True).start()
            for arguments in PROGRAMS.values():
                cpu_ms(arguments, environment)
            runs = [
                {name: cost(words, environment) for name, words in PROGRAMS.items()} for _ in range(rounds)
            ]
            listener.shutdown(socket.SHUT_RDWR)
    return {name: min(run[name] for run in runs) for name in PROGRAMS}


def main() -> int:
    """Print one line for each figure; 1 if `--check` was given and the figure is far from its goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="less than 5 seconds")
    parser.add_argument("--check", action="store_true", help="fail when a figure is far from its goal")
    parser.add_argument("--instructions", action="store_true", help="count instructions; needs valgrind")
    options = parser.parse_args()
    if options.instructions and shutil.which("valgrind") is None:
        parser.error("--instructions needs valgrind")
    if options.instructions:
        costs, unit, limit = measure(instructions, 1), "Minstr", GOAL
    else:
        costs, unit, limit = measure(cpu_ms, QUICK_ROUNDS if options.quick else ROUNDS), "ms", GOAL * LEEWAY
    floor = costs["import_click"]
    for name, cost in costs.items():
        goal = f", goal {GOAL}" if name == "dialerctl_status" else ""
        print(f"{name} {cost:.1f} {unit} (floor {floor:.1f}, ratio {cost / floor:.2f}{goal})")
    return int(options.check and costs["dialerctl_status"] / floor > limit)


if __name__ == "__main__":
    sys.exit(main())
