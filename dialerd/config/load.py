"""The two files, read, checked and turned into what the daemon works with."""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dialerd.config.checks import check_campaign_file, check_daemon_file
from dialerd.config.complaints import validated
from dialerd.config.kinds import Wrong
from dialerd.config.problems import ConfigError, Problem
from dialerd.config.reader import Document, Position, read
from dialerd.config.schema import (
    AsteriskSection,
    CampaignFile,
    ControlSection,
    DaemonFile,
    LogSection,
    RulesSection,
    StateSection,
)
from dialerd.config.secret import key_of_secret, read_secret
from dialerd.config.source import MOST_BYTES
from dialerd.config.to_domain import campaign_of, rules_given, settings_of
from dialerd.domain.campaign import Campaign
from dialerd.engine.settings import Settings

_S = TypeVar("_S")
_NO_DEFAULTS = RulesSection()


@dataclass(frozen=True, slots=True)
class DaemonConfig:
    """What the daemon's file says."""

    settings: Settings
    asterisk: AsteriskSection
    state: StateSection
    control: ControlSection
    log: LogSection
    defaults: RulesSection = _NO_DEFAULTS
    """Rules for campaigns that leave them out."""
    file: str = ""
    secret_at: Position = (1, 1)
    """Line and column in the file at which the secret is named."""

    def secret(self) -> str:
        """Return the AMI secret, read anew; raises ConfigError if it cannot be used."""
        try:
            return read_secret(self.asterisk)
        except Wrong as wrong:
            path = f"asterisk.{key_of_secret(self.asterisk)}"
            problem = Problem(self.file, *self.secret_at, path, wrong.text, wrong.cure)
            raise ConfigError([problem]) from None


def read_daemon(path: str | Path) -> DaemonConfig:
    """Return what the daemon's file at the path says, once its secret can be read too.

    Raises ConfigError with every problem.
    """
    file = str(path)
    try:
        if Path(path).is_fifo():
            raise OSError(errno.EINVAL, "it is a pipe, which could be waited for in vain")
        with Path(path).open("rb") as stream:
            source = stream.read(MOST_BYTES + 1)
    except OSError as error:
        text = f"the file cannot be read: {error.strerror}"
        raise ConfigError([Problem(file, 1, 1, "", text, "name the file with --config")]) from None
    config = _daemon(read(source, file))
    config.secret()
    return config


def parse_daemon(source: str | bytes, file: str) -> DaemonConfig:
    """Return what the daemon's file says, secret unread; raises ConfigError with every problem."""
    return _daemon(read(source, file))


def check_daemon(source: str | bytes, file: str) -> list[Problem]:
    """Return every problem of a daemon's file, without a look at other files."""
    try:
        parse_daemon(source, file)
    except ConfigError as error:
        return list(error.problems)
    return []


def read_campaign(source: str | bytes, file: str, config: DaemonConfig) -> Campaign:
    """Return the campaign that the source describes; raises ConfigError with every problem."""
    document = read(source, file)
    section, problems = validated(document, CampaignFile)
    settings = config.settings
    names = {"queue": settings.queues, "trunk": settings.trunks, "caller_ids": settings.caller_ids}
    problems += check_campaign_file(document, names, rules_given(config.defaults))
    return campaign_of(_accepted(section, document, problems), config.defaults)


def _daemon(document: Document) -> DaemonConfig:
    checked, problems = validated(document, DaemonFile)
    section = _accepted(checked, document, problems + check_daemon_file(document))
    return DaemonConfig(
        settings=settings_of(section),
        asterisk=section.asterisk,
        state=section.state,
        control=section.control,
        log=section.log,
        defaults=section.defaults,
        file=document.file,
        secret_at=document.place(("asterisk", key_of_secret(section.asterisk))),
    )


def _accepted(section: _S | None, document: Document, problems: list[Problem]) -> _S:
    """Return the section if nothing is wrong, else raise everything: what the reader refused, and of the rest
    the first problem of each path.
    """
    paths = {problem.path for problem in document.problems}
    unique = {problem.path: problem for problem in reversed(problems) if problem.path not in paths}
    if section is None or unique or document.problems:
        raise ConfigError([*document.problems, *unique.values()])
    return section
