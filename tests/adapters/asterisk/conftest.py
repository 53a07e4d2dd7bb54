"""The link is tested on every kind of event loop that is installed."""

import asyncio
from collections.abc import Callable, Mapping

import pytest


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Name the loops on which a test runs, one after the other."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name == "test_manager.py":
        try:
            import uvloop
        except ImportError:
            return loops
        loops["uvloop"] = uvloop.new_event_loop
    return loops
