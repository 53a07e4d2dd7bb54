"""The log of channels, read back from the lines that Asterisk writes."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialerd.adapters.asterisk.dialplan import TRAIL_COLUMNS, TRAIL_EVENTS
from dialerd.adapters.asterisk.trail import LONGEST_LINE, find
from dialerd.domain.call_events import Trail
from dialerd.domain.identifiers import AttemptId, is_attempt_id

FIRST = AttemptId("dlr-abc123-0123456789abcdefghjkmnpqrs")
SECOND = AttemptId("dlr-abc123-1123456789abcdefghjkmnpqrs")
assert is_attempt_id(FIRST)
assert is_attempt_id(SECOND)

CHANNEL = "PJSIP/trunk-00000003"
START, ANSWER, END = "1795391790.333403", "1795391790.339314", "1795391793.555703"
STARTED_AT, ANSWERED_AT, ENDED_AT = 1_795_391_790_333, 1_795_391_790_339, 1_795_391_793_555


def quoted(value: str) -> str:
    """Return the value as Asterisk's CSV_QUOTE() gives it."""
    return '"' + value.replace('"', '""') + '"'


def line(
    event: str, at: str, uniqueid: str = FIRST, channel: str = CHANNEL, extra: str = "", linked: str = ""
) -> str:
    """Return a line of the log."""
    fields = (event, at, uniqueid, linked or uniqueid, channel, extra)
    return ",".join(map(quoted, fields)) + "\n"


def ending(cause: int = 16, source: str = "") -> str:
    """Return what Asterisk adds to a HANGUP."""
    return json.dumps({"hangupcause": cause, "hangupsource": source, "dialstatus": ""}, separators=(",", ":"))


STARTED = line("CHAN_START", START)
ANSWERED = line("ANSWER", ANSWER)
ENDED = line("HANGUP", END, extra=ending(17, CHANNEL))
BUSY = Trail(STARTED_AT, None, ENDED_AT, 17, remote=True)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return where the log would be."""
    return tmp_path / "dialerd.csv"


def found_in(log: Path, *lines: str) -> Trail | None:
    """Return what a log of these lines holds of the first attempt."""
    log.write_text("".join(lines), encoding="utf-8", newline="")
    return find(log, (FIRST,)).get(FIRST)


def test_a_refused_call_has_a_start_and_an_end_with_its_cause(log: Path) -> None:
    assert found_in(log, STARTED, ENDED) == BUSY


@pytest.mark.parametrize(
    ("source", "remote"),
    [(CHANNEL, True), ("PJSIP/1001-00000004", False), ("dialplan/builtin", False), ("", False)],
)
def test_the_far_end_hung_up_when_the_source_of_the_hangup_is_the_channel_itself(
    log: Path, source: str, remote: bool
) -> None:
    found = found_in(log, STARTED, ANSWERED, line("HANGUP", END, extra=ending(16, source)))
    assert found == Trail(STARTED_AT, ANSWERED_AT, ENDED_AT, 16, remote)


def test_a_call_without_an_end_has_none(log: Path) -> None:
    assert found_in(log, STARTED) == Trail(STARTED_AT)
    assert found_in(log, STARTED, ANSWERED) == Trail(STARTED_AT, ANSWERED_AT)


@given(order=st.permutations((STARTED, ANSWERED, ENDED)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_the_lines_does_not_matter(log: Path, order: list[str]) -> None:
    assert found_in(log, *order) == Trail(STARTED_AT, ANSWERED_AT, ENDED_AT, 17, remote=True)


def test_only_what_was_asked_for_is_returned(log: Path) -> None:
    lines = (STARTED, line("CHAN_START", ANSWER, SECOND), ENDED)
    log.write_text("".join(lines))
    assert find(log, (SECOND,)) == {SECOND: Trail(ANSWERED_AT)}
    assert set(find(log, (FIRST, SECOND))) == {FIRST, SECOND}
    assert find(log, ()) == {}


def test_the_agents_leg_of_a_call_is_not_the_call(log: Path) -> None:
    leg = line("HANGUP", END, "1795391790.448", "PJSIP/1001-00000004", ending(16), linked=FIRST)
    other_half = line("HANGUP", END, FIRST + ";2", "Local/1@x-00000001;2", ending(16), linked=FIRST)
    assert found_in(log, leg, other_half) is None
    assert found_in(log, STARTED, leg, other_half) == Trail(STARTED_AT)


# --- files -----------------------------------------------------------------------------------------------


def test_a_missing_log_holds_nothing(log: Path) -> None:
    assert find(log, (FIRST,)) == {}


def test_a_missing_folder_holds_nothing(log: Path) -> None:
    assert find(log.parent / "nowhere" / log.name, (FIRST,)) == {}


def test_an_empty_log_holds_nothing(log: Path) -> None:
    assert found_in(log) is None


def test_a_call_is_found_across_the_rotation_of_the_log(log: Path) -> None:
    log.with_name("dialerd.csv.1").write_text(STARTED)
    assert found_in(log, ENDED) == BUSY


def test_a_log_that_was_just_rotated_out_is_still_read(log: Path) -> None:
    log.with_name("dialerd.csv.1").write_text(STARTED + ENDED)
    assert find(log, (FIRST,)) == {FIRST: BUSY}


def test_what_was_rotated_out_before_is_not_read(log: Path) -> None:
    log.with_name("dialerd.csv.2").write_text(STARTED + ENDED)
    assert find(log, (FIRST,)) == {}


# --- broken lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        "\n",
        "dlr-\n",
        ",,,,,\n",
        '"\n',
        '"HANGUP\n',
        '"dlr-' + '"' * 99 + "\n",
        STARTED[: len(STARTED) // 2] + "\n",
        line("HANGUP", END, extra=ending(17, CHANNEL)).rstrip()[:-10] + "\n",
        "x" * 200_000 + "\n",
        '"CHAN_START","' + "dlr-" * 100_000 + "\n",
        "dlr-\x00\x00\n",
        "dlr-\r\n",
        "dlr-\r\r\r\n",
        line("CHAN_START", START, SECOND, extra="[" * 3_000),
        line("HANGUP", START, SECOND, extra="[" * 3_000),
    ],
    ids=range(15),
)
def test_a_broken_line_does_not_hide_the_others(log: Path, broken: str) -> None:
    assert found_in(log, STARTED, broken, ENDED) == BUSY


def test_bytes_that_are_no_text_do_not_hide_the_other_lines(log: Path) -> None:
    log.write_bytes(STARTED.encode() + b"\xff\xfe\x80dlr-\xc3\n" + ENDED.encode())
    assert find(log, (FIRST,)) == {FIRST: BUSY}


def test_a_last_line_that_is_still_being_written_is_read_when_it_is_whole(log: Path) -> None:
    for cut in range(1, len(ENDED) - 3):
        found = found_in(log, STARTED, ENDED[:cut])
        assert found is not None
        assert found.started_at == STARTED_AT
        assert found.cause in (0, 17)
    assert found_in(log, STARTED, ENDED.rstrip()) == BUSY


def test_a_line_longer_than_any_of_ours_is_passed_over(log: Path) -> None:
    long = line("HANGUP", END, extra=ending(17, CHANNEL) + " " * LONGEST_LINE)
    assert found_in(log, STARTED, long) == Trail(STARTED_AT)


@pytest.mark.parametrize("at", ["", "yesterday", "nan", "inf", "1e999"])
def test_a_time_that_cannot_be_read_is_unknown(log: Path, at: str) -> None:
    assert found_in(log, line("CHAN_START", at), ENDED) == Trail(None, None, ENDED_AT, 17, remote=True)


@pytest.mark.parametrize(
    "extra",
    ["", "{", "[]", "17", "null", "[" * 3_000, '{"a":' * 500],
    ids=["empty", "cut", "list", "number", "null", "deep list", "deep object"],
)
def test_details_that_cannot_be_read_leave_the_cause_unknown(log: Path, extra: str) -> None:
    assert found_in(log, STARTED, line("HANGUP", END, extra=extra)) == Trail(STARTED_AT, None, ENDED_AT)


@pytest.mark.parametrize("cause", ['"17"', "null", "[17]", "-1", "128", "9" * 400, "1.5"])
def test_a_cause_that_is_none_is_unknown(log: Path, cause: str) -> None:
    extra = f'{{"hangupcause":{cause}}}'
    assert found_in(log, STARTED, line("HANGUP", END, extra=extra)) == Trail(STARTED_AT, None, ENDED_AT)


def test_an_event_that_we_do_not_ask_for_changes_nothing(log: Path) -> None:
    assert found_in(log, STARTED, line("BRIDGE_ENTER", END), ENDED) == BUSY


def test_further_columns_do_no_harm(log: Path) -> None:
    assert found_in(log, STARTED.rstrip() + ',"more"\n', ENDED) == BUSY


@given(noise=st.lists(st.text(max_size=60) | st.text(alphabet='dlr-",\r\n{[0\x00', max_size=60), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_noise_between_the_lines_hides_a_call(log: Path, noise: list[str]) -> None:
    between = "".join(f"{text}\n" for text in noise).encode("utf-8", "replace")
    log.write_bytes(STARTED.encode() + between + ENDED.encode())
    assert find(log, (FIRST,)) == {FIRST: BUSY}


# --- in step with Asterisk's configuration ---------------------------------------------------------------


def test_the_shipped_configuration_writes_the_columns_that_are_read() -> None:
    folder = Path(__file__).parents[3] / "asterisk"
    lines = (folder / "cel_custom.conf").read_text().splitlines()
    (mapping,) = [text for text in lines if text.startswith("dialerd.csv =>")]
    columns = re.findall(r"CSV_QUOTE\(\$\{(?:CHANNEL\()?(\w+)\)?\}\)", mapping)
    assert tuple(columns) == TRAIL_COLUMNS
    assert f"events = {','.join(TRAIL_EVENTS)}" in (folder / "cel.conf").read_text()
