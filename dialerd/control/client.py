"""A blocking connection to the daemon, for dialerctl: quick to load and enough for one question at a time."""

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from dialerd.control.wire import (
    MOST_REPLY_BYTES,
    MOST_REQUEST_BYTES,
    NOT_PERMITTED,
    Fault,
    read_reply,
    request_line,
)

ANSWER_S = 60.0
"""How long an answer may take; the daemon answers within milliseconds unless its disk stands still."""


class Unreachable(Exception):
    """No daemon answers at the socket; the text says what to do."""


class Client:
    """One connection; requests are answered in the order in which they are sent."""

    def __init__(self, path: str, answer_s: float = ANSWER_S) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(answer_s)
        self._sent = 0
        try:
            self._socket.connect(path)
        except PermissionError:
            self._socket.close()
            text = f"not permitted to use {path}; ask to be made a member of its group"
            raise Fault(NOT_PERMITTED, text) from None
        except OSError as fault:
            self._socket.close()
            raise Unreachable(
                f"no daemon at {path} ({fault.strerror or fault});"
                " is it running? see `systemctl status dialerd`, or name another --socket"
            ) from None
        self._lines = self._socket.makefile("rb")

    def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Return the answer to one request; raises `Fault` or `Unreachable`."""
        self.send(method, params)
        return self.receive()

    def send(self, method: str, params: Mapping[str, Any]) -> None:
        """Send a request whose answer is fetched by `receive`."""
        self.send_line(self.line(method, params))

    def line(self, method: str, params: Mapping[str, Any]) -> bytes:
        """Return the request as a line; its length can be looked at before it is sent."""
        return request_line(self._sent + 1, method, params)

    def send_line(self, line: bytes) -> None:
        """Send a line made by `line`."""
        if len(line) > MOST_REQUEST_BYTES:
            raise Fault(-32602, f"the request is too large: at most {MOST_REQUEST_BYTES} bytes are taken")
        self._sent += 1
        try:
            self._socket.sendall(line)
        except OSError as fault:
            self._explain(fault)

    def receive(self) -> Any:
        """Return the next answer; raises `Fault` or `Unreachable`."""
        try:
            line = self._lines.readline(MOST_REPLY_BYTES)
        except OSError as fault:
            raise Unreachable(self._lost(fault)) from None
        if not line.endswith(b"\n"):
            raise Unreachable(self._lost(None))
        return read_reply(line)

    def close(self) -> None:
        """Let go of the connection."""
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _explain(self, fault: OSError) -> None:
        """Raise what the daemon said before it closed the connection, if anything, else `Unreachable`."""
        self.receive()
        raise Unreachable(self._lost(fault))

    def _lost(self, fault: OSError | None) -> str:
        why = "no answer in time" if isinstance(fault, TimeoutError) else "the connection ended"
        return f"{why} at {self._path}; whether the command was carried out is not known, so look first"
