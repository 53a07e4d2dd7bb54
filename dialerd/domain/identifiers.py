"""Names for the things that must never be confused."""

import re
from collections.abc import Callable
from typing import NewType

AttemptId = NewType("AttemptId", str)
"""`dlr-<installation>-<26 characters>`: also the Uniqueid of the call's channel in Asterisk."""

TargetId = NewType("TargetId", int)

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""32 lower-case characters, none of which is mistaken for another."""

INSTALLATION_LENGTH = 6
_RANDOM_LENGTH = 26
_ATTEMPT_ID = re.compile(rf"dlr-[{ALPHABET}]{{{INSTALLATION_LENGTH}}}-[{ALPHABET}]{{{_RANDOM_LENGTH}}}")

RandomBits = Callable[[int], int]
"""Returns an integer of that many random bits, such as `random.SystemRandom().getrandbits`."""


def new_installation(bits: RandomBits) -> str:
    """Return the name by which one installation knows its own calls on a shared Asterisk."""
    return _spell(bits, INSTALLATION_LENGTH)


def prefix_of(installation: str) -> str:
    """Return how every attempt id of the installation begins."""
    return f"dlr-{installation}-"


def new_attempt_id(installation: str, bits: RandomBits) -> AttemptId:
    """Return a fresh id of 130 random bits.

    The length is fixed because Asterisk refuses an id that is a prefix of a live channel's, and the case
    is lower because it compares without case.
    """
    return AttemptId(prefix_of(installation) + _spell(bits, _RANDOM_LENGTH))


def is_attempt_id(text: str) -> bool:
    """Say whether the text is an attempt id of any installation."""
    return _ATTEMPT_ID.fullmatch(text) is not None


def _spell(bits: RandomBits, length: int) -> str:
    number = bits(5 * length)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(length))
