"""A server on a socket in a short temporary folder, and lines to and from it."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from dialerd.control.access import Access, Peer
from dialerd.control.server import Audited, ControlServer, Limits
from dialerd.control.spec import Role
from tests.control.plant import Plant

GROUP_OF = {Role.ADMIN: 101, Role.OPERATOR: 102, Role.VIEWER: 103}
USUAL = Limits()
ACCESS = Access(900, frozenset({101}), frozenset({102}), frozenset({103}))


class Line:
    """One connection that speaks lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, line: bytes) -> Any:
        """Send a line and return what comes back, None at the end."""
        self.writer.write(line)
        return await self.hear()

    async def hear(self) -> Any:
        line = await self.reader.readline()
        return json.loads(line) if line else None

    async def ask(self, method: str, **params: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        return await self.say(json.dumps(request).encode() + b"\n")


class House:
    """The server, what is behind it, and what it told."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.plant = Plant()
        self.audited: list[Audited] = []
        self.defects: list[tuple[str, Exception]] = []
        self.role: Role | None = Role.ADMIN
        self.uid = 1000
        self.server = ControlServer(
            path,
            self.plant,
            ACCESS,
            self.audited.append,
            lambda method, fault: self.defects.append((method, fault)),
            limits=limits,
            peer_of=lambda _: Peer(4711, self.uid, frozenset({GROUP_OF[self.role]} if self.role else ())),
        )

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        reader, writer = await asyncio.open_unix_connection(str(self.path), limit=2**24)
        try:
            yield Line(reader, writer)
        finally:
            writer.close()


class OpenHouse(Protocol):
    def __call__(self, limits: Limits = ...) -> AbstractAsyncContextManager[House]: ...


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="dlr-") as name:
        yield Path(name)


@pytest.fixture
def open_house(folder: Path) -> OpenHouse:
    @asynccontextmanager
    async def open_(limits: Limits = USUAL) -> AsyncIterator[House]:
        house = House(folder / "control.sock", limits)
        await house.server.start()
        try:
            yield house
        finally:
            await house.server.close()

    return open_


@pytest.fixture
async def house(open_house: OpenHouse) -> AsyncIterator[House]:
    async with open_house() as house:
        yield house
