"""The object graph, built top to bottom, and the life of the daemon around the loop."""

import asyncio
import gc
import os
import random
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from dialerd.adapters.asterisk.manager import AmiLink, LinkSettings
from dialerd.adapters.asterisk.telephony import AsteriskTelephony
from dialerd.adapters.clock import SystemClock
from dialerd.adapters.journal_log import JournalLog
from dialerd.adapters.sqlite import SqliteReports, SqliteStore
from dialerd.config import ConfigError, DaemonConfig, read_campaign, read_daemon
from dialerd.control.access import Access, access_of
from dialerd.control.server import Audited, ControlServer
from dialerd.daemon.courier import Courier
from dialerd.daemon.desk import Desk
from dialerd.daemon.inbox import Inbox
from dialerd.daemon.loop import Loop
from dialerd.daemon.notify import Notifier, watchdog_interval_s
from dialerd.daemon.tasks import Tasks
from dialerd.domain.campaign import Campaign
from dialerd.domain.identifiers import new_attempt_id, prefix_of
from dialerd.engine.dialer import Dialer
from dialerd.engine.messages import Draining, Restored, StoredCampaign
from dialerd.engine.settings import Settings

DRAIN_S = 60.0
"""Seconds that calls may take to end after SIGTERM; what lasts longer goes on, and is adopted later."""

DRAIN_LOOK_S = 0.2


class CannotListen(Exception):
    """The control socket's place cannot be used."""


class Configuration:
    """The file in force; a new one replaces it only when it has no problem."""

    def __init__(self, path: Path, config: DaemonConfig) -> None:
        self.path = path
        self.config = config
        self._at_start = config

    def campaign(self, text: str, filename: str) -> Campaign:
        """Read a campaign's file under the configuration in force; raises ConfigError."""
        return read_campaign(text, filename, self.config)

    def reload(self) -> tuple[Settings, list[str]]:
        """Read the file again; return its settings, and what only a restart puts in force."""
        fresh = read_daemon(self.path)
        parts = ("asterisk", "state", "control", "log")
        needs_restart = [part for part in parts if getattr(fresh, part) != getattr(self._at_start, part)]
        self.config = fresh
        return fresh.settings, needs_restart


async def serve(path: Path, config: DaemonConfig, log: FilteringBoundLogger, notifier: Notifier) -> None:
    """Run the daemon until it is told to end. Raises StoreBusy, StoreRefused or SocketInUse at the start."""
    clock, bits = SystemClock(), random.SystemRandom()
    configuration = Configuration(path, config)
    async with AsyncExitStack() as held:
        store = await SqliteStore.open(config.state.database, bits.getrandbits, clock.now())
        held.push_async_callback(store.close)
        reports = await SqliteReports.open(config.state.database)
        held.push_async_callback(reports.close)
        restored = await store.restore()

        new_id = partial(new_attempt_id, restored.installation, bits.getrandbits)
        dialer = Dialer(config.settings, new_id)
        dialer.restore(_with_rules(restored, configuration), restored.open_attempts, clock.now())

        inbox = Inbox()
        telephony = AsteriskTelephony(
            _link_settings(config),
            prefix_of(restored.installation),
            config.asterisk.trail,
            clock,
            bits.random,
            inbox.post,
        )
        desk = Desk(inbox, store, reports, clock, configuration.campaign, configuration.reload)
        server = ControlServer(
            config.control.socket, desk, _access(config, log), partial(_audit, log), partial(_defect, log)
        )
        await _listen(server, config.control.socket)
        held.push_async_callback(server.close)

        tasks = Tasks(await held.enter_async_context(asyncio.TaskGroup()))
        held.callback(tasks.cancel)
        courier = Courier(tasks, telephony, store, inbox, desk, clock)
        pulse = Pulse(notifier, clock.monotonic, telephony.link, log)
        loop = Loop(dialer, inbox, store, clock, courier.act, JournalLog(log).write, pulse.turned)
        held.callback(telephony.close)
        tasks.start(telephony.run(), "link")
        Signals(tasks, loop, desk, notifier, clock, log).listen()

        _look_at_trail(config, log)
        gc.collect()
        gc.freeze()
        log.info("started", installation=restored.installation, open_attempts=len(restored.open_attempts))
        notifier.ready(f"installation {restored.installation}")
        await loop.run()
        log.info("stopped", calls_left=dialer.calls_in_flight)


class Pulse:
    """What is done at each turn of the loop: systemd is told that it turns, and defects are logged."""

    def __init__(
        self, notifier: Notifier, monotonic: Callable[[], float], link: AmiLink, log: FilteringBoundLogger
    ) -> None:
        self._notifier = notifier
        self._monotonic = monotonic
        self._link = link
        self._log = log
        self._every_s = watchdog_interval_s(os.environ)
        self._fed_at = 0.0
        self._faults = 0

    def turned(self) -> None:
        """Feed the watchdog when it is time; log what the link's listener raised."""
        if self._every_s is not None and self._monotonic() - self._fed_at >= self._every_s:
            self._fed_at = self._monotonic()
            self._notifier.alive()
        if self._link.faults != self._faults:
            self._faults = self._link.faults
            self._log.error("defect", where="events of Asterisk", fault=self._link.last_fault)


class Signals:
    """SIGHUP reads the configuration again; SIGTERM and SIGINT end the daemon, the second one at once."""

    def __init__(
        self,
        tasks: Tasks,
        loop: Loop,
        desk: Desk,
        notifier: Notifier,
        clock: SystemClock,
        log: FilteringBoundLogger,
    ) -> None:
        self._tasks = tasks
        self._loop = loop
        self._desk = desk
        self._notifier = notifier
        self._clock = clock
        self._log = log
        self._draining = False

    def listen(self) -> None:
        """Take the signals from now on."""
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, self._end, number)
        running.add_signal_handler(signal.SIGHUP, self._hang_up)

    def _hang_up(self) -> None:
        self._tasks.start(self._reload(), "reload")

    async def _reload(self) -> None:
        self._notifier.reloading(self._clock.monotonic())
        try:
            result = await self._desk.reload()
            self._log.info("configuration reloaded", **result)
        except ConfigError as error:
            self._log.error("configuration not reloaded: the old one stays", problems=str(error))
        self._notifier.ready()

    def _end(self, number: int) -> None:
        if self._draining:
            self._loop.stopped = True
            return
        self._draining = True
        name = signal.Signals(number).name
        self._notifier.stopping("calls end")
        self._log.info("draining", because=name)
        self._loop.inbox.post(Draining(name))
        self._tasks.start(self._drain(), "drain")

    async def _drain(self) -> None:
        """Wait for calls to end; what lasts longer goes on in Asterisk."""
        until = self._clock.monotonic() + DRAIN_S
        while (
            not self._loop.stopped and self._loop.dialer.calls_in_flight and self._clock.monotonic() < until
        ):
            await self._clock.sleep(DRAIN_LOOK_S)
        self._loop.stopped = True


def _with_rules(
    restored: Restored, configuration: Configuration
) -> list[tuple[StoredCampaign, Campaign | str]]:
    """Return each stored campaign with its rules, or with the problems that they have now."""
    return [(saved, _rules(saved, configuration)) for saved in restored.campaigns]


def _rules(saved: StoredCampaign, configuration: Configuration) -> Campaign | str:
    try:
        return configuration.campaign(saved.source, saved.name)
    except ConfigError as error:
        return str(error)


async def _listen(server: ControlServer, path: Path) -> None:
    try:
        await server.start()
    except OSError as error:
        raise CannotListen(f"cannot listen at {path}: {error.strerror}; see `control.socket`") from None


def _look_at_trail(config: DaemonConfig, log: FilteringBoundLogger) -> None:
    """Say so if Asterisk's log of channels cannot be read: after a crash it would be missed."""
    trail = config.asterisk.trail
    if trail is None:
        return
    looked_at = trail if trail.exists() else trail.parent
    if not os.access(looked_at, os.R_OK):
        text = "a call whose end is missed will count as dialled"
        log.warning("trail not readable", path=str(looked_at), text=text)


def _link_settings(config: DaemonConfig) -> LinkSettings:
    asterisk = config.asterisk
    return LinkSettings(asterisk.host, asterisk.port, asterisk.username, config.secret())


def _access(config: DaemonConfig, log: FilteringBoundLogger) -> Access:
    control = config.control
    access, missing = access_of(os.geteuid(), control.admins, control.operators, control.viewers)
    if missing:
        log.warning("no such group", groups=missing)
    return access


def _audit(log: FilteringBoundLogger, audited: Audited) -> None:
    log.info("command", **asdict(audited))


def _defect(log: FilteringBoundLogger, command: str, fault: Exception) -> None:
    log.error("defect", command=command, exc_info=fault)
