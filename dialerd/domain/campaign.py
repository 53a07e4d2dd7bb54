"""A campaign: immutable rules, and the life table of its state."""

from collections.abc import Mapping
from dataclasses import dataclass
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


Place = tuple[CampaignState, CampaignState | None]
"""A state, and where draining leads; only draining leads anywhere by itself."""

_DRAFT: Place = (CampaignState.DRAFT, None)
_RUNS: Place = (CampaignState.RUNNING, None)
_RESTS: Place = (CampaignState.PAUSED, None)
_PAUSING: Place = (CampaignState.DRAINING, CampaignState.PAUSED)
_STOPPING: Place = (CampaignState.DRAINING, CampaignState.FINISHED)
_OVER: Place = (CampaignState.FINISHED, None)

_RUNNING = Life(CampaignState.RUNNING)
_PAUSED = Life(CampaignState.PAUSED, reason="by command")
_STOPPED = Life(CampaignState.FINISHED, reason="by command")
_EXHAUSTED = Life(CampaignState.FINISHED, reason="list exhausted")
_TO_PAUSE = Life(CampaignState.DRAINING, CampaignState.PAUSED, "by command")
_TO_END = Life(CampaignState.DRAINING, CampaignState.FINISHED, "by command")

LIFE: Mapping[tuple[Place, Step], Life] = MappingProxyType(
    {
        (_DRAFT, Step.START): _RUNNING,
        (_DRAFT, Step.STOP): _STOPPED,
        (_RUNS, Step.START): _RUNNING,
        (_RUNS, Step.RESUME): _RUNNING,
        (_RUNS, Step.PAUSE): _TO_PAUSE,
        (_RUNS, Step.STOP): _TO_END,
        (_RUNS, Step.EXHAUSTED): _EXHAUSTED,
        (_PAUSING, Step.PAUSE): _TO_PAUSE,
        (_PAUSING, Step.RESUME): _RUNNING,
        (_PAUSING, Step.STOP): _TO_END,
        (_PAUSING, Step.DRAINED): _PAUSED,
        (_STOPPING, Step.STOP): _TO_END,
        (_STOPPING, Step.DRAINED): _STOPPED,
        (_RESTS, Step.START): _RUNNING,
        (_RESTS, Step.RESUME): _RUNNING,
        (_RESTS, Step.PAUSE): _PAUSED,
        (_RESTS, Step.STOP): _STOPPED,
        (_OVER, Step.STOP): _STOPPED,
    }
)
"""The life table: what a step leads to; what is not in it is refused."""

COMMANDS = (Step.START, Step.PAUSE, Step.RESUME, Step.STOP)
"""The steps that a person can ask for; the others happen."""


def after(life: Life, step: Step) -> Life:
    """Return the campaign's life after the step.

    Raises `DialerError` where the table has no such row. A step that leads where the campaign already is
    changes nothing, so every command may be repeated.
    """
    place = (life.state, life.then)
    led_to = LIFE.get((place, step))
    if led_to is None:
        possible = ", ".join(command.value for command in COMMANDS if (place, command) in LIFE)
        where = f"{life.state.value} until it is {life.then.value}" if life.then else life.state.value
        raise DialerError(f"cannot {step.value} a campaign that is {where}; possible now: {possible}")
    return life if (led_to.state, led_to.then) == place else led_to
