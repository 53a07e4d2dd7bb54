"""The manager interface's bytes, as the server's end reads and writes them."""

from collections.abc import Iterable
from dataclasses import dataclass

from dialerd.simulator.channels import Fields

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
MOST_LINE_BYTES = 1_024
MOST_LINES = 128


@dataclass(frozen=True, slots=True)
class Action:
    """A message that came in; `fault` is why it could not be read."""

    lines: tuple[tuple[str, str], ...] = ()
    fault: str = ""

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of the header, whose name counts without case."""
        return next(iter(self.all(name)), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of the header."""
        return tuple(value for key, value in self.lines if key.lower() == name.lower())

    def variables(self) -> dict[str, str]:
        """Return what its Variable headers set; a comma begins the next one, as in Asterisk."""
        pairs = (part.partition("=") for value in self.all("Variable") for part in value.split(","))
        return {name.strip(): value for name, _, value in pairs}


class ActionReader:
    """Cuts bytes into actions: a line ends at CR LF or a bare LF, a message at an empty line."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[tuple[str, str]] = []
        self._fault = ""

    def feed(self, data: bytes) -> list[Action]:
        """Return the actions that these bytes complete."""
        actions = []
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            action = self._take(line.removesuffix(b"\r"))
            if action is not None:
                actions.append(action)
        if len(self._rest) > MOST_LINE_BYTES:
            self._fault = "Failed to parse message: line too long"
            self._rest = self._rest[-1:]
        return actions

    def _take(self, line: bytes) -> Action | None:
        if not line:
            return self._end()
        if len(line) >= MOST_LINE_BYTES:
            self._fault = "Failed to parse message: line too long"
        elif len(self._lines) >= MOST_LINES:
            self._fault = "Too many lines in message"
        else:
            name, _, value = line.decode(errors="surrogateescape").partition(":")
            self._lines.append((name.strip(), value.strip()))
        return None

    def _end(self) -> Action | None:
        lines, fault = tuple(self._lines), self._fault
        self._lines, self._fault = [], ""
        if fault:
            return Action(fault=fault)
        return Action(lines) if lines else None


def message(*blocks: Fields | Iterable[tuple[str, str]]) -> bytes:
    """Return one message of these headers."""
    lines: list[str] = []
    for block in blocks:
        pairs = block.items() if isinstance(block, dict) else block
        lines.extend(f"{name}: {value}" for name, value in pairs)
    return ("\r\n".join(lines) + "\r\n\r\n").encode(errors="surrogateescape")


def event(name: str, fields: Fields) -> bytes:
    """Return an event."""
    return message({"Event": name}, fields)
