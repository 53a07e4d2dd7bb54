"""The channels of the exchange, and how Asterisk describes them in its events."""

from dataclasses import dataclass, field
from enum import IntEnum

from dialerd.domain.instant import SECOND_MS, Instant

Fields = dict[str, str]
UNKNOWN = "<unknown>"


class ChannelState(IntEnum):
    """Asterisk's number for what a channel is doing."""

    DOWN = 0
    RINGING = 5
    UP = 6


_WORDS = {ChannelState.DOWN: "Down", ChannelState.RINGING: "Ringing", ChannelState.UP: "Up"}


@dataclass(slots=True)
class Channel:
    """One leg of a call, and where it stands in the dialplan."""

    name: str
    uniqueid: str
    linkedid: str
    created_at: Instant
    state: ChannelState = ChannelState.DOWN
    number: str = ""
    caller: str = ""
    account: str = ""
    context: str = "from-trunk"
    exten: str = "s"
    priority: int = 1
    application: str = "AppDial2"
    data: str = "(Outgoing Line)"
    bridge: str = ""

    def goto(self, context: str, exten: str, priority: int = 1) -> None:
        """Go on at that place of the dialplan."""
        self.context, self.exten, self.priority = context, exten, priority

    def runs(self, application: str, data: str = "") -> None:
        """Run that application of the dialplan."""
        self.application, self.data = application, data

    def fields(self, prefix: str = "") -> Fields:
        """Return the block that stands in every event about the channel."""
        number, name = self.number or UNKNOWN, self.caller or UNKNOWN
        return {
            f"{prefix}Channel": self.name,
            f"{prefix}ChannelState": str(int(self.state)),
            f"{prefix}ChannelStateDesc": _WORDS[self.state],
            f"{prefix}CallerIDNum": number,
            f"{prefix}CallerIDName": name,
            f"{prefix}ConnectedLineNum": number,
            f"{prefix}ConnectedLineName": name,
            f"{prefix}Language": "en",
            f"{prefix}AccountCode": self.account,
            f"{prefix}Context": self.context,
            f"{prefix}Exten": self.exten,
            f"{prefix}Priority": str(self.priority),
            f"{prefix}Uniqueid": self.uniqueid,
            f"{prefix}Linkedid": self.linkedid,
        }

    def birth(self) -> Fields:
        """Return the block of its first event, when neither number nor account are set yet."""
        nobody = ("CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName")
        return self.fields() | dict.fromkeys(nobody, UNKNOWN) | {"AccountCode": ""}

    def listed(self, now: Instant) -> Fields:
        """Return the item that stands for it in a list of channels."""
        minutes, seconds = divmod((now - self.created_at) // SECOND_MS, 60)
        hours, minutes = divmod(minutes, 60)
        return self.fields() | {
            "Application": self.application,
            "ApplicationData": self.data,
            "Duration": f"{hours:02d}:{minutes:02d}:{seconds:02d}",
            "BridgeId": self.bridge,
        }


@dataclass(frozen=True, slots=True)
class OriginateRequest:
    """An Originate action as it was taken; `timeout_ms` of 0 lets it ring for ever."""

    channel: str
    channel_id: str
    context: str
    exten: str
    timeout_ms: int = 30_000
    action_id: str = ""
    caller_number: str = ""
    caller_name: str = ""
    account: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """What is dialled."""
        resource = self.channel.partition("/")[2]
        return resource.rpartition("@")[0] if "@" in resource else resource.partition("/")[2]

    @property
    def trunk(self) -> str:
        """The endpoint through which it is dialled, '' when it is no PJSIP channel."""
        technology, _, resource = self.channel.partition("/")
        if technology.upper() != "PJSIP":
            return ""
        return resource.rpartition("@")[2] if "@" in resource else resource.partition("/")[0]
