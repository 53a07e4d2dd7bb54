"""The answer of a gate: every refusal carries its rule and the time it clears."""

from dataclasses import dataclass

from dialerd.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate says.

    `rule` names the gate, `text` says in words what it found, `clears` what will open it, and `until` when,
    if that is known.
    """

    rule: str
    open: bool
    text: str
    clears: str = ""
    until: Instant | None = None


def allow(rule: str, text: str) -> Verdict:
    """Return the answer of an open gate."""
    return Verdict(rule, True, text)


def block(rule: str, text: str, clears: str, until: Instant | None = None) -> Verdict:
    """Return the answer of a closed gate."""
    return Verdict(rule, False, text, clears, until)
