"""Numbers as people write them: the same verdict as the library's, and nothing but digits behind it."""

import random

import phonenumbers
import pytest
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from dialerd.adapters import numbering
from dialerd.adapters.numbering import Numbering, NumberRefused
from dialerd.domain.phone import Phone

PLAIN = Numbering()


def read(text: str, country: str = "") -> str | None:
    try:
        return Numbering(country).read(text).e164
    except NumberRefused:
        return None


def library(text: str) -> str | None:
    """Return what the library makes of a number with its plus: E.164 if it is possible."""
    try:
        number = phonenumbers.parse(text, None)
        possible = phonenumbers.is_possible_number(number)
        return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164)).e164 if possible else None
    except (NumberParseException, ValueError):
        return None


def examples() -> list[str]:
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                found.append(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        number = phonenumbers.example_number_for_non_geo_entity(code)
        found.append(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    return found


def neighbours(number: str) -> list[str]:
    """Return numbers like this one: shorter, longer, with a zero or another digit further in."""
    near = [number[:-1], number + "1", number[:-2]]
    return near + [number[:place] + digit + number[place:] for place in (2, 3, 4) for digit in "0189"]


def test_example_numbers_of_every_region_are_read_as_the_library_reads_them() -> None:
    numbers = examples()
    assert len(numbers) > 1_000
    for number in numbers:
        assert read(number) == library(number), number


def test_their_neighbours_are_too() -> None:
    rng = random.Random(11)
    for number in rng.sample(examples(), 400):
        for near in neighbours(number):
            assert read(near) == library(near), near


def test_random_digits_are_too() -> None:
    rng = random.Random(7)
    for _ in range(5_000):
        text = "+" + "".join(rng.choices("0123456789", k=rng.randint(1, 18)))
        assert read(text) == library(text), text


def test_the_short_way_is_taken_for_nearly_all_well_written_numbers() -> None:
    numbers = examples()
    quick = sum(numbering._fits_as_it_is(number) for number in numbers)
    assert quick > 0.85 * len(numbers)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+15550100123", "", "+15550100123"),
        ("+1 (555) 010-0123", "", "+15550100123"),
        ("+1.555.010.0123", "", "+15550100123"),
        ("001 555 010 0123", "", "+15550100123"),
        (" +44 (0)20 7946 0000 ", "", "+442079460000"),
        ("+49\u00a030\u2013123456", "", "+4930123456"),
        ("+447700900123", "", "+447700900123"),
        ("(555) 010-0123", "US", "+15550100123"),
        ("1 555 010 0123", "US", "+15550100123"),
        ("011 49 30 123456", "US", "+4930123456"),
        ("030/123456", "DE", "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("+15550100123", "DE", "+15550100123"),
        ("06 6982", "IT", "+39066982"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, country: str, number: str) -> None:
    assert read(text, country) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "n/a",
        "15550100123\n",
        "+15550100123\r\nAction: Originate",
        "+15550100123\t",
        "\ufeff+15550100123",
        "x,__DIAL_PREFIX=900",
        "+15550100123,__DIAL_PREFIX=900",
        "+15550100123@evil",
        "+15550100123&PJSIP/900",
        "+15550100123;ext=5",
        "+15550100123 x12",
        "+15550100123 ext. 12",
        "+15550100123p12",
        "+15550100123#",
        "*67+15550100123",
        "tel:+15550100123",
        "'+15550100123",
        "=1+15550100123",
        "+1-800-FLOWERS",
        "1.5550100123E+10",
        "+1555+0100123",
        "++15550100123",
        "+١٥٥٥٠١٠٠١٢٣",
        "+１５５５０１００１２３",
        "+1555²0100123",
        "+15550100123\x00",
        "+15550100123 / +15550100124",
        "+999123456789",
        "+1555010012345678901234567890",
        "+1" + " " * 60 + "5550100123",
    ],
)
@pytest.mark.parametrize("country", ["", "US"])
def test_what_is_not_one_number_is_refused(text: str, country: str) -> None:
    assert read(text, country) is None


@pytest.mark.parametrize(
    ("text", "country"),
    [("110", "DE"), ("116117", "DE"), ("911", "US"), ("999", "GB"), ("112", "FR"), ("190", "BR")],
)
def test_short_codes_are_refused(text: str, country: str) -> None:
    assert read(text, country) is None
    assert read(text) is None


def test_a_national_number_needs_a_country() -> None:
    with pytest.raises(NumberRefused, match="no country code"):
        PLAIN.read("5550100123")


def test_a_national_number_needs_its_area_code() -> None:
    with pytest.raises(NumberRefused, match="area code"):
        Numbering("US").read("010-0123")


def test_the_reason_says_what_is_wrong() -> None:
    for text, reason in (
        ("+1555010", "too short"),
        ("+155501001234", "too long"),
        ("+999123456789", "calling code"),
        ("", "no number"),
        ("call me", "digits only"),
    ):
        with pytest.raises(NumberRefused, match=reason):
            PLAIN.read(text)


@pytest.mark.parametrize("country", ["XX", "us", "USA", "1"])
def test_an_unknown_country_is_refused_at_once(country: str) -> None:
    with pytest.raises(ValueError, match="no country"):
        Numbering(country)


def test_nothing_but_digits_comes_out_whatever_goes_in() -> None:
    rng = random.Random(3)
    alphabet = "0123456789+ ().-/,;@&|$\\{}\"'\n\r\t\x00٠１²abcxEe%=\u00a0"
    taken = 0
    for _ in range(20_000):
        text = "+1" + "".join(
            rng.choices(alphabet[: rng.choice([11, 17, len(alphabet)])], k=rng.randint(8, 14))
        )
        number = read(text, "US")
        if number is not None:
            taken += 1
            assert number[0] == "+"
            assert number[1:].isascii()
            assert number[1:].isdigit()
            assert set(text) <= set("0123456789+ ().-/\u00a0")
    assert taken > 50
