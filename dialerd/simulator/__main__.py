"""The command line of the embedded PBX."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dialerd.simulator.callees import HOUSEHOLDS, ByNumber
from dialerd.simulator.pbx import Pbx, real_time
from dialerd.simulator.scenario import Scenario, demo


def main(arguments: Sequence[str] | None = None) -> int:
    """Run an embedded PBX until it is told to end; its first line of output is its port."""
    options = _parser().parse_args(arguments)
    asyncio.run(_serve(options))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dialerd.simulator", description="A simulated Asterisk with agents and callees."
    )
    parser.add_argument("--port", type=int, default=0, help="TCP port on the loopback, 0 for a free one")
    parser.add_argument("--username", default="dialerd")
    parser.add_argument("--secret", default="dialerd")
    parser.add_argument("--agents", type=int, default=20, help="members of the queue, PJSIP/1001 and up")
    parser.add_argument("--queue", default="sales")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster people are")
    choice = ("households", "digits")
    parser.add_argument(
        "--callees", choices=choice, default=choice[0], help="by chance, or by the last two digits"
    )
    parser.add_argument("--dead-trunk", action="append", default=[], metavar="NAME")
    parser.add_argument("--prefix", default="dlr-", help="how the ids of the calls begin that are told of")
    parser.add_argument("--trail", type=Path, help="append the channel trail to this file")
    return parser


def scenario_of(options: argparse.Namespace) -> Scenario:
    """Return the world that the options describe."""
    world = demo(options.speed, options.agents, options.seed, options.queue)
    callees = HOUSEHOLDS if options.callees == "households" else ByNumber()
    return replace(world, callees=callees, dead_trunks=frozenset(options.dead_trunk))


async def _serve(options: argparse.Namespace) -> None:
    exchange = real_time(scenario_of(options), prefix=options.prefix)
    pbx = Pbx(
        exchange, port=options.port, username=options.username, secret=options.secret, trail=options.trail
    )
    ends = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ends.set)
    await pbx.start()
    sys.stdout.write(f"{pbx.port}\n")
    sys.stdout.flush()
    await ends.wait()
    await pbx.stop()


if __name__ == "__main__":
    raise SystemExit(main())
