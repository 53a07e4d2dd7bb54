"""The link's limits and states."""

from dataclasses import dataclass, field
from enum import Enum


class LinkState(Enum):
    """What can be said of the connection; actions are sent only when it is UP."""

    DOWN = "down"
    CONNECTING = "connecting"
    UP = "up"
    AUTH_FAILED = "auth_failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Where Asterisk listens, who we are there, and every limit of the link (`_s`: seconds)."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    events: str = "system,call,agent,user"
    connect_s: float = 5.0
    login_s: float = 5.0
    answer_s: float = 10.0
    ping_every_s: float = 2.0
    silence_s: float = 6.0
    backoff_first_s: float = 1.0
    backoff_most_s: float = 10.0
    """Dialling begins again soon after Asterisk is back, however long it was away."""
    backoff_jitter: float = 0.2
    quick_logins: int = 6
    """Refused logins after which `refused_pause_s` holds, lest Asterisk's host ban us."""
    refused_pause_s: float = 60.0
    write_limit: int = 256 * 1024
    """Bytes that may wait for Asterisk to read; beyond, calls would be placed late."""
    most_waiting: int = 2000

    def pause_s(self, failures: int, refused_logins: int, chance: float) -> float:
        """Return the seconds to wait after so many failures in a row; `chance` from 0 to 1 spreads them."""
        step_s = min(self.backoff_first_s * 2.0 ** min(failures - 1, 30), self.backoff_most_s)
        pause_s = step_s * (1 + self.backoff_jitter * (2 * chance - 1))
        return max(pause_s, self.refused_pause_s) if refused_logins >= self.quick_logins else pause_s
