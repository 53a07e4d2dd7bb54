"""Carries orders out, each in a task of its own, so that the loop never waits for the world."""

import asyncio
from dataclasses import dataclass

from dialerd.daemon.desk import Desk
from dialerd.daemon.inbox import Inbox
from dialerd.domain.instant import SECOND_MS
from dialerd.engine.messages import Claim, Claimed, Order, Refusal, Reply
from dialerd.engine.ports import Clock, Store, StoreError, Telephony

CLAIM_AGAIN_MS = 5 * SECOND_MS
"""How long a campaign waits after its targets could not be read."""


@dataclass(slots=True)
class Courier:
    """Knows whom each order is for; `tasks` sees to it that no fault goes unnoticed."""

    tasks: asyncio.TaskGroup
    telephony: Telephony
    store: Store
    inbox: Inbox
    desk: Desk
    clock: Clock

    def act(self, order: Order) -> None:
        """Begin to carry the order out."""
        match order:
            case Reply() | Refusal():
                self.desk.answer(order)
            case Claim():
                self.tasks.create_task(self._claim(order), name=f"claim for {order.campaign}")
            case _:
                self.tasks.create_task(self.telephony.perform(order), name=type(order).__name__)

    async def _claim(self, claim: Claim) -> None:
        now = self.clock.now()
        try:
            claimed = await self.store.claim(claim, now)
        except StoreError:
            claimed = Claimed(claim.campaign, (), now + CLAIM_AGAIN_MS, open=True)
        self.inbox.post(claimed)
