"""Ids of attempts, which are ids of channels in Asterisk as well."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.identifiers import ALPHABET, is_attempt_id, new_attempt_id, new_installation, prefix_of

ID_LENGTH = len("dlr-") + 6 + len("-") + 26
SEEDS = st.integers(0, 2**64)
KNOWN = "dlr-abc123-0123456789abcdefghjkmnpqrs"


def drawn(seed: int) -> str:
    """Return an id made of that seed's bits."""
    bits = random.Random(seed).getrandbits
    return new_attempt_id(new_installation(bits), bits)


@given(SEEDS)
def test_every_id_has_the_same_length_in_lower_case_and_the_prefix_of_its_installation(seed: int) -> None:
    found = drawn(seed)
    assert len(found) == ID_LENGTH
    assert found == found.lower()
    assert found.isascii()
    assert found.startswith(prefix_of(found[4:10]))
    assert is_attempt_id(found)


@given(st.sets(SEEDS, min_size=2, max_size=20))
def test_no_id_begins_with_another(seeds: set[int]) -> None:
    ids = [drawn(seed) for seed in seeds]
    assert not any(one != other and other.startswith(one) for one in ids for other in ids)
    assert len(set(ids)) == len(ids)


def test_each_of_the_130_bits_counts() -> None:
    def spelled(number: int) -> str:
        return new_attempt_id("000000", lambda _length: number)

    assert len({spelled(0), *(spelled(1 << bit) for bit in range(130))}) == 131


def test_the_alphabet_has_32_characters_that_are_not_mistaken_for_another() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert set(string.ascii_lowercase + string.digits) - set(ALPHABET) == set("ilou")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dlr-",
        KNOWN + "t",
        KNOWN[:-1],
        KNOWN.upper(),
        KNOWN + "\n",
        "\n" + KNOWN,
        " " + KNOWN,
        KNOWN + ";2",
        KNOWN.replace("a", "o"),
        KNOWN.replace("0", "٠"),
        KNOWN.replace("dlr-", "dlx-"),
        KNOWN.replace("dlr-abc123-", "dlr-abc1234"),
        "dlr-000855-00094",
        "1795391790.448",
    ],
)
def test_nothing_else_is_an_attempt_id(text: str) -> None:
    assert is_attempt_id(KNOWN)
    assert not is_attempt_id(text)


@given(st.text(max_size=40) | st.text(alphabet=ALPHABET + "-dlr", min_size=37, max_size=37))
def test_only_text_of_that_form_is_an_attempt_id(text: str) -> None:
    parts = text.split("-")
    has_form = [len(part) for part in parts] == [3, 6, 26] and parts[0] == "dlr"
    assert is_attempt_id(text) == (has_form and set(parts[1] + parts[2]) <= set(ALPHABET))
