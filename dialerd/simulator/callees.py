"""What the people and carriers at the other end do with a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from dialerd.simulator.durations import Duration, Fixed, Lognormal, Uniform, hurried

RINGING = "RINGING"
PROGRESS = "PROGRESS"
ANSWER = 200
SIP_SILENCE_MS = 32_000
"""Asterisk gives up on a carrier that says nothing at all after this time."""

_AT_ONCE = Fixed(5)
_SIGN_AFTER_MS = 8


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that the far end can do.

    `sign` is the sign of life before the end (RINGING for 180, PROGRESS for early media, '' for none),
    `final` how long after dialling the final response comes, and `sip` that response: 200 answers, 0 never
    comes.
    Of those who answer, `leaves` is when they hang up whatever happens, `patience` when they do if no agent
    has come, and `talk` when they end the talk with one; None leaves that to the other side.
    """

    name: str
    sip: int = 0
    sign: str = ""
    final: Duration = _AT_ONCE
    leaves: Duration | None = None
    patience: Duration | None = None
    talk: Duration | None = None

    def hurried(self, speed: float) -> "Behaviour":
        """Return the same behaviour, lived through so many times faster; patience stays as it is."""
        if speed == 1:
            return self
        return replace(
            self,
            final=hurried(self.final, speed) or self.final,
            leaves=hurried(self.leaves, speed),
            talk=hurried(self.talk, speed),
        )


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What the far end will do with this one call; spans in milliseconds, None for never."""

    name: str
    sip: int
    sign: str
    sign_ms: float | None
    final_ms: float | None
    leaves_ms: float | None
    patience_ms: float | None
    talk_ms: float | None


def plan(behaviour: Behaviour, rng: Random) -> CallPlan:
    """Return what the far end does this time."""

    def span(duration: Duration | None) -> float | None:
        return None if duration is None else duration.draw(rng)

    final = span(behaviour.final) if behaviour.sip else None
    sign = min(_SIGN_AFTER_MS, _SIGN_AFTER_MS if final is None else final) if behaviour.sign else None
    leaves, patience, talk = span(behaviour.leaves), span(behaviour.patience), span(behaviour.talk)
    return CallPlan(behaviour.name, behaviour.sip, behaviour.sign, sign, final, leaves, patience, talk)


class Callees(Protocol):
    """Everybody who can be called."""

    def behaviour(self, number: str, rng: Random) -> Behaviour:
        """Return what a call to the number meets this time."""


BEHAVIOURS: Mapping[str, Behaviour] = {
    behaviour.name: behaviour
    for behaviour in (
        Behaviour("answer", ANSWER),
        Behaviour("ring_then_answer", ANSWER, RINGING, Fixed(1_000)),
        Behaviour("answer_then_hang_up", ANSWER, leaves=Fixed(2_000)),
        Behaviour("answer_and_hang_up_at_once", ANSWER, leaves=Fixed(1)),
        Behaviour("busy", 486),
        Behaviour("ring_then_busy", 486, RINGING, Fixed(1_000)),
        Behaviour("decline", 603),
        Behaviour("unallocated", 404),
        Behaviour("gone", 410),
        Behaviour("unavailable", 480),
        Behaviour("incomplete", 484),
        Behaviour("not_acceptable", 488),
        Behaviour("server_error", 500),
        Behaviour("congestion", 503),
        Behaviour("request_timeout", 408),
        Behaviour("no_reply"),
        Behaviour("ring_out", sign=RINGING),
        Behaviour("early_media_ring_out", sign=PROGRESS),
    )
}
"""Behaviours without chance, for tests; `by_last_digits` chooses among them."""

_FIRST_ENDINGS: Sequence[tuple[int, str]] = (
    (0, "answer"),
    (30, "ring_then_answer"),
    (40, "answer_then_hang_up"),
    (45, "answer_and_hang_up_at_once"),
    (50, "busy"),
    (55, "ring_then_busy"),
    (58, "decline"),
    (61, "unallocated"),
    (64, "gone"),
    (66, "unavailable"),
    (68, "incomplete"),
    (70, "not_acceptable"),
    (72, "server_error"),
    (74, "congestion"),
    (78, "request_timeout"),
    (80, "no_reply"),
    (85, "ring_out"),
    (93, "early_media_ring_out"),
)


def by_last_digits(number: str) -> Behaviour:
    """Return what the number's last two digits stand for; a number without them is unallocated."""
    if not number[-2:].isdigit() or len(number) < 2:
        return BEHAVIOURS["unallocated"]
    ending = int(number[-2:])
    name = next(name for first, name in reversed(_FIRST_ENDINGS) if ending >= first)
    return BEHAVIOURS[name]


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Callees without chance: some numbers behave as told, all others by their last two digits."""

    told: Mapping[str, Behaviour] | None = None

    def behaviour(self, number: str, rng: Random) -> Behaviour:  # noqa: ARG002
        """Return what the number was told to do, or what its last two digits stand for."""
        return (self.told or {}).get(number) or by_last_digits(number)


@dataclass(frozen=True, slots=True)
class Share:
    """How often a behaviour comes, by weight."""

    weight: float
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Mix:
    """Callees by chance, the same for every number."""

    shares: tuple[Share, ...]

    def behaviour(self, number: str, rng: Random) -> Behaviour:
        """Return one of the behaviours; a number that is none is unallocated."""
        if not number:
            return BEHAVIOURS["unallocated"]
        weights = [share.weight for share in self.shares]
        return rng.choices(self.shares, weights)[0].behaviour

    def hurried(self, speed: float) -> "Mix":
        """Return the same people, so many times faster."""
        return Mix(tuple(Share(share.weight, share.behaviour.hurried(speed)) for share in self.shares))


_RING = Uniform(2_000, 8_000)
_PATIENCE = Lognormal(6_000)
_TALK = Lognormal(180_000)

HOUSEHOLDS = Mix(
    (
        Share(33, Behaviour("person", ANSWER, RINGING, _RING, patience=_PATIENCE, talk=_TALK)),
        Share(2, Behaviour("hangs up at hello", ANSWER, RINGING, _RING, leaves=Uniform(200, 1_500))),
        Share(41, Behaviour("nobody at home", sign=RINGING)),
        Share(5, Behaviour("nobody, early media", sign=PROGRESS)),
        Share(8, Behaviour("busy", 486, final=Uniform(80, 400))),
        Share(2, Behaviour("rejects", 603, RINGING, Uniform(1_500, 6_000))),
        Share(3, Behaviour("busy after ringing", 486, RINGING, Uniform(1_500, 6_000))),
        Share(3, Behaviour("no such number", 404, final=Uniform(80, 400))),
        Share(2, Behaviour("switched off", 480, final=Uniform(200, 1_500))),
        Share(1, Behaviour("congestion", 503, final=Uniform(30, 200))),
    )
)
"""35 of 100 calls are answered, 46 ring out, the others are refused."""
