"""Messages from Asterisk: cutting the stream, and reading fields."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.adapters.asterisk.frames import MESSAGE_LIMIT, Frame, Splitter

HANGUP = (
    b"Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-0000002a\r\nAccountCode: \r\n"
    b"Uniqueid: dlr-1\r\nCause: 17\r\nCause-txt: User busy\r\nTechCause: 486"
)


def cut(data: bytes, *places: int) -> list[bytes]:
    """Return the bytes cut at those places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def frames_of(chunks: list[bytes], limit: int = MESSAGE_LIMIT) -> tuple[list[bytes], str, bool]:
    """Return the messages, the banner, and whether the stream was given up."""
    splitter = Splitter(limit)
    frames = [frame.raw for chunk in chunks for frame in splitter.feed(chunk)]
    return frames, splitter.banner, splitter.broken


PIECES = st.sampled_from(
    [
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b"Event: X",
        b"Asterisk Call Manager/1\r\n",
        b": ",
        b"\xc3\xa9",
        b"a" * 9,
    ]
)
STREAM = st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join)


@given(STREAM, st.lists(st.integers(0, 500), max_size=12), st.sampled_from([8, 20, MESSAGE_LIMIT]))
def test_the_same_frames_come_however_the_bytes_are_cut(data: bytes, places: list[int], limit: int) -> None:
    assert frames_of(cut(data, *places), limit) == frames_of([data], limit)


@given(STREAM)
def test_the_same_frames_come_byte_by_byte(data: bytes) -> None:
    assert frames_of([data[i : i + 1] for i in range(len(data))], 20) == frames_of([data], 20)


def test_the_banner_is_not_part_of_the_first_message() -> None:
    frames, banner, _ = frames_of([b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n"])
    assert banner == "Asterisk Call Manager/11.0.0"
    assert frames == [b"Response: Success"]


def test_a_message_without_an_end_is_given_up_at_the_limit_and_nothing_is_kept() -> None:
    splitter = Splitter()
    fed = 0
    while not splitter.broken:
        splitter.feed(b"x" * 1000)
        fed += 1000
        assert len(splitter) <= MESSAGE_LIMIT + 3
    assert fed <= MESSAGE_LIMIT + 1003
    assert len(splitter) == 0
    assert splitter.feed(b"Event: A\r\n\r\n") == []


def test_messages_before_an_endless_one_still_come() -> None:
    frames, _, broken = frames_of([b"Event: A\r\n\r\n" + b"x" * 100 + b"\r\n\r\nEvent: B\r\n\r\n"], limit=50)
    assert (frames, broken) == ([b"Event: A"], True)


def test_fields_are_read_in_the_case_that_asterisk_sends() -> None:
    frame = Frame(HANGUP)
    assert frame.name == "Hangup"
    assert (frame.get("Cause"), frame.get(b"TechCause"), frame.get("Cause-txt")) == ("17", "486", "User busy")
    assert frame.get("Event") == "Hangup"
    assert frame.get("cause") == ""


def test_a_missing_and_an_empty_field_are_both_empty() -> None:
    assert Frame(HANGUP).get("AccountCode") == Frame(HANGUP).get("Nothing") == ""


def test_an_empty_last_header_is_kept() -> None:
    assert Frame(b"Event: A\r\nB: ").fields() == {"Event": "A", "B": ""}


@pytest.mark.parametrize("line", [b"", b"\r\n", b"no colon", b":", b": x", b"\xff\xfe", b"Event", b"Event:X"])
def test_malformed_lines_do_no_harm(line: bytes) -> None:
    frame = Frame(line + b"\r\nUniqueid: 7\r\n" + line)
    assert frame.get("Uniqueid") == "7"
    assert frame.fields()["Uniqueid"] == "7"
    assert isinstance(frame.name, str)
    assert frame.is_response is False
    assert "Frame" in repr(frame)


def test_of_repeated_headers_the_first_counts() -> None:
    frame = Frame(
        b"Event: A\r\nEvent: B\r\nActionID: 1\r\nActionID: 2\r\nChanVariable: X=1\r\nChanVariable: Y=2"
    )
    assert (frame.name, frame.action_id) == ("A", "1")
    assert frame.fields()["Event"] == "A"


def test_a_character_cut_in_two_is_whole_again() -> None:
    data = "Event: A\r\nCallerIDName: Zoë Müller\r\n\r\n".encode()
    for place in range(len(data)):
        splitter = Splitter()
        frames = [frame for chunk in cut(data, place) for frame in splitter.feed(chunk)]
        assert [frame.get("CallerIDName") for frame in frames] == ["Zoë Müller"]


def test_bytes_that_are_not_text_are_shown_and_not_dropped() -> None:
    assert Frame(b"Event: A\r\nCallerIDName: Jos\xe9").get("CallerIDName") == "Jos\\xe9"


def test_values_are_not_changed() -> None:
    assert Frame(b"Event: A\r\nResult: 100%25 ").get("Result") == "100%25 "


def test_a_lone_line_feed_in_a_value_does_not_begin_a_header() -> None:
    frame = Frame(b"Event: A\r\nCallerIDName: x\nUniqueid: forged\r\nUniqueid: real")
    assert frame.get("Uniqueid") == "real"


def test_originate_response_is_an_event_though_it_has_a_response_header() -> None:
    frame = Frame(b"Event: OriginateResponse\r\nActionID: 1\r\nResponse: Failure\r\nReason: 0")
    assert (frame.is_response, frame.name, frame.get("Response")) == (False, "OriginateResponse", "Failure")


def test_an_answer_has_no_name() -> None:
    frame = Frame(b"Response: Error\r\nActionID: 1\r\nMessage: No such channel")
    assert (frame.is_response, frame.name, frame.action_id) == (True, "", "1")
