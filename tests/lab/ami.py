"""A plain AMI client for tests: it sends what it is told and remembers all it hears."""

import asyncio
import itertools
import secrets
from typing import Self

from tests.lab.asterisk import SECRET

Fields = dict[str, str | list[str]]


class Event(dict[str, str]):
    """One message from Asterisk; of a header that comes several times the last counts."""

    @property
    def time(self) -> float:
        """When it happened, by Asterisk's clock (epoch seconds)."""
        return float(self["Timestamp"])

    def matches(self, name: str, fields: dict[str, str]) -> bool:
        """Whether it is an event of that name (the name of a UserEvent counts too) with these fields."""
        names = (self.get("Event"), self.get("UserEvent"))
        return name in names and all(self.get(field) == value for field, value in fields.items())


class Ami:
    """A logged-in connection; `heard` keeps every event in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard: list[Event] = []
        self._reader = reader
        self._writer = writer
        self._responses: dict[str, asyncio.Future[Event]] = {}
        self._news = asyncio.Condition()
        self._ids = itertools.count(1)
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, port: int, username: str = "lab", secret: str = SECRET) -> Self:
        """Log in; ConnectionRefusedError if Asterisk is not there, PermissionError if it says no."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        await reader.readline()
        client = cls(reader, writer)
        client._listening = asyncio.create_task(client._listen(), name="ami")
        answer = await client.action("Login", Username=username, Secret=secret)
        if answer["Response"] != "Success":
            raise PermissionError(answer["Message"])
        return client

    async def close(self) -> None:
        """Hang up."""
        if self._listening is not None:
            self._listening.cancel()
        self._writer.close()

    async def action(self, name: str, **fields: str | list[str]) -> Event:
        """Send an action and return its response."""
        action_id = f"test-{next(self._ids)}"
        answer = asyncio.get_running_loop().create_future()
        self._responses[action_id] = answer
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        for field, value in fields.items():
            lines += [f"{field}: {one}" for one in ([value] if isinstance(value, str) else value)]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return await asyncio.wait_for(answer, 10)

    async def event(self, name: str, limit_s: float = 10.0, since: int = 0, **fields: str) -> Event:
        """The first such event after the first `since` heard, now or within the limit (TimeoutError)."""
        async with asyncio.timeout(limit_s), self._news:
            while not (found := self.events(name, since, **fields)):
                await self._news.wait()
        return found[0]

    def events(self, name: str, since: int = 0, **fields: str) -> list[Event]:
        """All such events heard so far."""
        return [event for event in self.heard[since:] if event.matches(name, fields)]

    async def variable(self, name: str, channel: str | None = None) -> str:
        """What a channel variable, or dialplan function, says."""
        where = {} if channel is None else {"Channel": channel}
        return (await self.action("Getvar", Variable=name, **where)).get("Value", "")

    async def call(
        self, number: str, trunk: str = "trunk", timeout_ms: int = 10_000, /, **variables: str
    ) -> str:
        """Place a call into the shipped dialplan, as dialerd does; returns the attempt's id at once."""
        attempt = f"dlr-{secrets.token_hex(8)}"
        settings = {
            "DIALERD_ATTEMPT": attempt,
            "DIALERD_MAXWAIT": "2",
            "DIALERD_MESSAGE": "sorry",
        } | variables
        answer = await self.action(
            "Originate",
            Channel=f"PJSIP/{number}@{trunk}",
            ChannelId=attempt,
            Context="dialerd",
            Exten="answered",
            Priority="1",
            Timeout=str(timeout_ms),
            CallerID="<15550001000>",
            Async="true",
            Variable=[f"{name}={value}" for name, value in settings.items()],
        )
        if answer["Response"] != "Success":
            raise AssertionError(f"Originate refused: {answer}")
        return attempt

    async def redirect(self, channel: str, exten: str, context: str = "dialerd") -> None:
        """Send a call on to an extension, by the channel's name or id."""
        answer = await self.action("Redirect", Channel=channel, Context=context, Exten=exten, Priority="1")
        if answer["Response"] != "Success":
            raise AssertionError(f"Redirect refused: {answer}")

    async def tidy_up(self) -> None:
        """End every call and pause, and take out added members; returns when nothing is left."""
        await self.action("Hangup", Channel="/^PJSIP/trunk-.*$/")
        while (await self.action("CoreStatus"))["CoreCurrentCalls"] != "0":
            await self.action("Hangup", Channel="/^.*$/")
            await asyncio.sleep(0.02)
        for pause in self.events("QueueMemberPause", Paused="1"):
            await self.action(
                "QueuePause", Queue=pause["Queue"], Interface=pause["Interface"], Paused="false"
            )
        for added in self.events("QueueMemberAdded"):
            await self.action("QueueRemove", Queue=added["Queue"], Interface=added["Interface"])

    async def _listen(self) -> None:
        while message := await self._next_message():
            lines = (
                line.partition(": ")
                for line in message.decode(errors="surrogateescape").split("\r\n")
                if line
            )
            event = Event({key.rstrip(":"): value for key, _, value in lines})
            waiting = self._responses.pop(event.get("ActionID", ""), None) if "Response" in event else None
            if waiting is not None and "Event" not in event:
                waiting.set_result(event)
                continue
            async with self._news:
                self.heard.append(event)
                self._news.notify_all()

    async def _next_message(self) -> bytes:
        """The next message, or nothing when Asterisk has gone."""
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
