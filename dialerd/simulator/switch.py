"""What all parts of the exchange share: the time, chance, the voice to the listeners and the trail."""

import json
from collections.abc import Callable
from random import Random

from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.simulator.channels import Channel, Fields
from dialerd.simulator.kernel import Kernel, Timer

Listener = Callable[[str, Fields], None]
TrailWriter = Callable[[str], object]

_CLASSES = {"UserEvent": "user", "ContactStatus": "system", "Shutdown": "system"}


def _privilege(event: str) -> str:
    of_queue = event.startswith(("Agent", "Queue"))
    return f"{'agent' if of_queue else _CLASSES.get(event, 'call')},all"


class Switch:
    """The works of the exchange. `prefix` is how the ids of the channels begin whose events are told."""

    def __init__(self, kernel: Kernel, seed: int, prefix: str = "dlr-") -> None:
        self.rng = Random(seed)
        self.kernel = kernel
        self.prefix = prefix
        self.listeners: list[Listener] = []
        self.trail: TrailWriter | None = None
        self._life = 0
        self._stamped_ms: Instant = 0
        self._stamps = 0
        self._channels = 0

    @property
    def now(self) -> Instant:
        """The virtual time."""
        return self.kernel.now

    @property
    def now_s(self) -> int:
        """The virtual time in whole seconds, as Asterisk often counts."""
        return self.kernel.now // SECOND_MS

    def later(self, delay_ms: float, action: Callable[[], None]) -> Timer:
        """Let the action happen after so many milliseconds, unless all is forgotten before."""
        life = self._life

        def unless_forgotten() -> None:
            if life == self._life:
                action()

        return self.kernel.after(delay_ms, unless_forgotten)

    def forget_all(self) -> None:
        """Let nothing happen of what was to come."""
        self._life += 1

    def next_channel(self) -> int:
        """Return the number of the next channel."""
        self._channels += 1
        return self._channels - 1

    def stamp(self) -> str:
        """Return the time for an event, later than that of every event before."""
        if self.now != self._stamped_ms:
            self._stamped_ms, self._stamps = self.now, 0
        seconds, ms = divmod(self.now, SECOND_MS)
        micros = min(self._stamps, 999)
        self._stamps += 1
        return f"{seconds}.{ms:03d}{micros:03d}"

    def say(self, name: str, *blocks: Fields) -> None:
        """Tell the listeners of an event."""
        fields = {"Privilege": _privilege(name), "Timestamp": self.stamp()}
        for block in blocks:
            fields.update(block)
        for listener in tuple(self.listeners):
            listener(name, fields)

    def say_of_call(self, name: str, uniqueid: str, *blocks: Fields) -> None:
        """Tell of one of the calls whose ids begin as they should; of others nothing is told."""
        if uniqueid.startswith(self.prefix):
            self.say(name, *blocks)

    def note(self, kind: str, channel: Channel, extra: dict[str, object] | None = None) -> None:
        """Write a line of the trail: CHAN_START, ANSWER or HANGUP of a channel."""
        if self.trail is None:
            return
        details = json.dumps(extra, separators=(",", ":")) if extra else ""
        when = f"{self.now // SECOND_MS}.{self.now % SECOND_MS:03d}000"
        columns = (kind, when, channel.uniqueid, channel.linkedid, channel.name, details)
        quoted = ('"' + column.replace('"', '""') + '"' for column in columns)
        self.trail(",".join(quoted) + "\n")
