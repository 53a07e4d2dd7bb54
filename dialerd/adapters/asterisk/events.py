"""What Asterisk says, as the engine's messages: a table from event names to what they mean."""

from collections.abc import Callable, Iterable, Mapping

from dialerd.adapters.asterisk.dialplan import STATUS_FIELD, UserEvent
from dialerd.adapters.asterisk.frames import Frame
from dialerd.domain import call_events as ev
from dialerd.domain.agent import DeviceState, Member
from dialerd.domain.identifiers import AttemptId, is_attempt_id
from dialerd.domain.instant import DAY_MS, SECOND_MS, Instant
from dialerd.engine.messages import AsteriskReloaded, LivingChannel, MemberGone, MemberSeen, Message

ORIGINATE_ID_PREFIX = "o-"
"""An Originate's ActionID is this and the attempt's id; an answer under another ActionID is not ours."""

_TIMED_OUT = "3"
"""OriginateResponse's Reason when our ring timeout ended the call."""

_PLAYED = "SUCCESS"
"""The message's Status when it was played; otherwise it failed, or there is none."""

DEVICE_STATES: Mapping[str, DeviceState] = {
    "1": DeviceState.IDLE,
    "2": DeviceState.IN_USE,
    "3": DeviceState.IN_USE,
    "4": DeviceState.UNREACHABLE,
    "5": DeviceState.UNREACHABLE,
    "6": DeviceState.RINGING,
    "7": DeviceState.IN_USE,
    "8": DeviceState.IN_USE,
}
"""A queue member's Status; 0 and all others are unknown."""

Reading = Callable[[Frame, AttemptId, Instant], Message | None]


class Translator:
    """Reads Asterisk's events for one installation, whose attempt ids begin with `prefix`."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def read(self, frame: Frame, received_at: Instant) -> Message | None:
        """Return what the event means to the engine, or None if it means nothing.

        Its time is Asterisk's own; `received_at` stands in where Asterisk gives none.
        """
        name = frame.name
        if name == "Reload":
            return AsteriskReloaded()
        about_member = ABOUT_MEMBERS.get(name)
        if about_member is not None:
            return about_member(frame)
        about_call = ABOUT_CALLS.get(name)
        if about_call is None:
            return None
        attempt = frame.get("DestUniqueid" if name == "DialState" else "Uniqueid")
        if not attempt.startswith(self._prefix) or not is_attempt_id(attempt):
            return None
        return about_call(frame, AttemptId(attempt), timestamp(frame, received_at))

    def channels(self, listed: Iterable[Frame]) -> tuple[LivingChannel, ...]:
        """Return our calls among the items of CoreShowChannels, each with the agent it talks to."""
        listed = [frame for frame in listed if frame.get("Linkedid").startswith(self._prefix)]
        ours = [frame for frame in listed if is_attempt_id(frame.get("Uniqueid"))]
        others = [frame for frame in listed if not is_attempt_id(frame.get("Uniqueid"))]
        bridged = [frame for frame in others if frame.get("BridgeId")]
        agents = {(f.get("Linkedid"), f.get("BridgeId")): _interface(f.get("Channel")) for f in bridged}
        return tuple(_living(f, agents.get((f.get("Uniqueid"), f.get("BridgeId")), "")) for f in ours)


def timestamp(frame: Frame, received_at: Instant) -> Instant:
    """Return the event's Timestamp, which is epoch seconds with a fraction.

    One that is missing, or a day away from `received_at`, is no time at all: `received_at` stands in.
    """
    try:
        at = int(float(frame.get("Timestamp")) * SECOND_MS)
    except (ValueError, OverflowError):
        return received_at
    return at if abs(at - received_at) < DAY_MS else received_at


def member(frame: Frame) -> Member:
    """Read a QueueMember item or a QueueMember event of any kind: they spell two of the names differently."""
    interface = frame.get("Interface") or frame.get("Location")
    return Member(
        queue=frame.get("Queue"),
        interface=interface,
        name=frame.get("MemberName") or frame.get("Name") or interface,
        device=DEVICE_STATES.get(frame.get("Status"), DeviceState.UNKNOWN),
        paused=frame.get("Paused") == "1",
        pause_reason=frame.get("PausedReason"),
        last_call_s=_whole(frame.get("LastCall")),
        wrapup_s=_whole(frame.get("Wrapuptime")),
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _interface(channel: str) -> str:
    """Return the interface of a channel's name: PJSIP/1001-0000002a or Local/2001@agents-00000002;1."""
    return channel.partition(";")[0].rpartition("-")[0]


def _living(frame: Frame, agent: str) -> LivingChannel:
    return LivingChannel(
        attempt=AttemptId(frame.get("Uniqueid")),
        channel=frame.get("Channel"),
        up=frame.get("ChannelState") == "6",
        ringing=frame.get("ChannelState") == "5",
        application=frame.get("Application"),
        bridged=agent != "",
        agent=agent,
        age_s=_age(frame.get("Duration")),
    )


def _age(duration: str) -> int:
    """Return the seconds of hours:minutes:seconds."""
    parts = [_whole(part) for part in duration.split(":")]
    return sum(part * 60**place for place, part in enumerate(reversed(parts)))


def _originate_response(frame: Frame, attempt: AttemptId, at: Instant) -> Message | None:
    if frame.action_id != ORIGINATE_ID_PREFIX + attempt:
        return None
    if frame.get("Response") == "Success":
        return ev.Answered(attempt, at)
    return ev.OriginateFailed(attempt, at, frame.get("Reason") == _TIMED_OUT)


def _dial_state(frame: Frame, attempt: AttemptId, at: Instant) -> Message | None:
    return ev.Ringing(attempt, at) if frame.get("DialStatus") in ("RINGING", "PROGRESS") else None


def _hangup(frame: Frame, attempt: AttemptId, at: Instant) -> Message:
    sip_code = _whole(frame.get("TechCause")) or None
    return ev.Hungup(attempt, at, _whole(frame.get("Cause")), frame.get("Cause-txt"), sip_code)


def _user_event(frame: Frame, attempt: AttemptId, at: Instant) -> Message | None:
    name = frame.get("UserEvent")
    meaning = USER_EVENTS.get(name)
    if meaning is None or (name == UserEvent.MESSAGE_PLAYED and frame.get(STATUS_FIELD) != _PLAYED):
        return None
    return meaning(attempt, at)


USER_EVENTS: Mapping[str, type[ev.Answered | ev.Held | ev.LimitReached | ev.MessagePlayed]] = {
    UserEvent.ANSWERED: ev.Answered,
    UserEvent.HOLD: ev.Held,
    UserEvent.ABANDON: ev.LimitReached,
    UserEvent.MESSAGE_PLAYED: ev.MessagePlayed,
}

ABOUT_CALLS: Mapping[str, Reading] = {
    "Newchannel": lambda frame, attempt, at: ev.ChannelCreated(attempt, at, frame.get("Channel")),
    "DialState": _dial_state,
    "OriginateResponse": _originate_response,
    "HangupRequest": lambda _frame, attempt, at: ev.RemoteHangup(attempt, at),
    "Hangup": _hangup,
    "UserEvent": _user_event,
    "AgentCalled": lambda frame, attempt, at: ev.Offered(attempt, at, frame.get("Interface")),
    "AgentRingNoAnswer": lambda frame, attempt, at: ev.NotTaken(attempt, at, frame.get("Interface")),
    "AgentConnect": lambda frame, attempt, at: ev.Connected(attempt, at, frame.get("Interface")),
    "AgentComplete": lambda frame, attempt, at: ev.TalkEnded(attempt, at, frame.get("Interface")),
}

ABOUT_MEMBERS: Mapping[str, Callable[[Frame], Message]] = {
    "QueueMemberStatus": lambda frame: MemberSeen(member(frame)),
    "QueueMemberAdded": lambda frame: MemberSeen(member(frame)),
    "QueueMemberPause": lambda frame: MemberSeen(member(frame)),
    "QueueMemberRemoved": lambda frame: MemberGone(frame.get("Queue"), frame.get("Interface")),
}
