"""What the two files hold: every section and key, with its kind, its default and what it is for.

The reference manual is made from here. Sections are frozen, keys that are not here are refused, and a key
that is left out has the default. What one key says about another is the business of `checks`.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WrapSerializer

from dialerd.config.kinds import (
    absolute_path,
    choice,
    dial_template,
    phone_number,
    rate,
    refusal,
    whole,
    word,
)
from dialerd.config.kinds_of_time import clock_range, duration, zone
from dialerd.config.problems import shown
from dialerd.domain.campaign import Campaign
from dialerd.domain.pacing import METHODS
from dialerd.domain.retry import RETRYABLE
from dialerd.domain.schedule import Segment
from dialerd.engine.settings import Settings

MOST_SOCKET_BYTES = 107
"""The operating system takes no longer path for a socket."""

_BUILT_IN = Campaign(name="", list="", queue="", trunk="", caller_ids="")
_LIMITS = Settings()

NEVER = "never"
"""Stands for a retry rule: the default's rule is dropped."""

ALWAYS = "always"
"""Stands for hours: none apply, whatever the defaults say."""

_LETTER = "A-Za-zÀ-ÖØ-öø-ž"
_PART_OF_NAME = f"[{_LETTER}0-9.]"

Name = Annotated[str, word("letters, digits, _ and -, at most 64", r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")]
CampaignName = Annotated[
    str,
    word(
        "letters, digits, _ . and -, at most 64, a letter or digit first", r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
    ),
]
ListName = CampaignName
"""The names that dialerctl takes, so that whatever a file names can be started, filled and shown."""
DisplayName = Annotated[
    str,
    word(
        "letters, digits, spaces, dots and -, at most 40, a letter, digit or dot at both ends",
        rf"{_PART_OF_NAME}([{_LETTER}0-9. -]{{0,38}}{_PART_OF_NAME})?",
    ),
]
Sound = Annotated[
    str,
    word(
        "the name of a sound: letters, digits, _ / and -, without its ending",
        r"(?!.{101})/?[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*",
    ),
]
Host = Annotated[str, word("a host name or an address", r"[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}")]
User = Annotated[str, word("letters, digits, _ . and -, at most 79", r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}")]
Group = Annotated[
    str,
    word(
        "the name of a group of this machine",
        r"[A-Za-z_][A-Za-z0-9_.-]{0,31}",
        "write its name, not its number",
    ),
]
Credential = Annotated[
    str,
    word(
        "the name of a systemd credential, without a path",
        r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}",
        repeated=False,  # it might be the secret itself
    ),
]
File = Annotated[Path, absolute_path()]
Socket = Annotated[Path, absolute_path(MOST_SOCKET_BYTES)]
Template = Annotated[str, dial_template()]
Number = Annotated[str, phone_number()]
Channels = Annotated[int, whole(1, 10_000)]
Rate = Annotated[float, rate(0.01, 500)]
Zone = Annotated[str, zone()]
Segments = tuple[Annotated[Segment, clock_range()], ...]


class Section(BaseModel):
    """Keys that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _or_word(word: str) -> tuple[BeforeValidator, WrapSerializer]:
    """Return how a section may be replaced by one word, which is read as None."""

    def read(value: object) -> object:
        if isinstance(value, str) and value != word:
            raise refusal(f"{shown(value)} is not known", f"write `{word}`, or keys and values below it")
        return None if value == word else value

    def write(value: object, written: Any) -> object:
        return word if value is None else written(value)

    return BeforeValidator(read), WrapSerializer(write)


_NEVER = _or_word(NEVER)
_ALWAYS = _or_word(ALWAYS)


class AsteriskSection(Section):
    """The manager interface (AMI) of the Asterisk that places the calls."""

    host: Host = Field(
        default="127.0.0.1", description="Where Asterisk listens. The manager interface has no encryption."
    )
    port: Annotated[int, whole(1, 65_535)] = Field(default=5038, description="Its TCP port.")
    username: User = Field(default="dialerd", description="The account in `manager.conf`.")
    secret_file: File | None = Field(
        default=None, description="A file with the account's secret and nothing else, closed to other users."
    )
    secret_credential: Credential | None = Field(
        default=None, description="Or the systemd credential that holds it. One of the two must be there."
    )
    trail: File | None = Field(
        default=None,
        description="The channel log that Asterisk writes (`cel_custom.conf`). With it dialerd knows after a "
        "crash whether a call was dialled; without it such a call counts as dialled.",
    )


class StateSection(Section):
    """What must outlive the daemon."""

    database: File = Field(
        default=Path("/var/lib/dialerd/dialerd.db"),
        description="The SQLite database; a local disk, not a network share.",
    )


class ControlSection(Section):
    """The socket through which `dialerctl` speaks, and who may do what there."""

    socket: Socket = Field(
        default=Path("/run/dialerd/control.sock"),
        description=f"The Unix socket, at most {MOST_SOCKET_BYTES} bytes.",
    )
    admins: tuple[Group, ...] = Field(default=(), description="Groups whose members may do everything.")
    operators: tuple[Group, ...] = Field(
        default=(), description="Groups whose members may run campaigns and load lists."
    )
    viewers: tuple[Group, ...] = Field(default=(), description="Groups whose members may look.")


class LimitsSection(Section):
    """What all campaigns and trunks together may not exceed."""

    channels: Channels = Field(default=_LIMITS.channels, description="Calls at one time.")
    calls_per_second: Rate = Field(default=_LIMITS.calls_per_second, description="New calls a second.")


class TrunkSection(Section):
    """A way out of the PBX."""

    dial: Template = Field(
        description="Asterisk's dial string; `{number}` becomes the digits, without a plus."
    )
    channels: Channels = Field(description="Calls at one time, as your carrier allows.")
    calls_per_second: Rate = Field(description="New calls a second, as your carrier allows.")


class QueueSection(Section):
    """A queue of Asterisk whose members take the calls."""

    wrapup: Annotated[int, duration("0s", "1h", "s")] = Field(
        default=0,
        description="An agent's time for notes after a call. It must equal `wrapuptime` in `queues.conf`.",
    )


class CallerIdSection(Section):
    """Numbers that are shown in turn."""

    numbers: tuple[Number, ...] = Field(
        min_length=1,
        description="The numbers: E.164 with its plus, or 3 to 15 digits as your carrier wants them.",
    )
    name: DisplayName = Field(default="", description="The name that is shown with them.")


class PacingSection(Section):
    """How many calls are placed for the agents that are free."""

    method: Annotated[str, choice(METHODS)] = Field(
        default=_BUILT_IN.pacing.method,
        description="`progressive` places one call for each free agent, `ratio` so many times as many.",
    )
    level: Annotated[float, rate(0.1, 10)] | None = Field(
        default=None,
        description="Calls for each free agent. For `ratio` it must be there, for others it must not.",
    )


class RetrySection(Section):
    """When a person is called again after one outcome."""

    count: Annotated[int, whole(0, 199)] = Field(description="Call again so many times.")
    every: Annotated[int, duration("1s", "30d")] = Field(description="So long after the call ended.")


class HoursSection(Section):
    """When a campaign may call, on the clocks of one zone.

    Beside `zone` its keys are days: `mon` to `sun`, a range such as `mon-fri`, or `daily`. They add up. `[]`
    says that a day is closed, as is every day that is not named.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Segments] = Field(init=False)

    zone: Zone = Field(description="The time zone.")

    @property
    def days(self) -> dict[str, tuple[Segment, ...]]:
        """Day key -> segments, as written."""
        return dict(self.__pydantic_extra__)


RetryOutcome = Annotated[str, choice(sorted(outcome.value for outcome in RETRYABLE))]
RetryRules = dict[RetryOutcome, Annotated[RetrySection | None, *_NEVER]]


class RulesSection(Section):
    """Rules for every campaign that leaves them out."""

    queue: Name | None = Field(
        default=None,
        description="The queue whose agents take the calls. It must stand here or under `defaults`.",
    )
    trunk: Name | None = Field(
        default=None, description="The trunk over which they leave. It must stand here or under `defaults`."
    )
    caller_ids: Name | None = Field(
        default=None, description="The caller-ID pool that is shown. It must stand here or under `defaults`."
    )
    ring_timeout: Annotated[int, duration("5s", "60s")] = Field(
        default=_BUILT_IN.ring_timeout_ms,
        description="How long it rings. A call of which the network says nothing ends after 32 s anyway.",
    )
    max_wait: Annotated[int, duration("500ms", "10s")] = Field(
        default=_BUILT_IN.max_wait_ms, description="How long an answered person may wait for an agent."
    )
    message: Sound = Field(default=_BUILT_IN.message, description="The sound that they hear if none came.")
    hours: Annotated[HoursSection | None, *_ALWAYS] = Field(
        default=None, description=f"When calls may be placed, or `{ALWAYS}`."
    )
    pacing: PacingSection = Field(default=PacingSection(), description="How many calls at one time.")
    retry: RetryRules = Field(
        default_factory=dict,
        description=f"Outcome -> when to call again, or `{NEVER}`. It replaces that outcome's rule alone.",
    )


class CampaignFile(RulesSection):
    """A campaign: who is called, by whom, when and how often."""

    name: CampaignName = Field(description="How it is called in every command and report.")
    list: ListName = Field(description="The list of targets to call.")


class LogSection(Section):
    """What is written to the journal (standard error)."""

    level: Annotated[str, choice(("debug", "info", "warning", "error"))] = Field(
        default="info", description="The least important lines that are written."
    )
    format: Annotated[str, choice(("json", "plain"))] = Field(
        default="json", description="One JSON object a line, or plain text for people."
    )


class DaemonFile(Section):
    """The daemon: its Asterisk, its ways out, its limits."""

    asterisk: AsteriskSection
    state: StateSection = StateSection()
    control: ControlSection = ControlSection()
    limits: LimitsSection = LimitsSection()
    trunks: dict[Name, TrunkSection] = Field(default_factory=dict)
    queues: dict[Name, QueueSection] = Field(default_factory=dict)
    caller_ids: dict[Name, CallerIdSection] = Field(default_factory=dict)
    defaults: RulesSection = RulesSection()
    log: LogSection = LogSection()
