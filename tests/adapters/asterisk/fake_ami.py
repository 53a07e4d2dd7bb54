"""An AMI server on loopback that behaves as Asterisk's does, and misbehaves when told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
LIMIT_S = 10.0

Said = dict[str, str]
"""The headers of an action as Asterisk takes them: lines end at LF, of repeated headers the first counts."""


def message(*headers: tuple[str, str]) -> bytes:
    """Return one message as Asterisk writes it."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"


def event(name: str, **headers: str) -> bytes:
    """Return one event as Asterisk writes it."""
    return message(("Event", name), ("Privilege", "call,all"), *headers.items())


def parse_action(raw: bytes) -> Said:
    """Read an action as Asterisk does."""
    said: Said = {}
    for line in raw.replace(b"\r", b"").split(b"\n"):
        name, _, value = line.decode().partition(":")
        said.setdefault(name, value.strip())
    return said


class FakeAmi:
    """Accepts any login, answers every action with Success, and remembers what was said to it.

    `answers` maps an action's name to a function from what was said to the bytes to send back.
    """

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.connections = 0
        self.accepts_logins = True
        self.greets = True
        self.reads = asyncio.Event()
        self.reads.set()
        self.answers: dict[str, Callable[[Said], bytes]] = {"Login": self._login}
        self.port = 0
        self._changed = asyncio.Condition()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**16)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection without a word."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def send(self, data: bytes) -> None:
        """Write to every connection."""
        for writer in self._writers:
            writer.write(data)

    async def heard(self, name: str, count: int = 1) -> list[Said]:
        """Return the actions of that name when there are so many."""

        def found() -> list[Said]:
            return [said for said in self.said if said.get("Action") == name]

        async with asyncio.timeout(LIMIT_S), self._changed:
            await self._changed.wait_for(lambda: len(found()) >= count)
        return found()

    async def connected(self, count: int) -> None:
        """Return when so many connections have been made in all."""
        async with asyncio.timeout(LIMIT_S), self._changed:
            await self._changed.wait_for(lambda: self.connections >= count)

    async def alone(self) -> None:
        """Return when no connection is left."""
        async with asyncio.timeout(LIMIT_S), self._changed:
            await self._changed.wait_for(lambda: not self._writers)

    def count(self, name: str) -> int:
        """Return how many actions of that name came."""
        return sum(said.get("Action") == name for said in self.said)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        await self._notify()
        try:
            if self.greets:
                writer.write(BANNER)
            while True:
                await self.reads.wait()
                raw = await reader.readuntil(b"\r\n\r\n")
                await self._take(parse_action(raw), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
            await self._notify()

    async def _take(self, said: Said, writer: asyncio.StreamWriter) -> None:
        answer = self.answers.get(said.get("Action", ""), success)(said)
        if answer:
            writer.write(answer)
        self.said.append(said)
        await self._notify()
        if answer and said.get("Action") == "Login" and not self.accepts_logins:
            await writer.drain()
            writer.close()

    def _login(self, said: Said) -> bytes:
        if self.accepts_logins:
            return success(said, "Authentication accepted")
        return failure(said, "Authentication failed")

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def success(said: Said, text: str = "done") -> bytes:
    """Return the answer to an action that was carried out."""
    return message(("Response", "Success"), ("ActionID", said["ActionID"]), ("Message", text))


def failure(said: Said, text: str) -> bytes:
    """Return the answer to an action that was refused."""
    return message(("Response", "Error"), ("ActionID", said["ActionID"]), ("Message", text))


def silence(_said: Said) -> bytes:
    """Answer nothing."""
    return b""


def listing(said: Said, name: str, *items: tuple[tuple[str, str], ...], told: int | None = None) -> bytes:
    """Return a list answer; `told` is the number of items that its end claims."""
    action_id = ("ActionID", said["ActionID"])
    start = message(("Response", "Success"), action_id, ("EventList", "start"), ("Message", "will follow"))
    body = b"".join(message(("Event", name), action_id, *item) for item in items)
    count = str(len(items) if told is None else told)
    end = message(("Event", f"{name}sComplete"), action_id, ("EventList", "Complete"), ("ListItems", count))
    return start + body + end


@asynccontextmanager
async def fake_ami() -> AsyncIterator[FakeAmi]:
    """A server that listens until the block ends."""
    server = FakeAmi()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
