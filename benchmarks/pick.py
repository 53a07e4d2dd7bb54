"""What picking the next 200 targets costs in a short list and in a long one.

The floor is the same claim on a list of 10,000. `fresh` are people never called, each claim's calls being
written before the next claim; `retries` are due again, in a list of which a tenth waits, most until tomorrow.

    python benchmarks/pick.py [--quick] [--check]
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from dialerd.adapters.sqlite import SqliteStore
from dialerd.domain.attempt import Attempt
from dialerd.domain.campaign import CampaignState, Life
from dialerd.domain.identifiers import new_attempt_id
from dialerd.domain.outcome import Outcome
from dialerd.domain.phone import Phone
from dialerd.domain.target import Standing, Target, TargetState
from dialerd.engine.messages import AttemptClosed, AttemptOpened, CampaignSaved, Claim
from dialerd.engine.ports import Row

GOAL = 3.0
"""How much dearer a claim may be in the long list; `--check` allows a fifth more on a shared machine."""
LEEWAY = 1.2

SHORT = 10_000
LIMIT = 200
CLAIMS = 20
"""Claims that are measured of each kind; with 200 targets each they must fit into half of the short list."""

NOW = 1_700_000_000_000
LATER = NOW + 86_400_000

NAME = {"first_name": "Jane", "last_name": "Doe", "city": "Springfield"}

BITS = random.Random(1)


async def costs(folder: Path, size: int) -> dict[str, float]:
    """Return the CPU milliseconds of one claim of each kind in a list of that size."""
    store = await SqliteStore.open(folder / f"{size}.db", BITS.getrandbits, NOW)
    try:
        await fill(store, size)
        await age(store, size // 10)
        fresh = [await fresh_claim(store) for _ in range(CLAIMS)]
        retries = [await retry_claim(store) for _ in range(CLAIMS)]
        return {"fresh": sum(fresh) / CLAIMS, "retries": sum(retries) / CLAIMS}
    finally:
        await store.close()


async def fill(store: SqliteStore, size: int) -> None:
    """Make the list and a campaign on it."""
    for first in range(0, size, 2_000):
        numbers = range(first, min(first + 2_000, size))
        rows = [Row(Phone(f"+1{2_000_000_000 + n * 7_919_993 % 1_000_000_007}"), NAME) for n in numbers]
        await store.load_targets("people", rows, NOW)
    await store.write([CampaignSaved("spring", "people", "", Life(CampaignState.RUNNING), NOW)])


async def age(store: SqliteStore, count: int) -> None:
    """Call so many people, who are to be called again: as many as are measured soon, the others tomorrow."""
    for first in range(0, count, 1_000):
        claimed = await store.claim(Claim("spring", "people", 1_000, frozenset()), NOW)
        await call(store, claimed.targets, NOW + 1 if first == 0 else LATER)


async def call(store: SqliteStore, targets: tuple[Target, ...], again_at: int) -> None:
    """Call the targets, who are to be called again then."""
    names = ("carrier", "sales", "12025550100")
    calls = [
        Attempt(new_attempt_id("abc123", BITS.getrandbits), "spring", t.id, t.number, *names, NOW, 2_000)
        for t in targets
    ]
    await store.write([AttemptOpened(one) for one in calls])
    standing = Standing(TargetState.WAITING, "busy: retry 1 of 2", again_at)
    await store.write([AttemptClosed(one, Outcome.BUSY, {Outcome.BUSY: 1}, standing) for one in calls])


async def fresh_claim(store: SqliteStore) -> float:
    """Return the CPU milliseconds of a claim of people never called, then call them."""
    begun = time.process_time()
    claimed = await store.claim(Claim("spring", "people", LIMIT, frozenset()), NOW)
    spent = time.process_time() - begun
    assert len(claimed.targets) == LIMIT
    await call(store, claimed.targets, LATER)
    return spent * 1e3


async def retry_claim(store: SqliteStore) -> float:
    """Return the CPU milliseconds of a claim of people who are due again."""
    begun = time.process_time()
    claimed = await store.claim(Claim("spring", "people", LIMIT, frozenset()), NOW + 1)
    spent = time.process_time() - begun
    assert [target.tries for target in claimed.targets] == [{Outcome.BUSY: 1}] * LIMIT
    return spent * 1e3


def measure(size: int, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the costs in the short list and in the long one, each the least of several rounds in turn."""
    with tempfile.TemporaryDirectory() as name:
        pairs = []
        for n in range(rounds):
            folder = Path(name, str(n))
            folder.mkdir()
            pairs.append((asyncio.run(costs(folder, SHORT)), asyncio.run(costs(folder, size))))
    short = {kind: min(pair[0][kind] for pair in pairs) for kind in pairs[0][0]}
    long = {kind: min(pair[1][kind] for pair in pairs) for kind in pairs[0][1]}
    return short, long


def main() -> int:
    """Print one line for each figure; 1 if `--check` was given and a figure is far from its goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a long list of 200,000 instead of a million")
    parser.add_argument("--check", action="store_true", help="fail when a figure is far from its goal")
    options = parser.parse_args()
    size, rounds = (200_000, 1) if options.quick else (1_000_000, 2)
    short, long = measure(size, rounds)
    failed = False
    for kind, floor in short.items():
        ratio = long[kind] / floor
        print(
            f"pick_{kind}_of_{size} {long[kind]:.2f} ms (floor {floor:.2f}, ratio {ratio:.2f}, goal {GOAL:g})"
        )
        failed |= ratio > GOAL * LEEWAY
    return int(options.check and failed)


if __name__ == "__main__":
    sys.exit(main())
