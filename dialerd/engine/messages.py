"""What goes into the engine (messages) and what comes out of it (records, then orders)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialerd.domain.agent import Member
from dialerd.domain.attempt import Attempt
from dialerd.domain.call_events import CallEvent, Trail
from dialerd.domain.campaign import Campaign, Life
from dialerd.domain.campaign import Step as CampaignStep
from dialerd.domain.identifiers import AttemptId, TargetId
from dialerd.domain.instant import Instant
from dialerd.domain.originate import Originate
from dialerd.domain.outcome import Outcome
from dialerd.domain.target import Standing, Target
from dialerd.engine.settings import Settings

# --- messages: what happened ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The link to Asterisk came up or went down."""

    up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """Asterisk described a queue member: in a list, or because something about it changed."""

    member: Member


@dataclass(frozen=True, slots=True)
class MemberGone:
    """The member left the queue."""

    queue: str
    interface: str


@dataclass(frozen=True, slots=True)
class LivingChannel:
    """One of our calls as a list of channels shows it.

    `agent` is the interface it is bridged with; `age_s` is its age in whole seconds, rounded down.
    """

    attempt: AttemptId
    channel: str
    up: bool
    ringing: bool
    application: str
    bridged: bool
    agent: str = ""
    age_s: int = 0


@dataclass(frozen=True, slots=True)
class Surveyed:
    """All our channels, and all members of all queues, as they were when the list was made.

    `asked_at` is when the question was sent: what was opened later need not be in the answer.
    """

    asked_at: Instant
    channels: tuple[LivingChannel, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class AsteriskReloaded:
    """Asterisk read its configuration again: members may have come and gone without a word."""


@dataclass(frozen=True, slots=True)
class SurveyFailed:
    """The list could not be had; the link will say why."""

    reason: str


@dataclass(frozen=True, slots=True)
class TrailRead:
    """What the log of channels holds of the attempts asked for; None where it holds nothing."""

    trails: Mapping[AttemptId, Trail | None]


@dataclass(frozen=True, slots=True)
class Claimed:
    """Targets that may be dialled now, the answer to a `Claim`.

    `next_due_at` is when the earliest waiting target falls due, None when none waits; `open` is whether any
    target of the campaign is not done yet.
    """

    campaign: str
    targets: tuple[Target, ...]
    next_due_at: Instant | None
    open: bool


@dataclass(frozen=True, slots=True)
class ClaimFailed:
    """The targets could not be read."""

    campaign: str
    reason: str


@dataclass(frozen=True, slots=True)
class EventsLost:
    """More was told than the inbox holds: what happened is not known."""

    dropped: int


@dataclass(frozen=True, slots=True)
class TargetsLoaded:
    """Rows were added to the list."""

    list: str


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """The cycle's records could not be written yet; nothing may be placed."""

    reason: str


@dataclass(frozen=True, slots=True)
class StoreRecovered:
    """Every record is written again."""


@dataclass(frozen=True, slots=True)
class Reconfigured:
    """New settings, fully checked; `mended` are campaigns whose rules can be read again."""

    settings: Settings
    mended: tuple[Campaign, ...] = ()


@dataclass(frozen=True, slots=True)
class Draining:
    """The daemon is about to end: place nothing more."""

    reason: str


# --- requests: commands that want an answer --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ApplyCampaign:
    """Make the campaign known, or give it new rules; `source` is its file."""

    campaign: Campaign
    source: str


@dataclass(frozen=True, slots=True)
class MoveCampaign:
    """Start, pause, resume or stop a campaign; `hang_up` ends its calls as well."""

    name: str
    step: CampaignStep
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class AskStatus:
    """What is the state of everything?"""


@dataclass(frozen=True, slots=True)
class AskCampaigns:
    """What campaigns are there?"""


@dataclass(frozen=True, slots=True)
class AskCampaign:
    """What are the rules and the state of the campaign?"""

    name: str


@dataclass(frozen=True, slots=True)
class AskWhy:
    """Why is the campaign calling, or not?"""

    name: str


@dataclass(frozen=True, slots=True)
class AskAgents:
    """What is each queue member doing?"""

    queue: str = ""


Request = ApplyCampaign | MoveCampaign | AskStatus | AskCampaigns | AskCampaign | AskWhy | AskAgents


@dataclass(frozen=True, slots=True)
class Command:
    """A request, and the token under which its answer is expected."""

    token: int
    request: Request


Message = (
    CallEvent
    | LinkChanged
    | MemberSeen
    | MemberGone
    | Surveyed
    | SurveyFailed
    | AsteriskReloaded
    | TrailRead
    | Claimed
    | ClaimFailed
    | EventsLost
    | TargetsLoaded
    | StoreFailed
    | StoreRecovered
    | Reconfigured
    | Draining
    | Command
)

# --- records: what is written, all of one step in one transaction -----------------------------------------


@dataclass(frozen=True, slots=True)
class AttemptOpened:
    """A call is about to be ordered; its target is in flight from now on."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class AttemptProgressed:
    """The call was answered or reached an agent."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class AttemptClosed:
    """The attempt ended with this outcome; `tries` and `standing` are its target's from now on."""

    attempt: Attempt
    outcome: Outcome
    tries: Mapping[Outcome, int]
    standing: Standing


@dataclass(frozen=True, slots=True)
class CampaignSaved:
    """A campaign's rules (its file's text) and state."""

    name: str
    list: str
    source: str
    life: Life
    at: Instant


@dataclass(frozen=True, slots=True)
class CampaignMoved:
    """A campaign's state changed."""

    name: str
    life: Life
    at: Instant


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that an operator may ask about later."""

    at: Instant
    kind: str
    subject: str
    text: str


Record = AttemptOpened | AttemptProgressed | AttemptClosed | CampaignSaved | CampaignMoved | Noted

# --- orders: what is done, after the records hold ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the held person on to the queue: an agent is free."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""

    attempt: AttemptId
    reason: str


@dataclass(frozen=True, slots=True)
class Survey:
    """List our channels and the queue members."""


@dataclass(frozen=True, slots=True)
class ReadTrail:
    """Look the attempts up in the log of channels."""

    attempts: tuple[AttemptId, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Fetch up to `limit` targets that are due, other than those `held`."""

    campaign: str
    list: str
    limit: int
    held: frozenset[TargetId]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command: JSON values only; `confirms` that something was changed and is written."""

    token: int
    result: Any
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The command was refused, and nothing was changed."""

    token: int
    reason: str


Order = Originate | Redirect | HangUp | Survey | ReadTrail | Claim | Reply | Refusal


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the engine wants written and done, and when it must be called again at the latest."""

    records: tuple[Record, ...] = ()
    orders: tuple[Order, ...] = ()
    wake_at: Instant | None = None


# --- what the store gives back at start -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredCampaign:
    """A campaign as it was saved."""

    name: str
    list: str
    source: str
    life: Life


@dataclass(frozen=True, slots=True)
class Restored:
    """Everything that outlives the daemon and that it must know to go on."""

    installation: str
    campaigns: tuple[StoredCampaign, ...] = ()
    open_attempts: tuple[tuple[Attempt, Target], ...] = field(default=())
