"""What the engine knows of the plant it works in; replaced as a whole on reload."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialerd.domain.caller_id import CallerIdPool
from dialerd.domain.trunk import Trunk


@dataclass(frozen=True, slots=True)
class Settings:
    """Trunks, queues (name -> wrap-up seconds), caller-ID pools and the limits of the whole system."""

    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    queues: Mapping[str, int] = field(default_factory=dict)
    caller_ids: Mapping[str, CallerIdPool] = field(default_factory=dict)
    channels: int = 500
    calls_per_second: float = 50.0
