"""Lists that Asterisk gives on demand: queues with members and callers, and channels."""

from collections.abc import Iterable, Iterator

from dialerd.domain.instant import SECOND_MS, Instant
from dialerd.simulator.answer import Item
from dialerd.simulator.app_queue import AppQueue
from dialerd.simulator.calls import Call
from dialerd.simulator.channels import Channel, Fields


def queue_status(queues: Iterable[AppQueue], now: Instant, member: str = "") -> Iterator[Item]:
    """Tell of each queue, its members (or that one) and its callers."""
    for queue in queues:
        yield "QueueParams", _params(queue)
        for interface, each in queue.members.items():
            if member in ("", interface):
                yield "QueueMember", each.listed()
        for place, caller in enumerate(queue.callers, start=1):
            channel = caller.call.channel
            fields = channel.fields()
            told = (
                "Channel",
                "Uniqueid",
                "CallerIDNum",
                "CallerIDName",
                "ConnectedLineNum",
                "ConnectedLineName",
            )
            entry = {"Queue": queue.rules.name, "Position": str(place)}
            entry |= {key: fields[key].strip("<>") for key in told}
            waited_s = now // SECOND_MS - caller.joined_at // SECOND_MS
            yield "QueueEntry", entry | {"Wait": str(waited_s), "Priority": "0"}


def _params(queue: AppQueue) -> Fields:
    numbers = {
        "Calls": len(queue.callers),
        "Holdtime": queue.hold_s,
        "TalkTime": queue.talk_s,
        "Completed": queue.completed,
        "Abandoned": queue.abandoned,
        "ServiceLevel": 0,
    }
    head = {"Queue": queue.rules.name, "Max": "0", "Strategy": "leastrecent"}
    tail = {"ServicelevelPerf": "0.0", "ServicelevelPerf2": "0.0", "Weight": "0"}
    return head | {key: str(value) for key, value in numbers.items()} | tail


def channels(calls: Iterable[Call], queues: Iterable[AppQueue], now: Instant) -> Iterator[Item]:
    """Tell of every channel: those of the calls, and those of the agents' phones."""
    for channel in _all_channels(calls, queues):
        yield "CoreShowChannel", channel.listed(now)


def _all_channels(calls: Iterable[Call], queues: Iterable[AppQueue]) -> Iterator[Channel]:
    for call in calls:
        yield call.channel
        if call.talk is not None:
            yield call.talk.leg
    for queue in queues:
        for caller in queue.callers:
            if caller.ring is not None:
                yield caller.ring.leg
