"""What each of Asterisk's events means to the engine, and what means nothing."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.adapters.asterisk.dialplan import UserEvent
from dialerd.adapters.asterisk.events import (
    ABOUT_CALLS,
    ABOUT_MEMBERS,
    DEVICE_STATES,
    ORIGINATE_ID_PREFIX,
    USER_EVENTS,
    Translator,
    member,
    timestamp,
)
from dialerd.adapters.asterisk.frames import Frame
from dialerd.domain import call_events as ev
from dialerd.domain.agent import DeviceState, Member
from dialerd.domain.identifiers import AttemptId
from dialerd.engine.messages import LivingChannel, MemberGone, MemberSeen, Message

PREFIX = "dlr-abc123-"
ID = AttemptId(PREFIX + "0123456789abcdefghjkmnpqrs")
OTHER_INSTALLATION = ID.replace("abc123", "abc124")
STAMP, AT, RECEIVED_AT = "1795387785.175678", 1_795_387_785_175, 1_795_387_786_000


def frame(event: str, **fields: str) -> Frame:
    """Return an event; an underscore in a field's name stands for a dash."""
    lines = [f"Event: {event}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return Frame("\r\n".join(lines).encode())


def read(event: str, **fields: str) -> Message | None:
    """Return what the event about our call means."""
    about = {"Uniqueid": ID, "Timestamp": STAMP, **fields}
    return Translator(PREFIX).read(frame(event, **about), RECEIVED_AT)


CHANNEL = "PJSIP/trunk-0000002a"
MEANINGS: tuple[tuple[str, Mapping[str, str], Message], ...] = (
    ("Newchannel", {"Channel": CHANNEL}, ev.ChannelCreated(ID, AT, CHANNEL)),
    ("HangupRequest", {"Cause": "17"}, ev.RemoteHangup(ID, AT)),
    (
        "Hangup",
        {"Cause": "17", "Cause_txt": "User busy", "TechCause": "486"},
        ev.Hungup(ID, AT, 17, "User busy", 486),
    ),
    ("Hangup", {"Cause": "0", "Cause_txt": "Unknown"}, ev.Hungup(ID, AT, 0, "Unknown", None)),
    ("AgentCalled", {"Interface": "PJSIP/1001"}, ev.Offered(ID, AT, "PJSIP/1001")),
    ("AgentRingNoAnswer", {"Interface": "PJSIP/1001"}, ev.NotTaken(ID, AT, "PJSIP/1001")),
    ("AgentConnect", {"Interface": "PJSIP/1001"}, ev.Connected(ID, AT, "PJSIP/1001")),
    ("AgentComplete", {"Interface": "PJSIP/1001"}, ev.TalkEnded(ID, AT, "PJSIP/1001")),
    ("UserEvent", {"UserEvent": "DialerdAnswered"}, ev.Answered(ID, AT)),
    ("UserEvent", {"UserEvent": "DialerdHold"}, ev.Held(ID, AT)),
    ("UserEvent", {"UserEvent": "DialerdAbandon"}, ev.LimitReached(ID, AT)),
    ("UserEvent", {"UserEvent": "DialerdMessagePlayed", "Status": "SUCCESS"}, ev.MessagePlayed(ID, AT)),
)


@pytest.mark.parametrize(("event", "fields", "meaning"), MEANINGS)
def test_an_event_about_our_call_is_a_fact_at_asterisks_own_time(
    event: str, fields: Mapping[str, str], meaning: Message
) -> None:
    assert read(event, **fields) == meaning


@pytest.mark.parametrize(
    "uniqueid", ["", "1795391790.448", OTHER_INSTALLATION, ID + ";2", ID[:-1], ID.upper()]
)
@pytest.mark.parametrize("event", sorted(ABOUT_CALLS))
def test_an_event_about_another_channel_means_nothing(event: str, uniqueid: str) -> None:
    fields = {
        "DestUniqueid": uniqueid,
        "DialStatus": "RINGING",
        "UserEvent": "DialerdAnswered",
        "Linkedid": ID,
    }
    send = ORIGINATE_ID_PREFIX + uniqueid
    assert read(event, Uniqueid=uniqueid, ActionID=send, Response="Success", **fields) is None


@pytest.mark.parametrize(
    "event", ["", "Newstate", "QueueCallerAbandon", "SoftHangupRequest", "DialEnd", "VarSet", "hangup"]
)
def test_an_event_that_is_not_in_the_table_means_nothing(event: str) -> None:
    assert read(event) is None


def test_an_answer_to_an_action_means_nothing() -> None:
    answer = Frame(f"Response: Success\r\nActionID: {ORIGINATE_ID_PREFIX}{ID}\r\nUniqueid: {ID}".encode())
    assert Translator(PREFIX).read(answer, RECEIVED_AT) is None


# --- the order itself ------------------------------------------------------------------------------------


def originate_response(
    response: str, reason: str, action_id: str = ORIGINATE_ID_PREFIX + ID
) -> Message | None:
    """Return what the end of an order means."""
    return read("OriginateResponse", Response=response, Reason=reason, ActionID=action_id)


@pytest.mark.parametrize(
    ("response", "reason", "meaning"),
    [
        ("Success", "4", ev.Answered(ID, AT)),
        ("Failure", "3", ev.OriginateFailed(ID, AT, timed_out=True)),
        ("Failure", "0", ev.OriginateFailed(ID, AT, timed_out=False)),
        ("Failure", "", ev.OriginateFailed(ID, AT, timed_out=False)),
    ],
)
def test_the_end_of_our_order_is_an_answer_a_timeout_or_a_failure(
    response: str, reason: str, meaning: Message
) -> None:
    assert originate_response(response, reason) == meaning


@pytest.mark.parametrize("action_id", ["", ID, "a7", "x-" + ID, ORIGINATE_ID_PREFIX + OTHER_INSTALLATION])
@pytest.mark.parametrize("response", ["Success", "Failure"])
def test_the_end_of_an_order_that_we_did_not_send_means_nothing(response: str, action_id: str) -> None:
    assert originate_response(response, "0", action_id) is None


# --- ringing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "rings"), [("RINGING", True), ("PROGRESS", True), ("PROCEEDING", False)])
def test_ringing_and_early_media_are_signs_of_life(status: str, rings: bool) -> None:
    dialled = {"Uniqueid": "", "DestUniqueid": ID, "DialStatus": status}
    assert read("DialState", **dialled) == (ev.Ringing(ID, AT) if rings else None)


def test_an_agents_phone_that_rings_is_no_sign_of_life_of_the_person() -> None:
    assert read("DialState", DestUniqueid="1795391790.448", DialStatus="RINGING") is None


# --- the dialplan ----------------------------------------------------------------------------------------


def test_every_name_of_the_dialplan_is_known_or_left_out_on_purpose() -> None:
    assert set(UserEvent) - set(USER_EVENTS) == {UserEvent.QUEUE_END, UserEvent.END}
    for event in (UserEvent.QUEUE_END, UserEvent.END):
        assert read("UserEvent", UserEvent=event) is None


@pytest.mark.parametrize("status", ["FAILED", "NONE", ""])
def test_a_message_that_could_not_be_played_was_not_played(status: str) -> None:
    assert read("UserEvent", UserEvent=UserEvent.MESSAGE_PLAYED, Status=status) is None


@pytest.mark.parametrize("name", ["DialerAnswered", "dialerdanswered", "DialerdAnswered2", ""])
def test_a_user_event_of_somebody_else_means_nothing(name: str) -> None:
    assert read("UserEvent", UserEvent=name) is None


# --- time ------------------------------------------------------------------------------------------------


@given(st.integers(0, 4_102_444_800), st.integers(0, 999_999))
def test_a_time_is_cut_to_whole_milliseconds_exactly(second: int, microsecond: int) -> None:
    stamp = f"{second}.{microsecond:06d}"
    received_at = second * 1000 + 5
    assert timestamp(frame("Hangup", Timestamp=stamp), received_at) == int(Decimal(stamp) * 1000)


@pytest.mark.parametrize("stamp", ["1e300", "-1e13", "9e14", "0", "-5e12"])
def test_a_time_a_day_away_from_now_is_no_time(stamp: str) -> None:
    assert timestamp(frame("Hangup", Timestamp=stamp), RECEIVED_AT) == RECEIVED_AT


@pytest.mark.parametrize("stamp", ["", "soon", "nan", "inf", "-inf", "1e999", "1795387785.1.2", "0x10"])
def test_the_time_of_arrival_stands_in_for_a_time_that_cannot_be_read(stamp: str) -> None:
    assert timestamp(frame("Hangup", Timestamp=stamp), RECEIVED_AT) == RECEIVED_AT


def test_the_time_of_arrival_stands_in_for_a_missing_time() -> None:
    assert timestamp(frame("Hangup"), RECEIVED_AT) == RECEIVED_AT


# --- members ---------------------------------------------------------------------------------------------

BERT = {
    "Queue": "camp1",
    "MemberName": "Bert",
    "Interface": "PJSIP/1021",
    "Status": "1",
    "Paused": "1",
    "PausedReason": "lunch",
    "LastCall": "1795391793",
    "Wrapuptime": "4",
}
BERT_READ = Member("camp1", "PJSIP/1021", "Bert", DeviceState.IDLE, True, "lunch", 1_795_391_793, 4)


@pytest.mark.parametrize("event", ["QueueMemberStatus", "QueueMemberAdded", "QueueMemberPause"])
def test_a_member_is_seen_whenever_asterisk_describes_it(event: str) -> None:
    assert read(event, **BERT) == MemberSeen(BERT_READ)


def test_a_member_who_is_removed_is_gone() -> None:
    assert read("QueueMemberRemoved", **BERT) == MemberGone("camp1", "PJSIP/1021")


def test_a_list_spells_two_of_the_names_differently() -> None:
    listed = {**BERT, "Name": "Bert", "Location": "PJSIP/1021"}
    del listed["MemberName"], listed["Interface"]
    assert member(frame("QueueMember", **listed)) == BERT_READ


def test_a_member_without_a_name_goes_by_its_interface() -> None:
    assert member(frame("QueueMember", Queue="camp1", Location="PJSIP/1021")).name == "PJSIP/1021"


@pytest.mark.parametrize(
    ("status", "device"), [*DEVICE_STATES.items(), *dict.fromkeys(("", "0", "9", "x"), None).items()]
)
def test_a_status_that_is_not_in_the_table_is_unknown(status: str, device: DeviceState | None) -> None:
    assert member(frame("QueueMember", Status=status)).device is (device or DeviceState.UNKNOWN)


@pytest.mark.parametrize("number", ["", "-1", "1.5", "x", "1795391793 ", "９", "²", "1" * 5_000])
def test_a_number_that_cannot_be_read_is_none(number: str) -> None:
    found = member(frame("QueueMember", LastCall=number, Wrapuptime=number))
    assert (found.last_call_s, found.wrapup_s) == (0, 0)


# --- the list of channels --------------------------------------------------------------------------------


def channel(uniqueid: str, name: str, state: str = "6", bridge: str = "", **other: str) -> Frame:
    """Return an item of the list of channels that belongs to our call."""
    fields = {
        "Channel": name,
        "ChannelState": state,
        "Uniqueid": uniqueid,
        "Linkedid": ID,
        "BridgeId": bridge,
    }
    return frame("CoreShowChannel", **fields, **other)


def listed(*channels: Frame) -> tuple[LivingChannel, ...]:
    """Return our calls among the channels."""
    return Translator(PREFIX).channels(iter(channels))


def test_a_call_is_with_the_agent_whose_channel_is_in_the_same_bridge() -> None:
    agent = channel("1795391790.448", "PJSIP/1001-0000002b", bridge="b1")
    ours = channel(ID, CHANNEL, bridge="b1", Application="Queue", Duration="01:02:03")
    expected = LivingChannel(ID, CHANNEL, True, False, "Queue", True, "PJSIP/1001", 3_723)
    assert listed(agent, ours) == listed(ours, agent) == (expected,)


def test_an_agent_whose_phone_only_rings_is_not_with_the_call() -> None:
    agent = channel("1795391790.448", "PJSIP/1001-0000002b", state="5")
    (found,) = listed(channel(ID, CHANNEL, Application="Queue"), agent)
    assert (found.up, found.bridged, found.agent) == (True, False, "")


def test_the_other_half_of_a_local_channel_is_not_an_agent() -> None:
    halves = (
        channel(ID, "Local/201@outbound-00000004;1"),
        channel(ID + ";2", "Local/201@outbound-00000004;2", bridge="b2"),
        channel("1795391790.33", "PJSIP/trunk-00000013", bridge="b2"),
    )
    (found,) = listed(*halves)
    assert (found.channel, found.bridged, found.agent) == ("Local/201@outbound-00000004;1", False, "")


def test_an_agent_on_a_local_channel_is_known_by_its_interface() -> None:
    agent = channel("1795391790.448", "Local/2001@agents-00000002;1", bridge="b1")
    (found,) = listed(channel(ID, CHANNEL, bridge="b1"), agent)
    assert found.agent == "Local/2001@agents"


def test_channels_of_others_are_not_ours() -> None:
    other = frame(
        "CoreShowChannel", Channel=CHANNEL, Uniqueid=OTHER_INSTALLATION, Linkedid=OTHER_INSTALLATION
    )
    inbound = frame("CoreShowChannel", Channel=CHANNEL, Uniqueid="1795391790.1", Linkedid="1795391790.1")
    assert listed(other, inbound) == ()


@pytest.mark.parametrize(
    ("state", "up", "ringing"), [("0", False, False), ("5", False, True), ("6", True, False)]
)
def test_a_call_that_is_being_dialled_rings_or_is_up(state: str, up: bool, ringing: bool) -> None:
    (found,) = listed(channel(ID, CHANNEL, state))
    assert (found.up, found.ringing) == (up, ringing)


# --- whatever comes --------------------------------------------------------------------------------------

NAMES = st.sampled_from([*ABOUT_CALLS, *ABOUT_MEMBERS, "CoreShowChannel", "Newstate", "", "\x00"])
FIELDS = st.dictionaries(
    st.sampled_from(
        [
            "Uniqueid",
            "DestUniqueid",
            "Linkedid",
            "ActionID",
            "Response",
            "Reason",
            "Timestamp",
            "UserEvent",
            "Status",
            "DialStatus",
            "Cause",
            "TechCause",
            "Channel",
            "Interface",
            "LastCall",
            "Wrapuptime",
            "Duration",
            "BridgeId",
            "ChannelState",
            "Paused",
        ]
    ),
    st.text(max_size=20)
    | st.sampled_from([ID, ORIGINATE_ID_PREFIX + ID, "RINGING", "Success", "3", "6", "1e400", "9" * 400])
    | st.sampled_from(list(UserEvent)),
)


@given(NAMES, FIELDS, st.binary(max_size=30))
def test_nothing_that_asterisk_could_send_breaks_the_reading(
    event: str, fields: dict[str, str], noise: bytes
) -> None:
    told = frame(event, **{"Uniqueid": ID, "Linkedid": ID, **fields}).raw + b"\r\n" + noise
    message = Translator(PREFIX).read(Frame(told), RECEIVED_AT)
    if isinstance(message, ev.CallEvent):
        assert message.attempt == ID
        assert isinstance(message.at, int)
    for found in Translator(PREFIX).channels([Frame(told)]):
        assert found.attempt == ID
