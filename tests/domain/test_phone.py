"""A checked number cannot be anything but digits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.phone import Phone

HOSTILE = (
    "",
    "+",
    "++15550100",
    "15550100",
    "0015550100",
    "+05550100",
    "+15550",
    "+1555010012345678",
    "+15550100\n",
    "+15550100\r\n",
    "\n+15550100",
    "+1555\n0100",
    "+15550100\r\nAction: Command",
    "+15550100\x00",
    " +15550100",
    "+15550100 ",
    "+1 555 0100",
    "+1-555-0100",
    "+1(555)0100",
    "+15550100@trunk",
    "+15550100,tT",
    "+15550100&PJSIP/1",
    "+${EXTEN}",
    "+1555010x",
    "+1555010²",
    "+١٥٥٥٠١٠٠",
    "+1555010٠",
    "+１５５５０１００",
    "＋15550100",
    "+1555010０",
    "+1555010①",
    "tel:+15550100",
    "sip:+15550100",
    "+1.555e7",
    "+15_550_100",
)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_is_not_a_plus_and_6_to_15_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an E\\.164 number"):
        Phone(text)


@given(st.text(max_size=20) | st.text(alphabet="+0123456789٣²０\n ", max_size=18))
def test_every_text_is_refused_or_is_a_number(text: str) -> None:
    try:
        phone = Phone(text)
    except ValueError:
        assert re.fullmatch(r"\+[1-9][0-9]{5,14}", text) is None
    else:
        assert str(phone) == phone.e164 == "+" + phone.digits == text
        assert set(phone.digits) <= set("0123456789")


@pytest.mark.parametrize("text", ["+155501", "+123456789012345", "+4930123456"])
def test_the_shortest_and_the_longest_number_are_taken(text: str) -> None:
    assert Phone(text).e164 == text


def test_a_refusal_shows_only_the_beginning_of_what_was_given() -> None:
    with pytest.raises(ValueError) as refusal:
        Phone("x" * 10_000)
    assert len(str(refusal.value)) < 100
