"""A blocking connection to the daemon, for dialerctl: quick to load and enough for one question at a time."""

import _socket  # what `socket` is made of: that spends longer on naming its constants than a question takes
from collections.abc import Mapping
from typing import Any, NoReturn, Self

from dialerd.control.wire import (
    INVALID_PARAMS,
    MOST_REPLY_BYTES,
    MOST_REQUEST_BYTES,
    NOT_PERMITTED,
    Fault,
    read_reply,
    request_line,
)

ANSWER_S = 60.0
"""How long an answer may take; the daemon answers within milliseconds unless its disk stands still."""

_BLOCK_BYTES = 64 * 1024


class Unreachable(Exception):
    """No daemon answers at the socket; the text says what to do."""


class Client:
    """One connection; requests are answered in the order in which they are sent."""

    def __init__(self, path: str, answer_s: float = ANSWER_S) -> None:
        self._path = path
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._socket.settimeout(answer_s)
        self._received = b""
        self._sent = 0
        try:
            self._socket.connect(path)
        except OSError as fault:
            self._socket.close()
            raise _no_connection(path, fault) from None

    def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Return the answer to one request; raises `Fault` or `Unreachable`."""
        self.send(method, params)
        return self.receive()

    def send(self, method: str, params: Mapping[str, Any]) -> None:
        """Send a request whose answer is fetched by `receive`."""
        self.send_line(self.line(method, params))

    def line(self, method: str, params: Mapping[str, Any]) -> bytes:
        """Return the request as `send` would send it."""
        return request_line(self._sent + 1, method, params)

    def send_line(self, line: bytes) -> None:
        """Send a request made by `line` since the last one was sent."""
        if len(line) > MOST_REQUEST_BYTES:
            raise Fault(INVALID_PARAMS, f"the request is too large: {MOST_REQUEST_BYTES} bytes are the most")
        self._sent += 1
        try:
            self._socket.sendall(line)
        except OSError as fault:
            self.receive()  # what the daemon said before it closed the connection, if anything
            self._lose(fault)

    def receive(self) -> Any:
        """Return the next answer; raises `Fault` or `Unreachable`."""
        received, length = [self._received], 0
        while b"\n" not in received[-1]:
            received.append(self._block())
            length += len(received[-1])
            if length > MOST_REPLY_BYTES:
                self._lose(None)
        line, _, self._received = b"".join(received).partition(b"\n")
        return read_reply(line)

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _block(self) -> bytes:
        try:
            block = self._socket.recv(_BLOCK_BYTES)
        except OSError as fault:
            self._lose(fault)
        return block or self._lose(None)

    def _lose(self, fault: OSError | None) -> NoReturn:
        why = "no answer in time" if isinstance(fault, TimeoutError) else "the connection ended"
        raise Unreachable(
            f"{why} at {self._path}; whether the command was carried out is not known, so look first"
        )


def _no_connection(path: str, fault: OSError) -> Exception:
    if isinstance(fault, PermissionError):
        return Fault(NOT_PERMITTED, f"not permitted to use {path}; ask to be made a member of its group")
    return Unreachable(
        f"no daemon at {path} ({fault.strerror or fault});"
        " is it running? see `systemctl status dialerd`, or name another --socket"
    )
