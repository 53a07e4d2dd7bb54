"""From what people write as a telephone number to a checked E.164 number."""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, ValidationResult

from dialerd.domain.phone import Phone

MOST_CHARACTERS = 40
"""A written number, separators included; longer text holds something else as well."""

_PLAIN = re.compile(r"\+[1-9][0-9]{5,14}")
_DIGITS = re.compile(r"\+?[0-9]{1,30}")
_SEPARATORS = str.maketrans("", "", " ().-/\u00a0\u202f\u2010\u2011\u2012\u2013")
"""What people put between digits, the spaces and dashes of word processors included."""

_REASONS = {
    ValidationResult.INVALID_COUNTRY_CODE: "no country has this calling code",
    ValidationResult.TOO_SHORT: "too short for its country",
    ValidationResult.TOO_LONG: "too long for its country",
    ValidationResult.INVALID_LENGTH: "no number of its country has this length",
}

_PARSE_REASONS = {
    NumberParseException.INVALID_COUNTRY_CODE: "no country has this calling code",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too short for its country",
    NumberParseException.TOO_SHORT_NSN: "too short for its country",
    NumberParseException.TOO_LONG: "too long for its country",
}


class NumberRefused(ValueError):
    """The text is not a number that can be called; its text says why in a few words."""


class Numbering:
    """Reads numbers; those without a country code are of `country` (two letters), or refused without one."""

    def __init__(self, country: str = "") -> None:
        if country and country not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"no country {country!r}: two capital letters such as US, GB, DE")
        self._country = country

    def read(self, text: str) -> Phone:
        """Return the number in E.164 form; raises `NumberRefused`."""
        if _PLAIN.fullmatch(text) and _fits_as_it_is(text):
            return Phone(text)
        written = _digits(text)
        if written.startswith("00") and not self._country:
            written = "+" + written[2:]
        if written.startswith("+"):
            return _as_phone(_possible(written, None))
        if not self._country:
            raise NumberRefused("no country code: write +…, or name the country of such numbers")
        return self._national(written)

    def _national(self, digits: str) -> Phone:
        number = _possible(digits, self._country)
        if phonenumbers.is_valid_short_number_for_region(number, self._country):
            raise NumberRefused("a short code, not a number")
        if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
            raise NumberRefused("the area code is missing")
        return _as_phone(number)


def _digits(text: str) -> str:
    """Return digits, perhaps after a plus."""
    bare = text[: MOST_CHARACTERS + 1].translate(_SEPARATORS)
    if not bare:
        raise NumberRefused("no number")
    if len(text) > MOST_CHARACTERS or not _DIGITS.fullmatch(bare):
        raise NumberRefused("not a number: digits only, with + in front and spaces, dots or dashes between")
    return bare


def _possible(written: str, country: str | None) -> PhoneNumber:
    """Return what the library makes of the digits, if a number of that length can exist."""
    try:
        number = phonenumbers.parse(written, country)
    except NumberParseException as fault:
        raise NumberRefused(_PARSE_REASONS.get(fault.error_type, "not a number")) from None
    if not phonenumbers.is_possible_number(number):
        verdict = phonenumbers.is_possible_number_with_reason(number)
        raise NumberRefused(_REASONS.get(verdict, "not a possible number"))
    return number


def _as_phone(number: PhoneNumber) -> Phone:
    try:
        return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    except ValueError:
        raise NumberRefused("not an international number: it must have 6 to 15 digits") from None


class _Plan(NamedTuple):
    """What the library knows of one calling code, as far as the short way needs it."""

    code_digits: int
    lengths: frozenset[int]
    """Of the whole text, plus and calling code included."""
    may_be_prefixed: Callable[[str, int], object] | None
    """Matches national numbers from which the library would strip or rewrite a national prefix."""


def _fits_as_it_is(text: str) -> bool:
    """Say whether the library would certainly take the plain number and leave its digits as they are."""
    plan = _plan(text[1:2]) or _plan(text[1:3]) or _plan(text[1:4])
    if plan is None or len(text) not in plan.lengths:
        return False
    return plan.may_be_prefixed is None or not plan.may_be_prefixed(text, 1 + plan.code_digits)


@cache
def _plan(calling_code: str) -> _Plan | None:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(calling_code))
    if regions is None:
        return None
    if regions[0] == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
        metadata = PhoneMetadata.metadata_for_nongeo_region(int(calling_code))
    else:
        metadata = PhoneMetadata.metadata_for_region(regions[0])
    general = metadata.general_desc if metadata else None
    if metadata is None or general is None:
        return None
    national = set(general.possible_length) | set(general.possible_length_local_only)
    lengths = frozenset(1 + len(calling_code) + length for length in national)
    prefix = metadata.national_prefix_for_parsing
    return _Plan(len(calling_code), lengths, re.compile(prefix).match if prefix else None)
