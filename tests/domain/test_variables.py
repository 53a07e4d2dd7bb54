"""A target's own columns: what can be passed on to the dialplan."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.variables import (
    MOST_VALUE_BYTES,
    MOST_VARIABLES,
    as_name,
    fault_of,
    first_fault,
    is_name,
    merged,
)

TEXT = st.text(max_size=40) | st.text(alphabet="aé€𝄞 \t\n,%", max_size=400)


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][A-Z0-9_]{0,40}", fullmatch=True))
def test_a_name_is_a_capital_and_up_to_31_capitals_digits_and_underscores(text: str) -> None:
    assert is_name(text) == (re.fullmatch(r"[A-Z][A-Z0-9_]{0,31}", text, re.ASCII) is not None)


@pytest.mark.parametrize(
    ("column", "name"),
    [("First name", "FIRST_NAME"), ("plz/ort", "PLZ_ORT"), ("1st", "1ST"), ("Größe", "GR_SSE")],
)
def test_a_column_becomes_a_name_in_capitals(column: str, name: str) -> None:
    assert as_name(column) == name


@given(TEXT)
def test_a_value_is_passed_on_unless_it_is_too_long_or_holds_a_control_character(value: str) -> None:
    fit = not any((ord(each) < 32 and each not in "\t\n") or 127 <= ord(each) < 160 for each in value)
    short = len(quote(value, safe="", errors="surrogatepass")) <= MOST_VALUE_BYTES
    assert (fault_of(value) == "") == (fit and short)


@pytest.mark.parametrize("value", ["\x00", "a\rb", "\x1b[31m", "\x7f", "\x85", "\ud800"], ids=ascii)
def test_a_control_character_is_named_as_the_fault(value: str) -> None:
    assert fault_of(value) == "holds a control character"


@pytest.mark.parametrize(
    ("value", "fits"), [("x" * 800, True), ("x" * 801, False), ("é" * 133, True), ("é" * 134, False)]
)
def test_the_length_that_counts_is_the_percent_encoded_one(value: str, fits: bool) -> None:
    assert (fault_of(value) == "") == fits


@given(st.lists(TEXT | st.sampled_from(["\x00", "x" * 801]), max_size=5))
def test_the_first_fault_of_a_row_is_that_of_its_first_faulty_value(values: list[str]) -> None:
    names = [f"NAME{number}" for number in range(len(values))]
    faults = [
        f"{name} {fault_of(value)}" for name, value in zip(names, values, strict=True) if fault_of(value)
    ]
    assert first_fault(names, values) == (faults[0] if faults else "")


@given(
    st.dictionaries(st.integers(0, 40).map(lambda n: f"V{n}"), st.text(max_size=3), max_size=20),
    st.dictionaries(st.integers(0, 40).map(lambda n: f"V{n}"), st.text(max_size=3), max_size=20),
)
def test_merged_variables_hold_all_new_ones_and_never_too_many(
    known: dict[str, str], new: dict[str, str]
) -> None:
    together = merged(known, new)
    assert len(together) <= MOST_VARIABLES
    assert new.items() <= together.items()
    assert together.items() <= (known | new).items()
    assert merged(together, new) == together
    if len(known | new) <= MOST_VARIABLES:
        assert together == known | new
