"""Side tasks: named, watched, and ended with the daemon."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Starts tasks in a group, so that a fault in one ends the daemon loudly instead of going unseen."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Begin the work."""
        task = self._group.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """End everything that still runs: nobody waits for it any more."""
        for task in tuple(self._running):
            task.cancel()
