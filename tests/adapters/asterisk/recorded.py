"""Recorded connections, read with the names that are in use now, and fed through our own reading of them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from dialerd.adapters.asterisk.events import ORIGINATE_ID_PREFIX, Translator
from dialerd.adapters.asterisk.frames import Frame, Splitter
from dialerd.domain.attempt import Attempt, advance
from dialerd.domain.call_events import CallEvent
from dialerd.domain.identifiers import AttemptId, TargetId, new_attempt_id, prefix_of
from dialerd.domain.phone import Phone
from dialerd.engine.messages import Message

TRANSCRIPTS = Path(__file__).with_name("transcripts")
INSTALLATION = "testbd"
RECEIVED_AT = 1_795_390_000_001
"""A time that no event may be given: each of them carries Asterisk's own."""

_OLD_ID = re.compile(rb"\b(?:dlr-\d{6}-\d+|dup-1)\b")
_SEND = re.compile(rb"(?m)^ActionID: (?=%s)" % prefix_of(INSTALLATION).encode())
_USER_EVENT = re.compile(rb"(?m)^UserEvent: Dialer(?!d)")


def present(old_id: str) -> AttemptId:
    """Return the id of today's form that stands for the old one: its bytes, spelled differently."""
    number = int.from_bytes(old_id.encode())
    assert number < 2**130
    return new_attempt_id(INSTALLATION, lambda _bits: number)


def first_id(name: str) -> str:
    """Return the old id of the first call in the recording whose name begins so."""
    (file,) = TRANSCRIPTS.glob(f"{name}*")
    found = _OLD_ID.search(file.read_bytes())
    assert found is not None
    return found[0].decode()


def recording(name: str) -> bytes:
    """Return the bytes of the one recording whose name begins so, with the present names."""
    (file,) = TRANSCRIPTS.glob(f"{name}*")
    data = _OLD_ID.sub(lambda old: present(old[0].decode()).encode(), file.read_bytes())
    data = _SEND.sub(b"ActionID: " + ORIGINATE_ID_PREFIX.encode(), data)
    return _USER_EVENT.sub(b"UserEvent: Dialerd", data)


def frames(data: bytes, chunk: int = 1_460) -> list[Frame]:
    """Return the messages in the bytes as they come off the wire, so many bytes at a time."""
    splitter = Splitter()
    parts = (data[start : start + chunk] for start in range(0, len(data), chunk))
    found = [frame for part in parts for frame in splitter.feed(part)]
    assert not splitter.broken
    return found


def translator() -> Translator:
    """Return a reader of the calls in the recordings."""
    return Translator(prefix_of(INSTALLATION))


def messages(data: bytes) -> list[Message]:
    """Return what the bytes mean to the engine, in order."""
    read = translator().read
    return [message for frame in frames(data) if (message := read(frame, RECEIVED_AT)) is not None]


@dataclass
class Replay:
    """A call as the attempt's life table saw it: the facts that were booked, and those that came after."""

    attempt: Attempt
    facts: list[CallEvent] = field(default_factory=list)
    late: list[CallEvent] = field(default_factory=list)


def attempt(old_id: str, max_wait_ms: int = 2_000) -> Attempt:
    """Return an attempt that knows nothing of the recorded call yet."""
    number = Phone("+15550100")
    return Attempt(present(old_id), "spring", TargetId(1), number, "trunk", "camp1", "", 0, max_wait_ms)


def replay(data: bytes, about: Attempt) -> Replay:
    """Return what becomes of the attempt when it is told of its recorded call."""
    found = Replay(about)
    for message in messages(data):
        if isinstance(message, CallEvent) and message.attempt == about.id:
            (found.facts if about.is_open else found.late).append(message)
            advance(about, message)
    return found
