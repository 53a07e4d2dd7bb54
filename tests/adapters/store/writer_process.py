"""A process that writes without end, and says on its output what has been written: made to be killed."""

import asyncio
import sys
from pathlib import Path
from random import SystemRandom

from dialerd.adapters.sqlite import SqliteStore
from dialerd.domain.identifiers import new_attempt_id
from dialerd.engine.messages import AttemptOpened, Noted, Record
from dialerd.engine.ports import Store
from tests.adapters.store.making import T0, attempt, busy, claim, rows, saved

BITS = SystemRandom().getrandbits


async def write_for_ever(store: Store) -> None:
    """Open calls by fives and close them again, each batch with a note that names its calls."""
    await store.load_targets("people", rows(200), T0)
    await store.write([saved()])
    say("ready")
    for now in range(T0, T0 + 1_000_000):
        targets = (await claim(store, 5, now)).targets
        calls = [attempt(target, at=now) for target in targets]
        for call in calls:
            call.id = new_attempt_id("abc123", BITS)
        ids = " ".join(call.id for call in calls)
        await acknowledged(store, [*map(AttemptOpened, calls), Noted(now, "opened", "batch", ids)])
        await acknowledged(
            store, [*(busy(c, now, now + 1) for c in calls), Noted(now, "closed", "batch", ids)]
        )


async def acknowledged(store: Store, batch: list[Record]) -> None:
    """Write the batch, then say its note aloud."""
    await store.write(batch)
    note = batch[-1]
    assert isinstance(note, Noted)
    say(f"{note.kind} {note.text}")


def say(line: str) -> None:
    """Say it at once: the next moment may be the last."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main(path: Path) -> None:
    """Write to the database until the end."""
    store = await SqliteStore.open(path, BITS, T0)
    try:
        await write_for_ever(store)
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
