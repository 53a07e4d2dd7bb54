"""What is sent to Asterisk: nothing but values of known kinds, exactly as given."""

import dataclasses
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.adapters.asterisk import actions
from dialerd.adapters.asterisk.actions import Action, Unsendable, encode, percent_encode

ID = "dlr-abcdef-0123456789abcdefghjkmnpqrs"

ORIGINATE = actions.originate(
    ID,
    "PJSIP/15550100@trunk",
    "dialerd",
    "hold",
    25000,
    caller_id_number="15550199",
    caller_id_name="Acme",
    variables={"DIALER_ATTEMPT": ID, "V_NAME": percent_encode("Doe, John")},
)

SAMPLES = [
    ORIGINATE,
    actions.originate(ID, "Local/15550100@from-internal/n", "dialerd", "hold", 1),
    actions.hangup(ID, 16),
    actions.redirect("PJSIP/trunk-0000002a", "dialerd", "queue", "join"),
    actions.queue_status("sales"),
    actions.login("dialerd", "s3cret: with spaces, and #!", "system,call"),
    actions.core_show_channels(),
    actions.ping(),
]

NASTY = (
    st.text(alphabet=st.sampled_from(list("ab1\r\n\0:;,=&|/@<>\"'\\$(){}%+ \x0b\x85\u2028é٣１"))) | st.text()
)


def as_asterisk_reads(data: bytes) -> list[list[tuple[str, str]]]:
    """Return the messages: lines end at LF, an empty one ends a message, blanks round a value are skipped."""
    messages: list[list[tuple[str, str]]] = [[]]
    for line in data.decode().split("\n")[:-1]:
        text = line.removesuffix("\r")
        if text:
            name, _, value = text.partition(":")
            messages[-1].append((name, value.strip(" ")))
        else:
            messages.append([])
    assert messages[-1] == []
    return messages[:-1]


def expected(action: Action, action_id: str) -> list[tuple[str, str]]:
    """Return the headers that must arrive."""
    variables = [("Variable", f"{name}={value}") for name, value in action.variables]
    return [("Action", action.name), ("ActionID", action_id), *action.headers, *variables]


def with_text(action: Action, place: int, text: str) -> Action:
    """Return the action with one of its texts (name, header names and values, variables) replaced."""
    flat = [action.name, *(part for pair in (*action.headers, *action.variables) for part in pair)]
    flat[place % len(flat)] = text
    pairs = tuple(zip(flat[1::2], flat[2::2], strict=True))
    count = len(action.headers)
    return Action(flat[0], pairs[:count], pairs[count:])


@given(st.sampled_from(SAMPLES), st.integers(0, 50), NASTY)
def test_any_text_anywhere_is_refused_or_arrives_as_one_message_of_exactly_those_headers(
    sample: Action, place: int, text: str
) -> None:
    action = with_text(sample, place, text)
    try:
        data = encode(action, "a-1")
    except Unsendable:
        return
    assert as_asterisk_reads(data) == [expected(action, "a-1")]
    assert all(len(line) <= actions.MOST_LINE_BYTES for line in data.split(b"\r\n"))


@given(NASTY)
def test_any_action_id_is_refused_or_arrives_alone(text: str) -> None:
    try:
        data = encode(actions.ping(), text)
    except Unsendable:
        return
    assert as_asterisk_reads(data) == [[("Action", "Ping"), ("ActionID", text)]]


@given(NASTY)
def test_any_text_passes_as_a_percent_encoded_variable_and_reads_back(text: str) -> None:
    action = dataclasses.replace(ORIGINATE, variables=(("V_NOTE", percent_encode(text)),))
    try:
        data = encode(action, ID)
    except Unsendable as refusal:
        assert "V_NOTE: its line is longer" in str(refusal)
        return
    name, _, value = dict(as_asterisk_reads(data)[0])["Variable"].partition("=")
    assert (name, unquote(value)) == ("V_NOTE", text)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_action_that_we_build_can_be_sent(sample: Action) -> None:
    assert as_asterisk_reads(encode(sample, "a-1")) == [expected(sample, "a-1")]


def test_the_action_comes_first_and_the_order_is_kept() -> None:
    assert encode(ORIGINATE, ORIGINATE.action_id).decode().split("\r\n") == [
        "Action: Originate",
        f"ActionID: {ID}",
        "Channel: PJSIP/15550100@trunk",
        f"ChannelId: {ID}",
        "Context: dialerd",
        "Exten: hold",
        "Priority: 1",
        "Timeout: 25000",
        "Async: true",
        'CallerID: "Acme" <15550199>',
        f"Variable: DIALER_ATTEMPT={ID}",
        "Variable: V_NAME=Doe%2C%20John",
        "",
        "",
    ]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0", "\r\nAction: Command\r\nCommand: core stop now"])
def test_nothing_that_ends_a_line_is_sent_in_any_value(end: str) -> None:
    for sample in SAMPLES:
        for place in range(1 + 2 * (len(sample.headers) + len(sample.variables))):
            for text in (end, "15550100" + end, end + "15550100"):
                with pytest.raises(Unsendable):
                    encode(with_text(sample, place, text), "a-1")


@pytest.mark.parametrize(
    "value",
    ["x,__DIAL_PREFIX=900", 'say "hi"', "back\\slash", "${SHELL(id)}", "a b", "é", "a=b", "x;y", "a&b"],
)
def test_a_variable_that_is_not_percent_encoded_is_refused(value: str) -> None:
    with pytest.raises(Unsendable, match="Variable V_NAME"):
        encode(dataclasses.replace(ORIGINATE, variables=(("V_NAME", value),)), ID)


@pytest.mark.parametrize(
    "name", ["x", "V NAME", "FILE(x)", "V)", "A=B", "_A", "___A", "9A", "", "V" * 65, "V\u00c4"]
)
def test_a_variable_name_that_could_be_a_function_or_inherited_by_accident_is_refused(name: str) -> None:
    with pytest.raises(Unsendable):
        encode(dataclasses.replace(ORIGINATE, variables=((name, "1"),)), ID)


@pytest.mark.parametrize(
    "name", ["Command", "AGI", "Setvar", "originate", "UpdateConfig", "ModuleLoad", "Filter", ""]
)
def test_actions_outside_the_table_are_never_sent(name: str) -> None:
    with pytest.raises(Unsendable):
        encode(Action(name), "a-1")


@pytest.mark.parametrize(
    "header", [("Application", "System"), ("Data", "x"), ("Codecs", "ulaw"), ("Channel", "PJSIP/1@trunk")]
)
def test_an_originate_takes_no_other_header_and_none_twice(header: tuple[str, str]) -> None:
    with pytest.raises(Unsendable):
        encode(dataclasses.replace(ORIGINATE, headers=(*ORIGINATE.headers, header)), ID)


@pytest.mark.parametrize("name", ["Async", "Timeout", "ChannelId", "Channel", "Context"])
def test_an_originate_without_what_makes_it_safe_is_refused(name: str) -> None:
    headers = tuple(pair for pair in ORIGINATE.headers if pair[0] != name)
    with pytest.raises(Unsendable, match=name):
        encode(dataclasses.replace(ORIGINATE, headers=headers), ID)


@pytest.mark.parametrize("timeout_ms", [0, -1, 1_000_000])
def test_an_originate_that_rings_for_ever_is_refused(timeout_ms: int) -> None:
    with pytest.raises(Unsendable, match="Timeout"):
        encode(actions.originate(ID, "PJSIP/1@trunk", "dialerd", "hold", timeout_ms), ID)


DIAL_STRINGS = [
    "PJSIP/15550100@trunk",
    "PJSIP/+15550100@trunk",
    "SIP/trunk/15550100",
    "Local/15550100@from-internal",
    "Local/15550100@from-internal/n",
    "PJSIP/trunk/sip:15550100@127.0.0.1:5060",
    "DAHDI/g1/15550100",
]


@pytest.mark.parametrize("dial_string", DIAL_STRINGS)
def test_dial_strings_of_common_trunks_pass(dial_string: str) -> None:
    assert encode(actions.originate(ID, dial_string, "dialerd", "hold", 1000), ID)


@pytest.mark.parametrize(
    "bad", ["15550100", "PJSIP/", "PJSIP/1&PJSIP/2", "PJSIP/1,30", "PJSIP/1@t/n|x", "", "/1"]
)
def test_other_dial_strings_are_refused(bad: str) -> None:
    with pytest.raises(Unsendable, match="Channel"):
        encode(actions.originate(ID, bad, "dialerd", "hold", 1000), ID)


def test_a_dial_string_that_asterisk_would_cut_is_refused() -> None:
    with pytest.raises(Unsendable, match="Channel"):
        encode(actions.originate(ID, "PJSIP/" + "1" * 100 + "/" + "2" * 100, "dialerd", "hold", 1000), ID)


@pytest.mark.parametrize(
    "channel", [ID, "1795392176.801", "PJSIP/trunk-0000021b", "Local/1@agents-00000001;2"]
)
def test_channels_are_named_by_name_or_id(channel: str) -> None:
    assert encode(actions.hangup(channel), "a-1")


def test_channels_are_never_named_by_a_regular_expression() -> None:
    with pytest.raises(Unsendable, match="Channel"):
        encode(actions.hangup("/^PJSIP/trunk-.*$/"), "a-1")


@pytest.mark.parametrize("name", ["", "Acme", "Müller & Söhne", "O'Neil Ltd."])
def test_names_of_callers_that_pass(name: str) -> None:
    action = actions.originate(
        ID, "PJSIP/1@trunk", "d", "h", 1, caller_id_number="+15550199", caller_id_name=name
    )
    shown = f'"{name}" <+15550199>' if name else "<+15550199>"
    assert dict(as_asterisk_reads(encode(action, ID))[0])["CallerID"] == shown


@pytest.mark.parametrize("name", ['A" <1>', "A <1>", "A\\", " A", "A ", "x" * 41, "\u202eA", "A,B"])
def test_names_of_callers_that_are_refused(name: str) -> None:
    action = actions.originate(
        ID, "PJSIP/1@trunk", "d", "h", 1, caller_id_number="15550199", caller_id_name=name
    )
    with pytest.raises(Unsendable, match="CallerID"):
        encode(action, ID)


def test_a_name_without_a_number_is_refused() -> None:
    with pytest.raises(Unsendable, match="CallerID"):
        encode(actions.originate(ID, "PJSIP/1@trunk", "d", "h", 1, caller_id_name="Acme"), ID)


def test_too_many_variables_are_refused_before_asterisk_would_refuse_without_naming_the_action() -> None:
    fitting = actions.MOST_LINES - 2 - len(ORIGINATE.headers)
    variables = tuple((f"V_{i}", "1") for i in range(fitting + 1))
    assert encode(dataclasses.replace(ORIGINATE, variables=variables[:-1]), ID)
    with pytest.raises(Unsendable, match="lines"):
        encode(dataclasses.replace(ORIGINATE, variables=variables), ID)


def test_a_refusal_and_an_action_in_a_log_hold_neither_secret_nor_number() -> None:
    action = actions.login("dialerd", "hidden\n", "call")
    with pytest.raises(Unsendable) as caught:
        encode(action, "a-1")
    assert "hidden" not in str(caught.value) + repr(action)
    assert "15550100" not in repr(ORIGINATE)


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(Unsendable):
        percent_encode("\ud800")
