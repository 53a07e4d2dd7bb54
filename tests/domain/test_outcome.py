"""What a refusal means: the SIP code where Asterisk gives one, otherwise the hangup cause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.domain.outcome import BY_CAUSE, BY_SIP_CODE, Outcome, of_refusal

NEVER_OF_A_REFUSAL = {
    Outcome.ANSWERED,
    Outcome.ABANDONED,
    Outcome.HUNG_UP,
    Outcome.CANCELLED,
    Outcome.LOST,
    Outcome.UNKNOWN,
    Outcome.NOT_SENT,
}


@given(st.integers(0, 127), st.none() | st.integers(300, 699))
def test_every_refusal_has_an_outcome_of_a_call_that_was_not_answered(
    cause: int, sip_code: int | None
) -> None:
    assert of_refusal(cause, sip_code) not in NEVER_OF_A_REFUSAL


@pytest.mark.parametrize(("sip_code", "expected"), BY_SIP_CODE.items())
def test_the_sip_code_goes_before_the_cause(sip_code: int, expected: Outcome) -> None:
    assert {of_refusal(cause, sip_code) for cause in range(128)} == {expected}


@pytest.mark.parametrize(("cause", "expected"), BY_CAUSE.items())
def test_the_cause_decides_where_there_is_no_sip_code(cause: int, expected: Outcome) -> None:
    assert of_refusal(cause, None) is expected


@pytest.mark.parametrize(("cause", "sip_code"), [(0, None), (16, None), (38, 500), (58, 488), (17, 499)])
def test_what_is_in_no_table_has_failed(cause: int, sip_code: int | None) -> None:
    assert of_refusal(cause, sip_code) is Outcome.FAILED


@pytest.mark.parametrize(
    ("cause", "sip_code"),
    [(17, 486), (1, 404), (22, 410), (28, 484), (34, 503), (21, 603), (18, 408), (58, 488), (38, 500)],
)
def test_older_releases_of_asterisk_which_give_only_the_cause_lead_to_the_same_outcome(
    cause: int, sip_code: int
) -> None:
    assert of_refusal(cause, None) is of_refusal(cause, sip_code)
