"""A door with the real engine behind it, on a store in memory; time moves only by hand."""

import random
from collections.abc import Sequence
from typing import Any

from dialerd.adapters.memory import MemoryStore
from dialerd.config import parse_daemon, read_campaign
from dialerd.domain.agent import DeviceState, Member
from dialerd.domain.campaign import Campaign
from dialerd.domain.errors import DialerError
from dialerd.domain.identifiers import new_attempt_id, new_installation
from dialerd.domain.instant import Instant
from dialerd.engine import messages as m
from dialerd.engine.dialer import Dialer
from dialerd.engine.ports import Loaded, Row

CONFIG = """\
asterisk:
  host: 127.0.0.1
  port: 5038
  username: dialerd
  secret_credential: ami-secret
  trail: /var/log/asterisk/cel-custom/dialerd.csv
state:
  database: /var/lib/dialerd/dialerd.db
trunks:
  main:
    dial: PJSIP/{number}@trunk
    channels: 30
    calls_per_second: 5
queues:
  sales: {}
  support: {}
caller_ids:
  office:
    numbers: ["+15550100"]
"""

SPRING = """\
name: spring
list: people
queue: sales
trunk: main
caller_ids: office
"""

MONDAY_NOON: Instant = 1_795_435_200_000
"""2026-11-23 12:00 in UTC."""


class Plant:
    """What the daemon gives the control socket, without an Asterisk: its link can be brought up by hand."""

    def __init__(self) -> None:
        bits = random.Random(7).getrandbits
        installation = new_installation(bits)
        self.config = parse_daemon(CONFIG, "dialerd.yaml")
        self.reports = MemoryStore(installation)
        self.now = MONDAY_NOON
        self.reloads = 0
        self.fault: Exception | None = None
        """Raised by the next question, to stand for a defect."""
        self._dialer = Dialer(self.config.settings, lambda: new_attempt_id(installation, bits))

    async def ask(self, request: m.Request) -> Any:
        if self.fault:
            raise self.fault
        for order in await self.tell(m.Command(1, request)):
            if isinstance(order, m.Reply):
                return order.result
            if isinstance(order, m.Refusal):
                raise DialerError(order.reason)
        raise AssertionError("the engine did not answer")

    async def tell(self, *messages: m.Message) -> Sequence[m.Order]:
        """Let the engine take one step, write its records, and fetch the targets it asks for."""
        step = self._dialer.step(messages, self.now)
        await self.reports.write(step.records)
        for order in step.orders:
            if isinstance(order, m.Claim):
                await self.tell(await self.reports.claim(order, self.now))
        return step.orders

    async def bring_up(self, agents: int = 1) -> None:
        """Connect to an Asterisk without channels and with that many idle members in queue sales."""
        await self.tell(m.LinkChanged(True, "logged in"))
        members = tuple(
            Member("sales", f"PJSIP/{600 + place}", f"Agent {place}", DeviceState.IDLE)
            for place in range(agents)
        )
        for _ in range(3):
            self.now += 2_000
            await self.tell(m.Surveyed(self.now, (), members))

    async def load_targets(self, list_name: str, rows: Sequence[Row]) -> Loaded:
        loaded = await self.reports.load_targets(list_name, rows, self.now)
        await self.tell(m.TargetsLoaded(list_name))
        return loaded

    def read_campaign(self, text: str, filename: str, /) -> Campaign:
        return read_campaign(text, filename, self.config)

    async def reload(self) -> dict[str, Any]:
        self.reloads += 1
        return {"reloaded": True, "needs_restart": []}
