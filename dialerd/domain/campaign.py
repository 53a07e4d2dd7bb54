"""A campaign: immutable rules, and the life table of its state."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from dialerd.domain.errors import DialerError
from dialerd.domain.retry import DEFAULT_RETRY, RetryPolicy
from dialerd.domain.schedule import Hours


@dataclass(frozen=True, slots=True)
class PacingRule:
    """Which pacer decides, with its level (calls per available agent, for `ratio`)."""

    method: str = "progressive"
    level: float = 1.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """What to dial and how; names refer to the configuration."""

    name: str
    list: str
    queue: str
    trunk: str
    caller_ids: str
    ring_timeout_ms: int = 25_000
    max_wait_ms: int = 2_000
    """Milliseconds that an answered person may wait for an agent."""
    message: str = "sorry"
    """The sound that an answered person hears when no agent came."""
    hours: Hours | None = None
    """None is always open."""
    pacing: PacingRule = PacingRule()
    retry: RetryPolicy = DEFAULT_RETRY


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"
    FINISHED = "finished"


class Step(StrEnum):
    """What can happen to a campaign."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    DRAINED = "drained"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class Life:
    """A campaign's state; `then` is where draining leads, `reason` why it is so."""

    state: CampaignState = CampaignState.DRAFT
    then: CampaignState | None = None
    reason: str = ""

    @property
    def may_be_edited(self) -> bool:
        """Whether new rules are accepted now."""
        return self.state in (CampaignState.DRAFT, CampaignState.PAUSED)


_DRAIN_TO_PAUSE = Life(CampaignState.DRAINING, CampaignState.PAUSED, "paused by command")
_DRAIN_TO_END = Life(CampaignState.DRAINING, CampaignState.FINISHED, "stopped by command")
_RUNNING = Life(CampaignState.RUNNING)

LIFE: Mapping[tuple[CampaignState, Step], Life] = MappingProxyType(
    {
        (CampaignState.DRAFT, Step.START): _RUNNING,
        (CampaignState.DRAFT, Step.STOP): Life(CampaignState.FINISHED, reason="stopped by command"),
        (CampaignState.RUNNING, Step.START): _RUNNING,
        (CampaignState.RUNNING, Step.RESUME): _RUNNING,
        (CampaignState.RUNNING, Step.PAUSE): _DRAIN_TO_PAUSE,
        (CampaignState.RUNNING, Step.STOP): _DRAIN_TO_END,
        (CampaignState.RUNNING, Step.EXHAUSTED): Life(CampaignState.FINISHED, reason="list exhausted"),
        (CampaignState.DRAINING, Step.PAUSE): _DRAIN_TO_PAUSE,
        (CampaignState.DRAINING, Step.STOP): _DRAIN_TO_END,
        (CampaignState.DRAINING, Step.RESUME): _RUNNING,
        (CampaignState.PAUSED, Step.START): _RUNNING,
        (CampaignState.PAUSED, Step.RESUME): _RUNNING,
        (CampaignState.PAUSED, Step.PAUSE): Life(CampaignState.PAUSED, reason="paused by command"),
        (CampaignState.PAUSED, Step.STOP): Life(CampaignState.FINISHED, reason="stopped by command"),
        (CampaignState.FINISHED, Step.STOP): Life(CampaignState.FINISHED, reason="stopped by command"),
    }
)
"""The life table: what a step leads to; what is not in it is refused. `drained` leads to `then`."""


def after(life: Life, step: Step) -> Life:
    """Return the campaign's life after the step.

    Raises `DialerError` where the table has no such row. A step that leads where the campaign already is
    changes nothing, so every command may be repeated.
    """
    if step is Step.DRAINED and life.state is CampaignState.DRAINING and life.then is not None:
        return Life(life.then, reason=life.reason)
    try:
        led_to = LIFE[life.state, step]
    except KeyError:
        allowed = sorted(s.value for state, s in LIFE if state is life.state)
        cure = f"possible now: {', '.join(allowed)}" if allowed else "nothing is possible"
        raise DialerError(f"cannot {step.value} a campaign that is {life.state.value}; {cure}") from None
    return replace(led_to, reason=life.reason) if led_to.state is life.state and not led_to.then else led_to
