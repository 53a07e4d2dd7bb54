"""Carries orders out, each in a task of its own, so that the loop never waits for the world."""

from dataclasses import dataclass

from dialerd.daemon.desk import Desk
from dialerd.daemon.inbox import Inbox
from dialerd.daemon.tasks import Tasks
from dialerd.engine.messages import Claim, ClaimFailed, Order, Refusal, Reply
from dialerd.engine.ports import Clock, Store, StoreError, Telephony


@dataclass(slots=True)
class Courier:
    """Knows whom each order is for."""

    tasks: Tasks
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
                self.tasks.start(self._claim(order), f"claim for {order.campaign}")
            case _:
                self.tasks.start(self.telephony.perform(order), type(order).__name__)

    async def _claim(self, claim: Claim) -> None:
        try:
            self.inbox.post(await self.store.claim(claim, self.clock.now()))
        except StoreError as error:
            self.inbox.post(ClaimFailed(claim.campaign, str(error)))
