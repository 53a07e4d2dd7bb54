"""Everything that happens, in one bounded queue with one consumer."""

import asyncio
from collections import deque

from dialerd.domain.call_events import CallEvent
from dialerd.engine.messages import EventsLost, MemberGone, MemberSeen, Message

LIMIT = 50_000
"""Messages: half a minute of a busy Asterisk. A loop that is further behind has lost touch anyway."""


class Inbox:
    """Takes messages at once, gives them away all together.

    When it is full, what Asterisk tells is dropped, and a survey is asked for instead: the engine begins
    anew as after a lost link. Answers and commands are few, and always taken.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._messages: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._overflowed = False
        self.dropped = 0
        """How many messages were dropped so far."""

    def post(self, message: Message) -> None:
        """Take the message; call it in the loop's thread only."""
        if len(self._messages) >= self._limit and isinstance(message, CallEvent | MemberSeen | MemberGone):
            self.dropped += 1
            self._overflowed = True
            return
        self._messages.append(message)
        self._arrived.set()

    async def take(self, seconds: float) -> list[Message]:
        """Return all messages as soon as there is one, or none after so many seconds."""
        if not self._messages:
            try:
                async with asyncio.timeout(seconds):
                    await self._arrived.wait()
            except TimeoutError:
                return []
        taken = list(self._messages)
        self._messages.clear()
        self._arrived.clear()
        if self._overflowed:
            self._overflowed = False
            taken.append(EventsLost(self.dropped))
        return taken
