"""An order to call becomes an Originate of a fixed form, or nothing at all."""

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.adapters.asterisk import dialplan
from dialerd.adapters.asterisk.actions import Action, Unsendable, encode
from dialerd.adapters.asterisk.events import ORIGINATE_ID_PREFIX
from dialerd.adapters.asterisk.telephony import dial_string, originate_action
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.originate import Originate
from dialerd.domain.phone import Phone

ID = AttemptId("dlr-abc123-0123456789abcdefghjkmnpqrs")
VARIABLES = {"FIRST_NAME": "Ann-Sophie", "CITY": "Brasília, 1/2 & 50 %"}

GRAMMAR = re.compile(
    r"""(?x)
    Action:\ Originate | ActionID:\ o-dlr-[0-9a-z]{6}-[0-9a-z]{26} | ChannelId:\ dlr-[0-9a-z]{6}-[0-9a-z]{26}
    | Channel:\ [A-Za-z0-9]{2,16}(/[A-Za-z0-9+_.:@-]{1,100}){1,3}
    | Context:\ dialerd | Exten:\ answered | Priority:\ 1 | Timeout:\ [1-9][0-9]{0,5} | Async:\ true
    | CallerID:\ ("[\w.&'\ -]{1,40}"\ )?<\+?[0-9]{2,15}>
    | Variable:\ DIALERD_(ATTEMPT|NUMBER|QUEUE|MAXWAIT|MESSAGE|VARS|VAR_[A-Z0-9_]*)=[A-Za-z0-9_.~%+/-]*
    """
)
"""Every line that an Originate can have."""

HOSTILE = st.sampled_from(
    [
        "",
        "a\r\nAction: Command\r\nCommand: core stop now\r\n\r\n",
        "a\nApplication: System",
        "a\x00b",
        "1,DIALERD_QUEUE=other",
        "${SHELL(reboot)}",
        "%0d%0aAction: Logoff",
        '"Acme" <1>',
        "\u2028Variable: X=1",
        "\ud800",
        "x" * 5_000,
        "PJSIP/1@trunk&PJSIP/2@trunk",
        "Local/{number}@x/n",
        "١٢٣٤٥٦",
    ]
)
ANY_TEXT = st.text(max_size=60) | HOSTILE
FIT_NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,31}", fullmatch=True)


def order(**changed: object) -> Originate:
    """Return an order to call that is fit to be sent, but for what is changed."""
    fields: dict[str, object] = {
        "attempt": ID,
        "number": Phone("+15550100"),
        "template": "PJSIP/{number}@trunk",
        "caller_id": "+15550199",
        "caller_name": "Acme",
        "campaign": "spring",
        "queue": "camp1",
        "ring_timeout_ms": 25_000,
        "max_wait_ms": 2_000,
        "message": "sorry",
        "not_after": 1_795_387_785_000,
        "variables": VARIABLES,
    }
    return Originate(**{**fields, **changed})  # type: ignore[arg-type]


ORDERS = st.builds(
    order,
    number=st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True).map(Phone),
    template=st.just("PJSIP/{number}@trunk") | ANY_TEXT,
    caller_id=st.just("+15550199") | ANY_TEXT,
    caller_name=st.just("Acme") | ANY_TEXT,
    queue=st.just("camp1") | ANY_TEXT,
    message=st.just("sorry") | ANY_TEXT,
    ring_timeout_ms=st.integers(1, 60_000) | st.integers(),
    max_wait_ms=st.integers(1, 60_000),
    variables=st.dictionaries(FIT_NAMES, ANY_TEXT, max_size=5)
    | st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=5),
)


def sent(action: Action) -> bytes:
    """Return what goes out on the wire."""
    return encode(action, action.action_id)


def variables_of(action: Action) -> Mapping[str, str]:
    """Return the channel variables that the action sets."""
    return dict(action.variables)


@given(ORDERS)
def test_every_order_is_unsendable_or_one_message_of_fixed_lines(drawn: Originate) -> None:
    try:
        data = sent(originate_action(drawn))
    except Unsendable as refusal:
        assert not any(len(text) > 3 and text in str(refusal) for text in drawn.variables.values())
        return
    assert data.endswith(b"\r\n\r\n")
    assert data.count(b"\r\n\r\n") == 1
    assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
    for line in data.decode().removesuffix("\r\n\r\n").split("\r\n"):
        assert GRAMMAR.fullmatch(line), line
        assert len(line.encode()) < 1_015


@given(ORDERS)
def test_an_order_that_is_sent_carries_exactly_one_of_each_header(drawn: Originate) -> None:
    try:
        data = sent(originate_action(drawn))
    except Unsendable:
        return
    names = [line.split(":")[0] for line in data.decode().split("\r\n")[:-2]]
    single = [name for name in names if name != "Variable"]
    assert len(single) == len(set(single))
    assert {"Action", "ActionID", "Channel", "ChannelId", "Context", "Exten", "Timeout", "Async"} <= set(
        single
    )
    variables = [line.split("=")[0] for line in data.decode().split("\r\n") if line.startswith("Variable")]
    assert len(variables) == len(set(variables))


@given(st.dictionaries(FIT_NAMES, st.text(max_size=60), min_size=1, max_size=20))
def test_the_dialplan_reads_each_variable_back_exactly_as_it_was(variables: dict[str, str]) -> None:
    try:
        action = originate_action(order(variables=variables))
        sent(action)
    except Unsendable:
        assert any(re.search(r"[\x00\ud800-\udfff]", value) for value in variables.values())
        return
    carried = variables_of(action)
    names = carried[dialplan.Variable.VARS].split(dialplan.NAME_SEPARATOR)
    assert {
        name: unquote(carried[dialplan.VALUE_PREFIX + name], errors="strict") for name in names
    } == variables


def test_an_order_is_sent_as_agreed_with_the_dialplan() -> None:
    assert sent(originate_action(order())).decode().split("\r\n") == [
        "Action: Originate",
        f"ActionID: {ORIGINATE_ID_PREFIX}{ID}",
        "Channel: PJSIP/15550100@trunk",
        f"ChannelId: {ID}",
        "Context: dialerd",
        "Exten: answered",
        "Priority: 1",
        "Timeout: 25000",
        "Async: true",
        'CallerID: "Acme" <+15550199>',
        f"Variable: DIALERD_ATTEMPT={ID}",
        "Variable: DIALERD_NUMBER=+15550100",
        "Variable: DIALERD_QUEUE=camp1",
        "Variable: DIALERD_MAXWAIT=2",
        "Variable: DIALERD_MESSAGE=sorry",
        "Variable: DIALERD_VARS=FIRST_NAME-CITY",
        "Variable: DIALERD_VAR_FIRST_NAME=Ann-Sophie",
        "Variable: DIALERD_VAR_CITY=Bras%C3%ADlia%2C%201%2F2%20%26%2050%20%25",
        "",
        "",
    ]


def test_a_target_without_variables_names_none() -> None:
    names = set(variables_of(originate_action(order(variables={}))))
    assert names == {
        "DIALERD_ATTEMPT",
        "DIALERD_NUMBER",
        "DIALERD_QUEUE",
        "DIALERD_MAXWAIT",
        "DIALERD_MESSAGE",
    }


def test_a_campaign_without_a_message_sends_an_empty_one() -> None:
    action = originate_action(order(message=""))
    assert b"Variable: DIALERD_MESSAGE=\r\n" in sent(action)


@given(st.integers(1, 999_999))
def test_the_limit_is_told_in_seconds_to_the_millisecond(max_wait_ms: int) -> None:
    told = variables_of(originate_action(order(max_wait_ms=max_wait_ms)))[dialplan.Variable.MAXWAIT]
    assert re.fullmatch(r"[0-9]+(\.[0-9]{1,3})?", told)
    assert Decimal(told) * 1000 == max_wait_ms


@pytest.mark.parametrize(
    ("changed", "header"),
    [
        ({"template": "PJSIP/{number}@trunk\r\nApplication: System"}, "Channel"),
        ({"template": "PJSIP/{number}@trunk&PJSIP/9@trunk"}, "Channel"),
        ({"template": "{number}"}, "Channel"),
        ({"template": "PJSIP/${EXTEN}@trunk"}, "Channel"),
        ({"ring_timeout_ms": 0}, "Timeout"),
        ({"ring_timeout_ms": -1}, "Timeout"),
        ({"ring_timeout_ms": 1_000_000}, "Timeout"),
        ({"caller_id": "5551000\n"}, "CallerID"),
        ({"caller_name": 'Acme" <1> "'}, "CallerID"),
        ({"attempt": ID.upper()}, "ChannelId"),
        ({"queue": "camp1,DIALERD_MAXWAIT=99"}, "Variable DIALERD_QUEUE"),
        ({"message": "a&b"}, "Variable DIALERD_MESSAGE"),
        ({"variables": {"lower": "x"}}, "Variable"),
        ({"variables": {"A-B": "x"}}, "Variable"),
        ({"variables": {"A=1,B": "x"}}, "Variable DIALERD_VARS"),
        ({"variables": {"LONG": "x" * 1_000}}, "Variable DIALERD_VAR_LONG"),
        ({"variables": {"BROKEN": "\ud800"}}, "text"),
        ({"variables": {f"V{number}": "" for number in range(120)}}, "Variable"),
    ],
)
def test_what_is_unfit_is_refused_by_the_name_of_its_header(changed: dict[str, object], header: str) -> None:
    with pytest.raises(Unsendable) as refusal:
        sent(originate_action(order(**changed)))
    assert str(refusal.value).startswith(f"{header}:")


@pytest.mark.parametrize(
    ("template", "device"),
    [
        ("PJSIP/{number}@trunk", "PJSIP/15550100@trunk"),
        ("SIP/trunk/{number}", "SIP/trunk/15550100"),
        ("DAHDI/g1/0{number}", "DAHDI/g1/015550100"),
        ("Local/{number}@from-internal", "Local/15550100@from-internal/n"),
        ("Local/{number}@from-internal/n", "Local/15550100@from-internal/n"),
        ("Local/9{number}@out", "Local/915550100@out/n"),
    ],
)
def test_the_number_stands_where_the_template_wants_it_and_a_local_channel_stays(
    template: str, device: str
) -> None:
    assert dial_string(template, "15550100") == device
    action = originate_action(order(template=template, number=Phone("+15550100")))
    assert f"Channel: {device}\r\n".encode() in sent(action)


def test_each_order_is_known_by_its_own_action_id() -> None:
    other = AttemptId(ID[:-1] + "t")
    assert {originate_action(order()).action_id, originate_action(order(attempt=other)).action_id} == {
        "o-" + ID,
        "o-" + other,
    }
