"""The control socket: who may connect, how much at a time, and what is written down of it."""

import asyncio
import contextlib
import os
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialerd.control import commands, wire
from dialerd.control.access import Access, Peer, peer_of
from dialerd.control.handlers import Door, answer
from dialerd.control.requests import Request, build, id_of, read_request
from dialerd.control.spec import Role, Spec
from dialerd.control.wire import Fault

_SOCKET_UMASK = 0o117
"""The socket is made with mode 0660; a mode set later would leave it open for a moment."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one caller, and all together, may take."""

    connections: int = 32
    connections_per_uid: int = 8
    between_s: float = 30.0
    """Seconds of silence between two requests."""
    line_s: float = 10.0
    """Seconds for a line to come in, or for an answer to be taken."""
    close_s: float = 2.0
    """Seconds that closing waits for commands under way."""


@dataclass(frozen=True, slots=True)
class Audited:
    """A command that changes something, as it is written down; `subject` is what it names."""

    uid: int
    pid: int
    role: str
    command: str
    subject: str
    result: str


Audit = Callable[[Audited], None]
OnFault = Callable[[str, Exception], None]
"""Told of a defect: the command's name, and what was raised."""


class SocketInUse(Exception):
    """Somebody listens on the socket already."""


class ControlServer:
    """Answers commands on a Unix socket. `access` may be replaced while it runs."""

    def __init__(
        self,
        path: Path,
        door: Door,
        access: Access,
        audit: Audit,
        on_fault: OnFault,
        *,
        group: int | None = None,
        limits: Limits = Limits(),
        peer_of: Callable[[socket.socket], Peer] = peer_of,
    ) -> None:
        self.access = access
        self._path = path
        self._door = door
        self._audit = audit
        self._on_fault = on_fault
        self._group = group
        self._limits = limits
        self._peer_of = peer_of
        self._specs = commands.by_method()
        self._open: dict[asyncio.StreamWriter, int] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._server: asyncio.Server | None = None
        self._inode = 0

    async def start(self) -> None:
        """Listen; raises `SocketInUse` when another daemon does, `OSError` when the path cannot be used."""
        listener = _bind(self._path, self._group)
        self._inode = self._path.stat().st_ino
        self._server = await asyncio.start_unix_server(
            self._connected, sock=listener, limit=wire.MOST_REQUEST_BYTES
        )

    async def close(self) -> None:
        """Listen no more, end all connections, and wait a moment for commands that are under way."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._open):
            writer.close()
        with contextlib.suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()
        self._server = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.close_s):
                await self._idle.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = self._peer_of(writer.get_extra_info("socket"))
        refusal = self._too_many(peer)
        self._open[writer] = peer.uid
        self._idle.clear()
        try:
            if refusal:
                await self._send(writer, wire.fault_line(None, refusal))
            else:
                await self._serve(reader, writer, peer)
        except (OSError, TimeoutError):
            pass  # the caller has gone, or is silent
        finally:
            writer.close()
            del self._open[writer]
            if not self._open:
                self._idle.set()

    def _too_many(self, peer: Peer) -> Fault | None:
        if len(self._open) >= self._limits.connections:
            return Fault(wire.BUSY, f"{self._limits.connections} connections are open; try again")
        if Counter(self._open.values())[peer.uid] >= self._limits.connections_per_uid:
            most = self._limits.connections_per_uid
            return Fault(wire.BUSY, f"you have {most} connections open; close one")
        return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: Peer) -> None:
        """Answer one line after the other until the caller leaves or falls silent."""
        while True:
            try:
                line = await self._line(reader)
            except asyncio.LimitOverrunError:
                fault = Fault(wire.INVALID_REQUEST, f"a line of more than {wire.MOST_REQUEST_BYTES} bytes")
                await self._send(writer, wire.fault_line(None, fault))
                return
            if not line:
                return
            await self._send(writer, await self._reply(line, peer))

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        """Return the next line, or b"" at the end; raises `TimeoutError` and `LimitOverrunError`."""
        try:
            async with asyncio.timeout(self._limits.between_s):
                first = await reader.readexactly(1)
            async with asyncio.timeout(self._limits.line_s):
                return first if first == b"\n" else first + await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return b""

    async def _send(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        writer.write(line)
        async with asyncio.timeout(self._limits.line_s):
            await writer.drain()

    async def _reply(self, line: bytes, peer: Peer) -> bytes:
        """Return the answer to one line, whatever the line is."""
        try:
            request = read_request(line)
        except Fault as fault:
            return wire.fault_line(id_of(line), fault)
        try:
            return wire.result_line(request.id, await self._carry_out(request, peer))
        except Fault as fault:
            return wire.fault_line(request.id, fault)
        except Exception as fault:  # a defect must not end the daemon, nor go unseen
            self._on_fault(request.method[:100], fault)
            return wire.fault_line(
                request.id, Fault(wire.INTERNAL_ERROR, "a defect; the daemon's log has it")
            )

    async def _carry_out(self, request: Request, peer: Peer) -> dict[str, Any]:
        spec = self._specs.get(request.method)
        if spec is None:
            meant = wire.unknown(request.method[:100], self._specs)
            raise Fault(wire.METHOD_NOT_FOUND, f"no method {request.method[:100]!a}; {meant}")
        role = self.access.role(peer)
        if not spec.changes:
            _require(role, spec)
            return await answer(build(spec, request.params), self._door)
        return await self._carry_out_audited(spec, request, peer, role)

    async def _carry_out_audited(
        self, spec: Spec, request: Request, peer: Peer, role: Role | None
    ) -> dict[str, Any]:
        result = "failed"
        try:
            _require(role, spec)
            reply = await answer(build(spec, request.params), self._door)
            result = "done"
        except Fault as fault:
            result = f"refused: {fault.text[:200]}"
            raise
        else:
            return reply
        finally:
            subject = _subject(request)
            self._audit(Audited(peer.uid, peer.pid, _word(role), spec.name, subject, result))


def _require(role: Role | None, spec: Spec) -> None:
    if role is None:
        raise Fault(wire.NOT_PERMITTED, "you have no role here; ask to be made a member of one of its groups")
    if spec.role is None or role < spec.role:
        needed = _word(spec.role)
        raise Fault(wire.NOT_PERMITTED, f"`{spec.name}` needs the role {needed}; you are {_word(role)}")


def _word(role: Role | None) -> str:
    return role.name.lower() if role else "nobody"


def _subject(request: Request) -> str:
    named = request.params.get("name", request.params.get("filename", ""))
    return named[:64] if isinstance(named, str) else ""


def _bind(path: Path, group: int | None) -> socket.socket:
    """Return a bound socket of mode 0660; a file that a dead daemon left is replaced."""
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(_SOCKET_UMASK)
    try:
        listener.bind(str(path))
        if group is not None:
            os.chown(path, -1, group)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    return listener


def _remove_stale(path: Path) -> None:
    """Remove the socket's file if nobody listens on it; a file of another kind stays where it is."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except FileNotFoundError:
            return
    raise SocketInUse(f"another daemon listens on {path}")
