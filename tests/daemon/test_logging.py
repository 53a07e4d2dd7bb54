"""What a log line holds, and what it never holds."""

import io
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.daemon.logging import MOST_LINE_BYTES, configure
from dialerd.daemon.redact import MOST_CHARACTERS, MOST_ITEMS, Redactor, mask
from dialerd.domain.identifiers import AttemptId
from dialerd.domain.phone import Phone
from tests.daemon.logs import NOW, Log, logs

ATTEMPT = AttemptId("dlr-abc123-00000001111111222222234567")
NUMBER = "+15550100123"
SECRET = "correct-horse-42"


@pytest.fixture
def start() -> Iterator[Callable[..., Log]]:
    """Make logs, and leave the process as it was."""
    with logs() as make:
        yield make


def test_a_line_is_json_with_the_time_that_was_handed_in(start: Callable[..., Log]) -> None:
    log = start()
    log.to.info("campaign saved", campaign="spring", channels=30, share=0.5, open=True, agent=None)
    assert log.last == {
        "time": "2026-11-22T22:49:45.123Z",
        "level": "info",
        "event": "campaign saved",
        "campaign": "spring",
        "channels": 30,
        "share": 0.5,
        "open": True,
        "agent": None,
    }
    log.now += 877
    log.to.info("later")
    assert log.last["time"] == "2026-11-22T22:49:46.000Z"


def test_time_level_and_event_cannot_be_forged_by_a_field(start: Callable[..., Log]) -> None:
    log = start()
    log.to.info("true", time="false", level="false")
    assert (log.last["time"][:4], log.last["level"], log.last["event"]) == ("2026", "info", "true")


def test_plain_text_quotes_whatever_could_break_the_line(start: Callable[..., Log]) -> None:
    log = start(form="plain")
    log.to.warning("link", text="lost\nfaked line \x1b[31m", queue="sales", count=3, empty="")
    assert log.text == (
        "2026-11-22T22:49:45.123Z warning  link "
        'text="lost\\nfaked line \\u001b[31m" queue=sales count=3 empty=""\n'
    )


def test_events_below_the_level_are_not_written(start: Callable[..., Log]) -> None:
    log = start(level="warning")
    log.to.info("nothing")
    log.to.error("something")
    assert [line["event"] for line in log.lines] == ["something"]


def test_journald_is_told_the_priority(start: Callable[..., Log]) -> None:
    log = start(journal=True)
    log.to.info("one")
    log.to.warning("two")
    log.to.error("three")
    assert [line[:4] for line in log.text.splitlines()] == ["<6>{", "<4>{", "<3>{"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+15551234500", "+1555****00"),
        ("15551234500", "1555****00"),
        ("+1 (555) 123-4500", "+1555****00"),
        ("%2B15551234500", "+1555****00"),
        ('"Acme" <+15551234500>', "1555****00"),
        ("+4930123456", "+4930****56"),
        ("+49301234", "+49****34"),
        ("+490123", "+****23"),
        ("110", "****"),
        ("anonymous", "****"),
    ],
)
def test_a_masked_number_never_shows_more_than_a_part(number: str, shown: str) -> None:
    assert mask(number) == shown


@pytest.mark.parametrize("key", ["number", "caller_id", "phone"])
@pytest.mark.parametrize("value", [NUMBER, Phone(NUMBER), NUMBER[1:], int(NUMBER[1:]), "+1 555-010-0123"])
def test_numbers_are_masked_by_their_key(start: Callable[..., Log], key: str, value: object) -> None:
    log = start()
    log.to.info("call", **{key: value})
    assert log.last[key].endswith("1555****23")


@pytest.mark.parametrize(
    "text",
    [
        f"dialling {NUMBER} now",
        f"PJSIP/{NUMBER[1:]}@carrier",
        f"sip:{NUMBER[1:]}@203.0.113.10",
        "tel:%2B15550100123",
        "+1 555 010 0123",
        "+1 (555) 010-0123",
        f"x{NUMBER[1:]}y",
        f"{ATTEMPT}{NUMBER}",
        NUMBER.translate({ord("0") + d: 0x0660 + d for d in range(10)}),
    ],
)
def test_numbers_are_masked_in_free_text(start: Callable[..., Log], text: str) -> None:
    log = start()
    log.to.info(text, text=text, deep={"list": [text], text: 1}, error=ValueError(text))
    digits = re.sub(r"\D", "", log.text.encode().decode("unicode_escape"))
    assert "0100123" not in digits
    assert "٠١٠٠١٢٣" not in digits


def test_times_ids_and_addresses_are_not_taken_for_numbers(start: Callable[..., Log]) -> None:
    log = start()
    text = f"{ATTEMPT} 2026-11-22T22:49:45.123+00:00 127.0.0.1:5038 after 30000 ms"
    log.to.info("x", attempt=ATTEMPT, text=text, opened_at=NOW)
    assert log.last["attempt"] == ATTEMPT
    assert log.last["text"] == text
    assert log.last["opened_at"] == NOW


def test_a_number_in_the_place_of_an_attempt_is_masked(start: Callable[..., Log]) -> None:
    log = start()
    log.to.info("x", attempt=NUMBER)
    assert log.last["attempt"] == "+1555****23"


def test_secrets_and_a_persons_columns_are_never_shown(start: Callable[..., Log]) -> None:
    redactor = Redactor()
    log = start(redactor=redactor)
    log.to.info("login", secret="any", variables={"NAME": "Ann"}, nested={"password": "any"})
    assert log.last["secret"] == log.last["variables"] == log.last["nested"]["password"] == "[hidden]"
    redactor.hide(SECRET)
    log.to.error("refused: " + SECRET, text=f"Secret: {SECRET}\r\n", error=RuntimeError(SECRET))
    logging.getLogger("panoramisk").warning("sent %r", {"Secret": SECRET})
    assert SECRET not in log.text


def test_a_short_secret_does_not_blot_out_words(start: Callable[..., Log]) -> None:
    log = start(redactor=Redactor(["", "a"]))
    log.to.info("a call")
    assert log.last["event"] == "a call"


def test_values_and_lines_have_a_limit(start: Callable[..., Log]) -> None:
    log = start()
    log.to.info("long", text="x" * 100_000, many=list(range(100_000)))
    assert len(log.last["text"]) == MOST_CHARACTERS
    assert len(log.last["many"]) == MOST_ITEMS
    log.to.info("huge", many=["é" * MOST_CHARACTERS] * MOST_ITEMS)
    assert len(log.text.splitlines()[-1]) < MOST_LINE_BYTES
    assert log.last["characters_cut"] > MOST_LINE_BYTES


def test_the_end_of_a_long_traceback_is_kept(start: Callable[..., Log]) -> None:
    log = start()
    try:
        raise RuntimeError("x" * 3_000 + f" the cause, {NUMBER}")
    except RuntimeError as error:
        log.to.exception("failed")
        log.to.error("failed", exc_info=error)
    for line in log.lines:
        assert line["exception"].endswith(" the cause, +1555****23")
        assert len(line["exception"]) == MOST_CHARACTERS


class Rude:
    """A value that raises when it is shown."""

    def __str__(self) -> str:
        raise RuntimeError


class Colour(StrEnum):
    """An enumeration, as outcomes are."""

    RED = "red"


def test_any_value_gives_a_line_of_valid_json(start: Callable[..., Log]) -> None:
    log = start()
    loop: list[object] = []
    loop.append(loop)
    values = (Rude(), float("nan"), b"\xff", {1, 2}, "\ud800", "\u2028", loop, {(1, 2): Colour.RED}, 10**30)
    for value in values:
        log.to.info("value", value=value)
    assert len(log.lines) == len(values)
    assert "NaN" not in log.text


@given(
    st.recursive(st.text() | st.integers() | st.none(), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_whatever_lies_around_it_a_number_is_masked(value: object) -> None:
    shown = Redactor().field("value", [value, f"({NUMBER})", {"k": f"{NUMBER[1:]}"}])
    assert "5550100123" not in json.dumps(shown[1:])
    json.dumps(shown, allow_nan=False)


def test_libraries_are_heard_from_warning_upwards_in_the_same_form(start: Callable[..., Log]) -> None:
    log = start(level="debug")
    for name in ("panoramisk.manager", "asyncio", "aiosqlite"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("dialled %s", NUMBER)
    assert [(line["logger"], line["event"]) for line in log.lines] == [
        ("panoramisk.manager", "dialled +1555****23"),
        ("asyncio", "dialled +1555****23"),
        ("aiosqlite", "dialled +1555****23"),
    ]


def test_a_librarys_own_mistakes_do_no_harm(
    start: Callable[..., Log], capfd: pytest.CaptureFixture[str]
) -> None:
    log = start()
    logging.getLogger("asyncio").warning("%d calls to " + NUMBER, "no number")
    logging.getLogger("asyncio").log(35, "between the levels")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"about {NUMBER}", stacklevel=1)
    assert [line["level"] for line in log.lines] == ["warning"] * 3
    assert "0100123" not in log.text + capfd.readouterr().err


def test_a_full_disk_loses_lines_and_nothing_else(start: Callable[..., Log]) -> None:
    class Full(io.RawIOBase):
        def write(self, _data: object) -> int:
            raise OSError(28, "No space left on device")

    log = configure(lambda: NOW, out=Full())  # type: ignore[arg-type]
    log.info("lost")
    logging.getLogger("asyncio").warning("lost")
    closed = io.BytesIO()
    closed.close()
    configure(lambda: NOW, out=closed).info("lost")


def test_threads_do_not_mix_their_lines(start: Callable[..., Log]) -> None:
    log = start()
    threads = [threading.Thread(target=lambda: [log.to.info("x" * 500) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.lines) == 200


def test_the_log_goes_to_standard_error_unless_told_otherwise(
    start: Callable[..., Log], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    configure(lambda: NOW, out=None).info("here")
    sys.stderr.flush()
    captured = capfdbinary.readouterr()
    assert (captured.out, json.loads(captured.err)["event"]) == (b"", "here")
