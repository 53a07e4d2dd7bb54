"""What receiving one event from Asterisk costs: the floor, panoramisk as shipped, and dialerd.

A server in its own process writes the events of many interleaved calls as fast as they are read. Each way of
receiving reads the same stream in turn, in this process, whose CPU time (user and system) is counted.

    python benchmarks/ami_receive.py [--quick] [--check]
"""

import argparse
import asyncio
import contextlib
import random
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import panoramisk

from dialerd.adapters.asterisk.frames import Frame
from dialerd.adapters.asterisk.manager import AmiLink, LinkSettings, LinkState

FLOOR_GOAL, STOCK_GOAL = 3.0, 1 / 10
"""What we promise; `--check` fails above 3.5 and 1/8, since the machine may be shared."""
FLOOR_LIMIT, STOCK_LIMIT = 3.5, 1 / 8

WANTED = {
    "Newchannel": ("Uniqueid", "Channel"),
    "DialState": ("DestUniqueid", "DialStatus"),
    "OriginateResponse": ("ActionID", "Response", "Reason"),
    "HangupRequest": ("Uniqueid",),
    "Hangup": ("Uniqueid", "Cause", "TechCause"),
    "UserEvent": ("Uniqueid", "UserEvent"),
    "QueueCallerJoin": ("Uniqueid", "Queue"),
    "QueueCallerAbandon": ("Uniqueid",),
    "AgentCalled": ("Uniqueid", "Interface"),
    "AgentConnect": ("Uniqueid", "Interface"),
    "AgentComplete": ("Uniqueid", "Reason"),
    "QueueMemberStatus": ("Interface", "Status", "Paused"),
}
"""The events that a dialer acts on, and the fields that it reads of them."""

CALL = (
    *(
        "Newchannel",
        "VarSet",
        "VarSet",
        "NewCallerid",
        "NewConnectedLine",
        "NewExten",
        "DialBegin",
        "DeviceStateChange",
    ),
    *(
        "VarSet",
        "VarSet",
        "DialState",
        "Newstate",
        "RTCPSent",
        "RTCPReceived",
        "RTCPSent",
        "VarSet",
        "Newexten",
    ),
    *(
        "OriginateResponse",
        "DialEnd",
        "Newexten",
        "UserEvent",
        "Newexten",
        "VarSet",
        "QueueCallerJoin",
        "VarSet",
    ),
    *("AgentCalled", "QueueMemberStatus", "AgentConnect", "BridgeEnter", "RTCPReceived", "AgentComplete"),
    *("BridgeLeave", "Newexten", "HangupRequest", "SoftHangupRequest", "Hangup"),
)
"""What Asterisk says of one call to a user who reads every class."""


def event(name: str, call: int) -> bytes:
    """Return one event of a call with the fields that Asterisk gives a channel's event."""
    call_id = f"dlr-abcdef-{call:026d}"
    headers = {
        "Event": name,
        "Privilege": "call,all",
        "Timestamp": f"{1795387785 + call}.175678",
        "Channel": f"PJSIP/trunk-{call:08x}",
        "ChannelState": "6",
        "ChannelStateDesc": "Up",
        "CallerIDNum": "15550199",
        "CallerIDName": "Acme",
        "ConnectedLineNum": "<unknown>",
        "ConnectedLineName": "<unknown>",
        "Language": "en",
        "AccountCode": "spring",
        "Context": "dialerd",
        "Exten": "hold",
        "Priority": "1",
        "Uniqueid": call_id,
        "Linkedid": call_id,
        "Response": "Success" if name == "OriginateResponse" else "",
        "Cause": "16" if name == "Hangup" else "",
        "UserEvent": "DialerAnswered" if name == "UserEvent" else "",
        "Interface": "PJSIP/1001" if name.startswith(("Agent", "Queue")) else "",
    }
    lines = [f"{key}: {value}" for key, value in headers.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def stream(calls: int) -> bytes:
    """Return the events of many calls, sixty at a time and interleaved."""
    order = random.Random(1)
    events: list[bytes] = []
    for first in range(0, calls, 60):
        todo = {call: iter(CALL) for call in range(first, min(first + 60, calls))}
        while todo:
            call = order.choice(list(todo))
            name = next(todo[call], None)
            if name is None:
                del todo[call]
            else:
                events.append(event(name, call))
    return b"".join(events)


def serve(calls: int) -> None:
    """Print a port; to each client there answer the login and write the stream."""
    data = stream(calls) + b"Event: BenchmarkEnd\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                answer(client, data)


def answer(client: socket.socket, data: bytes) -> None:
    """Accept the login, write the stream and wait until the client goes."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += client.recv(4096)
    action_id = next(line for line in said.split(b"\r\n") if line.startswith(b"ActionID"))
    client.sendall(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n" + action_id + b"\r\n\r\n" + data)
    while client.recv(4096):
        pass


class Floor(asyncio.Protocol):
    """Splits at the blank lines and counts."""

    def __init__(self, done: asyncio.Event) -> None:
        self.events = 0
        self._done = done
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"Action: Login\r\nActionID: 1\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        parts = (self._rest + data).split(b"\r\n\r\n")
        self._rest = parts.pop()
        self.events += len(parts)
        if parts and parts[-1] == b"Event: BenchmarkEnd":
            self._done.set()


async def floor(port: int) -> int:
    """Receive with no more than a split."""
    done = asyncio.Event()
    transport, protocol = await asyncio.get_running_loop().create_connection(
        lambda: Floor(done), "127.0.0.1", port
    )
    await done.wait()
    transport.close()
    return protocol.events - 1


async def stock(port: int) -> int:
    """Receive with panoramisk as it is shipped."""
    done = asyncio.Event()
    seen: Counter[str] = Counter()
    manager = panoramisk.Manager(host="127.0.0.1", port=port, username="u", secret="s")

    def take(_manager: Any, message: Any) -> None:
        seen[message.event] += 1
        for field in WANTED[message.event]:
            message.get(field, "")

    for name in WANTED:
        manager.register_event(name, take)
    manager.register_event("BenchmarkEnd", lambda _manager, _message: done.set())
    await manager.connect()
    await done.wait()
    manager.close()
    return seen.total()


class Clock:
    """The machine's clock."""

    def now(self) -> int:
        return 0

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def ours(port: int) -> int:
    """Receive with dialerd's link."""
    seen: Counter[str] = Counter()

    def take(frame: Frame) -> None:
        name = frame.name
        fields = WANTED.get(name)
        if fields is not None:
            seen[name] += 1
            for field in fields:
                frame.get(field)
        elif name == "BenchmarkEnd":
            link.close()

    settings = LinkSettings("127.0.0.1", port, "u", "s")
    link = AmiLink(settings, Clock(), lambda: 0.5, take, lambda _state, _reason: None)
    await link.run()
    assert link.state is LinkState.CLOSED
    assert link.faults == 0, link.last_fault
    return seen.total()


WAYS: dict[str, Callable[[int], Awaitable[int]]] = {"floor": floor, "stock": stock, "dialerd": ours}


def measure(calls: int, rounds: int) -> dict[str, float]:
    """Return the median CPU microseconds for one event of the stream, for each way."""
    spent: dict[str, list[float]] = {name: [] for name in WAYS}
    command = [sys.executable, __file__, "--serve", str(calls)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            for _ in range(rounds):
                for name, way in WAYS.items():
                    spent[name].append(one(way, port, calls))
        finally:
            server.terminate()
    return {name: statistics.median(times) for name, times in spent.items()}


def one(way: Callable[[int], Awaitable[int]], port: int, calls: int) -> float:
    """Return the CPU microseconds for one event of the stream in one run."""
    begun = time.process_time()
    taken = asyncio.run(way(port))  # type: ignore[arg-type]
    spent = time.process_time() - begun
    assert taken in (calls * len(CALL) + 1, calls * sum(name in WANTED for name in CALL)), taken
    return spent * 1e6 / (calls * len(CALL))


def main() -> int:
    """Print one line for each figure; 1 if `--check` was given and a figure is far from its goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="less than 10 seconds")
    parser.add_argument("--check", action="store_true", help="fail when a figure is far from its goal")
    parser.add_argument("--serve", type=int, metavar="CALLS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    cost = measure(600, 5) if options.quick else measure(3000, 5)
    to_floor, to_stock = cost["dialerd"] / cost["floor"], cost["dialerd"] / cost["stock"]
    floor_cost, stock_cost = cost["floor"], cost["stock"]
    print(f"ami_receive_floor {floor_cost:.2f} us/event")
    print(f"ami_receive_stock {stock_cost:.2f} us/event", end=" ")
    print(f"(floor {floor_cost:.2f}, ratio {stock_cost / floor_cost:.1f})")
    print(f"ami_receive_dialerd {cost['dialerd']:.2f} us/event", end=" ")
    print(f"(floor {floor_cost:.2f}, ratio {to_floor:.2f}, goal {FLOOR_GOAL:g})")
    print(f"ami_receive_against_stock {to_stock:.3f} parts", end=" ")
    print(f"(stock {stock_cost:.2f}, ratio {to_stock:.3f}, goal {STOCK_GOAL:g})")
    failed = to_floor > FLOOR_LIMIT or to_stock > STOCK_LIMIT
    return int(options.check and failed)


if __name__ == "__main__":
    sys.exit(main())
