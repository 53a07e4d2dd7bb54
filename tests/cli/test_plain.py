"""Values as text."""

import time
from collections.abc import Iterator

import pytest

from dialerd.cli.plain import fields, local_time, one_line, shown, span, table


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_local_with_their_zone() -> None:
    assert local_time("2026-11-24T08:00:00.000Z") == "2026-11-24 09:00:00 CET"
    assert local_time("2026-07-24T08:00:00.000Z") == "2026-07-24 10:00:00 CEST"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 ms"),
        (980, "980 ms"),
        (1_250, "1.25 s"),
        (60_000, "1 min"),
        (900_000, "15 min"),
        (5_400_000, "1.5 h"),
    ],
)
def test_spans_are_in_the_unit_that_fits(ms: int, text: str) -> None:
    assert span(ms) == text


def test_a_value_is_shown_as_its_key_asks() -> None:
    assert shown("ring_timeout_ms", 25_000) == "25 s"
    assert shown("opened_at", "2026-11-24T08:00:00.000Z").endswith("CET")
    assert shown("answer_to_agent_ms", {"median": 40, "p95": 1_200}) == "median 40 ms, p95 1.2 s"
    assert [shown("x", value) for value in (None, "", [], {}, True, 0)] == ["-", "-", "-", "-", "yes", "0"]


@pytest.mark.parametrize("text", ["\x1b[2J", "a\rb", "a\nb", "\x9b1m", "\u202egnp.exe", "\x07"])
def test_nothing_that_a_terminal_would_obey_gets_through(text: str) -> None:
    for line in (
        one_line(text),
        *table([{"a": text}], ["a"]),
        *fields({text: text}),
        shown("v", {text: text}),
    ):
        assert line.isprintable()


def test_columns_are_aligned_and_numbers_stand_to_the_right() -> None:
    rows = [{"name": "a", "count": 5}, {"name": "longer", "count": 1234}]
    assert list(table(rows, ["name", "count"])) == ["NAME    COUNT", "a           5", "longer   1234"]


def test_an_empty_table_says_so() -> None:
    assert list(table([], ["name"], "nobody")) == ["nobody"]
