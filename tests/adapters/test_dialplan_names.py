"""The names in dialerd and the names in the files shipped for Asterisk are the same."""

import re
from pathlib import Path

import pytest

from dialerd.adapters.asterisk import dialplan
from dialerd.adapters.asterisk.dialplan import Extension, UserEvent, Variable

SHIPPED = Path(__file__).parents[2] / "asterisk"


def shipped(name: str) -> str:
    """A shipped file without its comments."""
    lines = (SHIPPED / name).read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith(";"))


EXTENSIONS = shipped("extensions.conf")


def test_the_contexts_are_those_of_the_file() -> None:
    assert re.findall(r"^\[(.+)\]", EXTENSIONS, re.M) == [dialplan.CONTEXT, dialplan.TAKEN_CONTEXT]
    assert f",{dialplan.TAKEN_CONTEXT})" in EXTENSIONS, "Queue() runs it when a member answers"


@pytest.mark.parametrize("extension", Extension)
def test_every_extension_exists(extension: Extension) -> None:
    assert f"\nexten => {extension},{dialplan.PRIORITY}," in EXTENSIONS


def test_the_user_events_are_those_of_the_file_and_each_carries_the_attempt() -> None:
    told = re.findall(r"UserEvent\((\w+),(\w+): \$\{(\w+)\}", EXTENSIONS)
    assert {name for name, _, _ in told} == set(UserEvent)
    assert {(field, value) for _, field, value in told} == {(dialplan.ATTEMPT_FIELD, Variable.ATTEMPT)}


def test_the_fields_of_the_user_events_are_those_of_the_file() -> None:
    end = next(line for line in EXTENSIONS.splitlines() if UserEvent.END in line)
    for field in (dialplan.END_CAUSE_FIELD, dialplan.END_SOURCE_FIELD, dialplan.END_QUEUE_STATUS_FIELD):
        assert f",{field}: " in end
    for event in (UserEvent.QUEUE_END, UserEvent.MESSAGE_PLAYED):
        line = next(line for line in EXTENSIONS.splitlines() if event in line)
        assert f",{dialplan.STATUS_FIELD}: " in line


def test_every_variable_is_read_and_none_is_read_that_nobody_sets() -> None:
    read = set(re.findall(r"\$\{(DIALERD_\w+)", EXTENSIONS))
    own = {"DIALERD_READY", "DIALERD_HELD", "DIALERD_LEFT", "DIALERD_NAME", "DIALERD_ABANDONED"}
    assert read == set(Variable) | own | {dialplan.VALUE_PREFIX}


def test_target_variables_use_the_shared_prefixes_and_separator() -> None:
    name = "${DIALERD_NAME}"
    decoding = f"__{dialplan.TARGET_PREFIX}{name}=${{URIDECODE(${{{dialplan.VALUE_PREFIX}{name}}})}}"
    assert decoding in EXTENSIONS
    assert f"SHIFT(DIALERD_LEFT,{dialplan.NAME_SEPARATOR})" in EXTENSIONS
    assert not re.fullmatch(dialplan.NAME_PATTERN, f"A{dialplan.NAME_SEPARATOR}B")


def test_calls_are_counted_in_the_shared_category() -> None:
    assert set(re.findall(r"GROUP\((\w+)\)", EXTENSIONS)) == {dialplan.GROUP_CATEGORY}
    assert set(re.findall(r"@(\w+)\)", EXTENSIONS)) == {dialplan.GROUP_CATEGORY}


def test_the_trail_has_the_columns_that_are_read() -> None:
    mapping = shipped("cel_custom.conf").strip().splitlines()[-1]
    file, _, columns = mapping.partition(" => ")
    assert f"cel-custom/{file}" == dialplan.TRAIL_FILE
    assert tuple(re.findall(r"CSV_QUOTE\(\$\{(?:CHANNEL\()?(\w+)", columns)) == dialplan.TRAIL_COLUMNS


def test_the_trail_has_the_events_that_are_read() -> None:
    assert f"events = {','.join(dialplan.TRAIL_EVENTS)}\n" in shipped("cel.conf") + "\n"
