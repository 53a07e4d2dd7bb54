"""The configuration: the daemon's file and the campaigns' files, strictly read.

Everything here raises ConfigError with every problem of a file at once. What needs YAML and pydantic is
imported when it is first used, so that naming it costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from dialerd.config.problems import ConfigError, Problem

if TYPE_CHECKING:
    from dialerd.config.load import DaemonConfig, check_daemon, parse_daemon, read_campaign, read_daemon

__all__ = [
    "ConfigError",
    "DaemonConfig",
    "Problem",
    "check_daemon",
    "parse_daemon",
    "read_campaign",
    "read_daemon",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("dialerd.config.load"), name)
