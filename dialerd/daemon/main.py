"""The command `dialerd`: read the configuration, then run until told to end."""

import asyncio
import faulthandler
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from dialerd.adapters.clock import SystemClock
from dialerd.adapters.sqlite import StoreBusy, StoreRefused
from dialerd.config import ConfigError, read_daemon
from dialerd.control.server import SocketInUse
from dialerd.daemon import logging
from dialerd.daemon.app import CannotListen, serve
from dialerd.daemon.notify import notifier
from dialerd.daemon.redact import Redactor

EXIT_BUSY = 75
EXIT_CONFIG = 78


@click.command()
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("/etc/dialerd/dialerd.yaml"),
    show_default=True,
    help="The configuration file.",
)
@click.version_option(package_name="dialerd")
def main(path: Path) -> None:
    """Run the dialer in the foreground, as systemd wants it.

    Exit codes: 0 told to end, 75 another daemon has the database or the socket, 78 problems in the
    configuration, 1 anything else.
    """
    try:
        config = read_daemon(path)
        secret = config.secret()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIG)
    faulthandler.enable()
    log = logging.configure(
        SystemClock().now,
        level=config.log.level,
        form=config.log.format,
        redactor=Redactor((secret,)),
        journal="JOURNAL_STREAM" in os.environ,
    )
    try:
        _run(serve(path, config, log, notifier(os.environ)))
    except (StoreBusy, SocketInUse) as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_BUSY)
    except (StoreRefused, CannotListen) as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIG)


def _run(daemon: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where it is installed: an event that arrives alone then costs a third."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(daemon)
    else:
        uvloop.run(daemon)


if __name__ == "__main__":
    main()
