"""Tell systemd how the daemon is doing, by its notification protocol (see sd_notify(3))."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

_SEND_LIMIT_S = 0.2
"""The loop waits at most this long for systemd to take a message."""

_MOST_STATUS = 200
"""Characters of a status line: as much as `systemctl status` shows well."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Sends to the socket at `address`; an empty one means that nobody listens, and nothing is sent.

    Every method returns whether systemd took the message; a failure never stops the daemon.
    """

    address: str = ""

    def ready(self, status: str = "") -> bool:
        """Say that start or reload is done."""
        return self._send("READY=1", *_status(status))

    def reloading(self, monotonic_s: float, status: str = "") -> bool:
        """Say that a reload begins, at that time of the monotonic clock; `ready` says that it is done."""
        started = f"MONOTONIC_USEC={round(monotonic_s * 1_000_000)}"
        return self._send("RELOADING=1", started, *_status(status))

    def stopping(self, status: str = "") -> bool:
        """Say that the daemon is about to end."""
        return self._send("STOPPING=1", *_status(status))

    def alive(self) -> bool:
        """Feed the watchdog."""
        return self._send("WATCHDOG=1")

    def status(self, text: str) -> bool:
        """Show the text, as one line, in `systemctl status`."""
        return self._send(*_status(text))

    def _send(self, *assignments: str) -> bool:
        if not self.address or not assignments:
            return False
        message = "\n".join(assignments).encode("utf-8", "replace")
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.settimeout(_SEND_LIMIT_S)
                return sock.sendto(message, _socket_name(self.address)) == len(message)
        except OSError:
            return False


def notifier(environ: Mapping[str, str]) -> Notifier:
    """Return the notifier to whoever started us; one that sends nothing if that is not systemd."""
    address = environ.get("NOTIFY_SOCKET", "")
    return Notifier(address if address.startswith(("/", "@")) else "")


def watchdog_interval_s(environ: Mapping[str, str], pid: int | None = None) -> float | None:
    """Return after how many seconds the watchdog wants to be fed, None if there is none for us.

    It is half of the time after which systemd would end us, so that one late feed is no harm.
    """
    microseconds = environ.get("WATCHDOG_USEC", "")
    meant_for = environ.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or int(microseconds) == 0:
        return None
    if meant_for and meant_for != str(os.getpid() if pid is None else pid):
        return None
    return int(microseconds) / 2_000_000


def _status(text: str) -> tuple[str, ...]:
    """Return the assignment of a status line; a line break in it would begin another assignment."""
    line = " ".join(text.split())[:_MOST_STATUS]
    return (f"STATUS={line}",) if line else ()


def _socket_name(address: str) -> str:
    """Return the address as the kernel has it: an abstract one begins with a zero byte."""
    return "\0" + address[1:] if address.startswith("@") else address
