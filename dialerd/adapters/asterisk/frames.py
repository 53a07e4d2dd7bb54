"""Cut the byte stream from Asterisk into messages, and read their fields only when asked."""

from functools import lru_cache

MESSAGE_LIMIT = 256 * 1024
"""Bytes of one message; Asterisk's longest (a channel event with many variables) stays far below."""

_EOL = b"\r\n"
_END = b"\r\n\r\n"
EVENT = b"Event: "
_RESPONSE = b"Response:"
_BANNER = b"Asterisk Call Manager/"


@lru_cache(maxsize=1024)
def _begins(key: str | bytes) -> tuple[bytes, bytes]:
    """Return how a header begins on the first line, and on any other."""
    name = key if isinstance(key, bytes) else key.encode("utf-8", "backslashreplace")
    return name + b":", _EOL + name + b":"


def _shown(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


class Frame:
    """One message from Asterisk, kept as bytes; names are matched in the case that Asterisk sends.

    A line ends at CR LF only, so a lone LF inside a value cannot pass for another header. Bytes that are
    not UTF-8 are shown as `\\xe9`.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @property
    def name(self) -> str:
        """The event's name, or '' for an answer."""
        raw = self.raw
        if raw.startswith(EVENT):
            end = raw.find(_EOL, 7)
            return (raw[7:end] if end >= 0 else raw[7:]).decode("utf-8", "backslashreplace")
        return "" if raw.startswith(_RESPONSE) else self.get("Event")

    @property
    def is_response(self) -> bool:
        """Whether this answers an action (events that belong to an answered list do not)."""
        raw = self.raw
        if raw.startswith(EVENT):
            return False
        return raw.startswith(_RESPONSE) or (self.get("Event") == "" and self.get("Response") != "")

    @property
    def action_id(self) -> str:
        """The id that the action carried which this message belongs to, or ''."""
        return self.get("ActionID")

    def get(self, key: str | bytes) -> str:
        """Return the first value of the header, or '' if it is missing."""
        raw = self.raw
        head, line = _begins(key)
        if raw.startswith(head):
            start = len(head)
        else:
            start = raw.find(line) + len(line)
            if start < len(line):
                return ""
        end = raw.find(_EOL, start)
        value = raw[start:end] if end >= 0 else raw[start:]
        return value.decode("utf-8", "backslashreplace").removeprefix(" ")

    def fields(self) -> dict[str, str]:
        """Return all headers for a person to look at; of repeated ones the first, as `get` does."""
        found: dict[str, str] = {}
        for line in self.raw.split(_EOL):
            key, colon, value = line.partition(b":")
            if colon:
                found.setdefault(_shown(key), _shown(value.removeprefix(b" ")))
        return found

    def __repr__(self) -> str:
        return f"<Frame {self.name or 'response'} of {len(self.raw)} bytes>"


class Splitter:
    """Turns chunks of a connection into frames, the same ones however the bytes were cut.

    After a message above `limit` bytes it is `broken`: it returns nothing more and keeps nothing.
    `banner` is the first line if it is Asterisk's greeting.
    """

    __slots__ = ("_begun", "_limit", "_rest", "banner", "broken")

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._begun = False
        self.banner = ""
        self.broken = False

    def __len__(self) -> int:
        """Return how many bytes of an unfinished message are kept."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Frame]:
        """Return the messages that these bytes complete."""
        if self.broken:
            return []
        rest = self._rest
        if rest:
            ends_here = _END in bytes(rest[-3:]) + data
            rest += data
            if not ends_here:
                self._check_rest()
                return []
            data = bytes(rest)
        parts = data.split(_END)
        self._rest = bytearray(parts.pop())
        if len(data) > self._limit:
            parts = self._up_to_limit(parts)
        if parts and not self._begun:
            self._begun = True
            parts[0] = self._without_banner(parts[0])
        self._check_rest()
        return [Frame(part) for part in parts if part]

    def _up_to_limit(self, parts: list[bytes]) -> list[bytes]:
        for place, part in enumerate(parts):
            if len(part) > self._limit:
                self.broken = True
                return parts[:place]
        return parts

    def _without_banner(self, part: bytes) -> bytes:
        if not part.startswith(_BANNER):
            return part
        line, _, message = part.partition(_EOL)
        self.banner = _shown(line)
        return message

    def _check_rest(self) -> None:
        if len(self._rest) > self._limit + len(_END) - 1:
            self.broken = True
        if self.broken:
            self._rest = bytearray()
