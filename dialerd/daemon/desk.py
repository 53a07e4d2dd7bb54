"""Where commands meet the loop: questions go in as messages, answers come back as orders."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from dialerd.config import ConfigError
from dialerd.daemon.inbox import Inbox
from dialerd.domain.campaign import Campaign
from dialerd.domain.errors import DialerError
from dialerd.engine.messages import (
    AskCampaign,
    AskCampaigns,
    Command,
    Reconfigured,
    Refusal,
    Reply,
    Request,
    TargetsLoaded,
)
from dialerd.engine.ports import Clock, Loaded, Reports, Row, Store
from dialerd.engine.settings import Settings

ReadCampaign = Callable[[str, str], Campaign]
"""Reads a campaign file's text, with the file's name for messages; raises ConfigError."""


class Desk:
    """What the control socket may ask of the daemon."""

    def __init__(
        self,
        inbox: Inbox,
        store: Store,
        reports: Reports,
        clock: Clock,
        read_campaign: ReadCampaign,
        read_settings: Callable[[], tuple[Settings, list[str]]],
    ) -> None:
        self.reports = reports
        self.read_campaign = read_campaign
        self._read_settings = read_settings
        self._inbox = inbox
        self._store = store
        self._clock = clock
        self._tokens = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def ask(self, request: Request) -> Any:
        """Return the engine's answer; `DialerError` when it refuses."""
        token = next(self._tokens)
        answer = self._waiting[token] = asyncio.get_running_loop().create_future()
        self._inbox.post(Command(token, request))
        try:
            return await answer
        finally:
            del self._waiting[token]

    def answer(self, order: Reply | Refusal) -> None:
        """Hand the engine's answer to whoever waits for it."""
        waiting = self._waiting.get(order.token)
        if waiting is None or waiting.done():
            return
        if isinstance(order, Reply):
            waiting.set_result(order.result)
        else:
            waiting.set_exception(DialerError(order.reason))

    async def load_targets(self, list_name: str, rows: Sequence[Row]) -> Loaded:
        """Add rows to a list through the one writer, and have running campaigns look at it."""
        loaded = await self._store.load_targets(list_name, rows, self._clock.now())
        self._inbox.post(TargetsLoaded(list_name))
        return loaded

    async def reload(self) -> dict[str, Any]:
        """Read the configuration again and put it in force, or raise ConfigError and leave the old one.

        `needs_restart` names what changed and is only read at start.
        """
        settings, needs_restart = self._read_settings()
        self._inbox.post(Reconfigured(settings, tuple(await self._mended())))
        return {"reloaded": True, "needs_restart": needs_restart}

    async def _mended(self) -> list[Campaign]:
        faulty = [line["campaign"] for line in await self.ask(AskCampaigns()) if line["fault"]]
        mended = []
        for name in faulty:
            source = (await self.ask(AskCampaign(name)))["source"]
            try:
                mended.append(self.read_campaign(source, name))
            except ConfigError:
                continue
        return mended
