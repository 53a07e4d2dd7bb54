"""Makes the file that a release leaves behind, to be opened by the tests of every later one.

Run once when a release brings a new version of the schema: `python -m tests.adapters.store.old.make`.
"""

import asyncio
from pathlib import Path
from random import Random

from dialerd.adapters.sqlite import SqliteStore
from dialerd.adapters.sqlite.migrate import migrations
from dialerd.domain.attempt import Stage
from dialerd.engine.messages import AttemptProgressed, Noted
from dialerd.engine.ports import Row
from tests.adapters.store.making import T0, answered, busy, dial, number, saved

FOLDER = Path(__file__).parent


async def fill(path: Path) -> None:
    """Make a database with a bit of everything: of 20 people five were called, and two are on the line."""
    store = await SqliteStore.open(path, Random(1).getrandbits, T0)
    try:
        people = [Row(number(n), {"name": f"Person {n}", "city": "Ålesund"}) for n in range(20)]
        await store.load_targets("people", people, T0)
        await store.write([saved(), Noted(T0, "campaign", "spring", "started")])
        calls = await dial(store, 5)
        for call in calls[:2]:
            call.stage, call.ringing_at = Stage.RINGING, T0 + 900
        await store.write(
            [
                *(AttemptProgressed(call) for call in calls[:2]),
                busy(calls[2], T0 + 1_000, T0 + 60_000),
                busy(calls[3], T0 + 1_000, None),
                answered(calls[4], T0 + 5_000),
            ]
        )
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(fill(FOLDER / f"version_{migrations()[-1].version}.db"))
