"""The one loop: drain, decide, write, act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dialerd.daemon.inbox import Inbox
from dialerd.domain.call_events import NotSent
from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.domain.originate import Originate
from dialerd.engine.dialer import Dialer
from dialerd.engine.messages import Order, Record, Refusal, Reply, StoreFailed, StoreRecovered
from dialerd.engine.ports import Clock, Store, StoreError

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
        trouble = await self._write(step.records)
        for order in step.orders:
            self._act(order, trouble)

    async def _write(self, records: Sequence[Record]) -> str:
        """Write these records and all that could not be written before; return what is wrong, or nothing."""
        if not records and not self._unwritten:
            return ""
        had_failed = bool(self._unwritten)
        batch = [*self._unwritten, *records]
        try:
            await self.store.write(batch)
        except StoreError as error:
            self._unwritten = batch
            self.inbox.post(StoreFailed(str(error)))
            return str(error)
        self._unwritten = []
        self.wrote(batch)
        if had_failed:
            self.inbox.post(StoreRecovered())
            for answer in self._unanswered:
                self.act(answer)
            self._unanswered = []
        return ""

    def _act(self, order: Order, trouble: str) -> None:
        """Carry the order out; while records are not written, nobody is called and no command confirmed."""
        if trouble and isinstance(order, Originate):
            reason = f"its record could not be written: {trouble}"
            self.inbox.post(NotSent(order.attempt, self.clock.now(), reason))
        elif trouble and isinstance(order, Reply | Refusal):
            self._unanswered.append(order)
        else:
            self.act(order)
