"""A world to dial in: its people, agents, queues and trunks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dialerd.domain.instant import Instant
from dialerd.simulator.callees import HOUSEHOLDS, Callees, Mix
from dialerd.simulator.durations import Duration, Lognormal, Uniform, hurried

START: Instant = 1_770_000_000_000
"""When virtual time begins unless told otherwise: 2 February 2026, 02:40 UTC."""

MEMBER_NAMES = (
    *("Ann", "Bert", "Carla", "Dev", "Ewa", "Finn", "Gita", "Hugo", "Inga", "Jan", "Kim", "Luis", "Mona"),
    *("Nils", "Olga", "Paul", "Rosa", "Sven", "Tara", "Uwe"),
)


@dataclass(frozen=True, slots=True)
class Habits:
    """How an agent works.

    `pickup` is how long the phone rings before it is answered, None for an agent who never answers;
    `ignores` is the chance that a call is left ringing all the same; a `busy` phone refuses every call.
    `talk` is after how long the agent ends the talk, None when that is left to the other side. `wrap` is how
    long the agent then pauses by hand, None for not at all: the queue's own wrap-up time comes on top.
    """

    pickup: Duration | None = field(default_factory=lambda: Uniform(150, 700))
    ignores: float = 0.0
    busy: bool = False
    talk: Duration | None = field(default_factory=lambda: Lognormal(90_000, 0.7))
    wrap: Duration | None = None

    def hurried(self, speed: float) -> "Habits":
        """Return the same habits with talk and wrap-up so many times shorter; picking up takes as long."""
        talk, wrap = hurried(self.talk, speed), hurried(self.wrap, speed)
        return Habits(self.pickup, self.ignores, self.busy, talk, wrap)


@dataclass(frozen=True, slots=True)
class Staff:
    """A group of agents with the same habits, members of the same queues from the start.

    Their interfaces are `PJSIP/<first>` and so on. `wrapup_s` is their own wrap-up time, 0 for the queue's.
    """

    count: int
    queues: tuple[str, ...] = ("sales",)
    first: int = 1001
    habits: Habits = field(default_factory=Habits)
    wrapup_s: int = 0
    logged_in: bool = True


@dataclass(frozen=True, slots=True)
class QueueRules:
    """The settings of a queue; the spans are whole seconds as in queues.conf.

    `strict` keeps calls out, and sends waiting ones away, while no member is logged in and unpaused.
    """

    name: str
    ring_timeout_s: int = 10
    retry_s: int = 1
    wrapup_s: int = 0
    autopause: bool = True
    strict: bool = True


class What(StrEnum):
    """Things that happen in the house at a set time."""

    LOG_IN = "log in"
    LOG_OUT = "log out"
    PAUSE = "pause"
    RESUME = "resume"
    UNPLUG = "unplug the phone"
    PLUG_IN = "plug the phone in"
    OWN_CALL = "call somebody"
    TRUNK_FAILS = "the trunk fails"
    TRUNK_RECOVERS = "the trunk recovers"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens so many milliseconds after the start.

    `who` is an interface or a trunk, `queue` the queue where one is meant, and `span_ms` how long a call of
    their own lasts.
    """

    after_ms: int
    what: What
    who: str
    queue: str = ""
    span_ms: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world. With the same seed and the same orders, the same things happen in it.

    `speed` shortens what people do (ring, talk, wrap-up by hand) so many times; their patience, and what the
    orders and the queues set, such as ring timeouts, the limit to an agent and wrap-up, stays as it is.
    An empty `trunks` lets every trunk exist; `dead_trunks` are known and out of reach.
    """

    seed: int = 1
    callees: Callees = HOUSEHOLDS
    staff: tuple[Staff, ...] = (Staff(20),)
    queues: tuple[QueueRules, ...] = (QueueRules("sales"),)
    trunks: tuple[str, ...] = ()
    dead_trunks: frozenset[str] = frozenset()
    happenings: tuple[Happening, ...] = ()
    message_ms: int = 1_240
    speed: float = 1.0

    @property
    def people(self) -> Callees:
        """Everybody who can be called, at the world's speed."""
        return self.callees.hurried(self.speed) if isinstance(self.callees, Mix) else self.callees

    def habits_of(self, staff: Staff) -> Habits:
        """Return the group's habits at the world's speed."""
        return staff.habits if self.speed == 1 else staff.habits.hurried(self.speed)

    def rules(self) -> Mapping[str, QueueRules]:
        """Return every queue's rules; a queue that only its staff names has the usual ones."""
        known = {rules.name: rules for rules in self.queues}
        for staff in self.staff:
            for name in staff.queues:
                known.setdefault(name, QueueRules(name))
        return known


def demo(speed: float = 1.0, agents: int = 20, seed: int = 1, queue: str = "sales") -> Scenario:
    """Return the world of the demo: one queue, agents who sometimes miss a call, and households to call."""
    habits = Habits(ignores=0.01, talk=Lognormal(60_000, 0.7))
    return Scenario(
        seed=seed,
        staff=(Staff(agents, (queue,), habits=habits),),
        queues=(QueueRules(queue, wrapup_s=2, autopause=False),),
        speed=speed,
    )
