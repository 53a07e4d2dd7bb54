"""The one loop: drain, decide, write, act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dialerd.daemon.inbox import Inbox
from dialerd.domain.call_events import NotSent
from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.domain.originate import Originate
from dialerd.engine.dialer import Dialer
from dialerd.engine.messages import (
    Claim,
    ClaimFailed,
    Order,
    Record,
    Reply,
    StoreFailed,
    StoreRecovered,
)
from dialerd.engine.ports import Clock, Store, StoreError

WRITE_AGAIN_MS = 250
"""How long a store that failed is left alone."""

LONGEST_WAIT_S = 1.0
"""The loop turns at least this often, which is how its watchdog knows that it lives."""


@dataclass(slots=True)
class Loop:
    """Turns the engine: `act` carries an order out without waiting, `wrote` sees each written batch."""

    dialer: Dialer
    inbox: Inbox
    store: Store
    clock: Clock
    act: Callable[[Order], None]
    wrote: Callable[[Sequence[Record]], None]
    turned: Callable[[], None]
    stopped: bool = False
    _wake_at: Instant = 0
    _trouble: str = ""
    """Why the last write failed, or nothing."""
    _write_again_at: Instant = 0
    _unwritten: list[Record] = field(default_factory=list)
    _unanswered: list[Order] = field(default_factory=list)

    async def run(self) -> None:
        """Turn until `stopped`, and once more for what has arrived."""
        while not self.stopped:
            await self.turn()
            self.turned()
        await self.turn()

    async def turn(self) -> None:
        """Take what has arrived, decide, write, act."""
        wait_s = (self._wake_at - self.clock.now()) / SECOND_MS
        messages = await self.inbox.take(min(max(wait_s, 0.0), LONGEST_WAIT_S))
        step = self.dialer.step(messages, self.clock.now())
        self._wake_at = step.wake_at or self.clock.now() + SECOND_MS
        self._unwritten += step.records
        if self._unwritten and self.clock.now() >= self._write_again_at:
            await self._write()
        for order in step.orders:
            self._act(order)

    async def _write(self) -> None:
        """Write these records and all that could not be written before; if that fails, wait a little."""
        try:
            await self.store.write(self._unwritten)
        except StoreError as error:
            self._write_again_at = self.clock.now() + WRITE_AGAIN_MS
            self._failed(str(error))
            return
        self.wrote(self._unwritten)
        self._unwritten = []
        if self._trouble:
            self._recovered()

    def _failed(self, trouble: str) -> None:
        if trouble != self._trouble:
            self.inbox.post(StoreFailed(trouble))
        self._trouble = trouble

    def _recovered(self) -> None:
        self._trouble = ""
        self.inbox.post(StoreRecovered())
        for answer in self._unanswered:
            self.act(answer)
        self._unanswered = []

    def _act(self, order: Order) -> None:
        """Carry the order out; while records are not written, nobody is called and no command confirmed."""
        match order:
            case Originate() if self._trouble:
                reason = f"its record could not be written: {self._trouble}"
                self.inbox.post(NotSent(order.attempt, self.clock.now(), reason))
            case Claim() if self._trouble:
                self.inbox.post(ClaimFailed(order.campaign, self._trouble))
            case Reply(confirms=True) if self._trouble:
                self._unanswered.append(order)
            case _:
                self.act(order)
