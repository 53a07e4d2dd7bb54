"""What systemd receives, on a real datagram socket."""

import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialerd.daemon.notify import Notifier, notifier, watchdog_interval_s


class Listener:
    """The receiving end, as systemd has it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        self._socket.settimeout(5)

    def next(self) -> list[str]:
        return self._socket.recv(4096).decode().split("\n")

    def fill(self) -> None:
        """Send until nothing more fits."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            try:
                while True:
                    sender.sendto(b"x" * 1000, self._socket.getsockname())
            except BlockingIOError:
                pass

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listener]:
    abstract = f"@dialerd-test-{secrets.token_hex(8)}"
    listener = Listener(abstract if request.param == "abstract" else str(tmp_path / "notify"))
    yield listener
    listener.close()


def test_each_stage_of_the_daemon_arrives(systemd: Listener) -> None:
    to_systemd = notifier({"NOTIFY_SOCKET": systemd.address})
    assert to_systemd.ready("2 campaigns running")
    assert systemd.next() == ["READY=1", "STATUS=2 campaigns running"]
    assert to_systemd.alive()
    assert systemd.next() == ["WATCHDOG=1"]
    assert to_systemd.reloading(12.345678)
    assert systemd.next() == ["RELOADING=1", "MONOTONIC_USEC=12345678"]
    assert to_systemd.ready()
    assert systemd.next() == ["READY=1"]
    assert to_systemd.stopping("draining, 3 calls left")
    assert systemd.next() == ["STOPPING=1", "STATUS=draining, 3 calls left"]


def test_a_status_stays_one_assignment_whatever_it_holds(systemd: Listener) -> None:
    assert Notifier(systemd.address).status("AMI: refused\nMAINPID=1\r\nREADY=1 \ud800")
    assert systemd.next() == ["STATUS=AMI: refused MAINPID=1 READY=1 ?"]


def test_a_long_status_is_cut(systemd: Listener) -> None:
    assert Notifier(systemd.address).status("x" * 10_000)
    assert systemd.next() == ["STATUS=" + "x" * 200]


def test_an_empty_status_is_not_sent(systemd: Listener) -> None:
    assert not Notifier(systemd.address).status(" \n ")


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_nothing_is_sent_where_nobody_listens(environ: dict[str, str]) -> None:
    silent = notifier(environ)
    assert not silent.ready()
    assert not silent.alive()
    assert not silent.stopping()


def test_a_vanished_systemd_does_not_stop_the_daemon(tmp_path: Path) -> None:
    assert not Notifier(str(tmp_path / "gone")).alive()


def test_a_systemd_that_reads_nothing_does_not_hold_up_the_loop(systemd: Listener) -> None:
    systemd.fill()
    assert not Notifier(systemd.address).alive()


@pytest.mark.parametrize(
    ("environ", "interval_s"),
    [
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"}, 15.0),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_fed_twice_in_its_time_if_it_is_ours(
    environ: dict[str, str], interval_s: float | None
) -> None:
    assert watchdog_interval_s(environ, pid=77) == interval_s
