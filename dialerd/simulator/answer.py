"""What the exchange answers to an action."""

from dataclasses import dataclass

from dialerd.simulator.channels import Fields

Item = tuple[str, Fields]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the action was taken, and Asterisk's words for it.

    A list answer has items, each the name and fields of an event, and the name of the event that ends it.
    """

    ok: bool
    message: str
    items: tuple[Item, ...] = ()
    list_end: str = ""


def done(message: str) -> Answer:
    """Return the answer to an action that was taken."""
    return Answer(True, message)


def refused(message: str) -> Answer:
    """Return the answer to an action of which nothing came."""
    return Answer(False, message)
