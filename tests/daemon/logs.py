"""A log that can be read back."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import FilteringBoundLogger

from dialerd.daemon.logging import configure

NOW = 1_795_387_785_123


class Log:
    """A configured log and what was written to it."""

    def __init__(self, **settings: Any) -> None:
        self.out = io.BytesIO()
        self.now = NOW
        self.to: FilteringBoundLogger = configure(lambda: self.now, out=self.out, **settings)

    @property
    def text(self) -> str:
        return self.out.getvalue().decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]


@contextmanager
def logs() -> Iterator[Callable[..., Log]]:
    """Give a maker of logs, and leave the process as it was."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.raiseExceptions)
    try:
        yield Log
    finally:
        structlog.reset_defaults()
        logging.captureWarnings(False)
        root.handlers[:], logging.raiseExceptions = before[0], before[2]
        root.setLevel(before[1])
