"""An order to place one call."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialerd.domain.identifiers import AttemptId
from dialerd.domain.instant import Instant
from dialerd.domain.phone import Phone


@dataclass(frozen=True, slots=True)
class Originate:
    """Call the number once and put the person through to the queue; void after `not_after`.

    `template` is the trunk's dial string with `{number}`; `variables` are the target's own columns.
    """

    attempt: AttemptId
    number: Phone
    template: str
    caller_id: str
    caller_name: str
    campaign: str
    queue: str
    ring_timeout_ms: int
    max_wait_ms: int
    message: str
    not_after: Instant
    variables: Mapping[str, str] = field(default_factory=dict)
