"""kill -9 of the daemon and of Asterisk amid calls: nobody is called too often, nobody is lost."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.backends import Backend, daemon_beside, real, simulated
from tests.e2e.daemon import Daemon
from tests.e2e.expectations import numbers
from tests.lab.programs import Programs

RETRY = {
    "busy": {"count": 1, "every": "1s"},
    "no_answer": "never",
    "unreachable": "never",
    "congestion": {"count": 1, "every": "1s"},
    "failed": {"count": 1, "every": "1s"},
    "unknown": {"count": 1, "every": "2s"},
    "cancelled": "never",
}


@pytest.fixture
def backend(programs: Programs, tmp_path: Path) -> Iterator[Backend]:
    with real(programs, tmp_path / "lab", talk_s=1.0) as made:
        yield made


@pytest.mark.asterisk
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_on_a_real_asterisk_20_kills_of_the_daemon_and_5_of_asterisk(
    backend: Backend, tmp_path: Path
) -> None:
    with daemon_beside(backend, tmp_path / "daemon") as daemon:
        survive(daemon, backend, people=600, kills=["daemon", "daemon", "asterisk", "daemon", "daemon"] * 5)


@pytest.mark.timeout(200)
def test_on_the_simulated_pbx_a_few_kills_of_both(tmp_path: Path) -> None:
    with (
        simulated(tmp_path) as backend,
        daemon_beside(backend, tmp_path / "daemon") as daemon,
    ):
        survive(daemon, backend, people=150, kills=["daemon", "asterisk", "daemon"])


def survive(daemon: Daemon, backend: Backend, people: int, kills: list[str], seed: int = 5) -> None:
    """Kill again and again while a campaign runs, at moments drawn by the seed; then compare the books."""
    moments = random.Random(seed)
    wanted = numbers(people)
    daemon.import_numbers("people", wanted)
    daemon.apply(retry=RETRY, pacing={"method": "ratio", "level": 1.5})
    for victim in kills:
        assert daemon.state() == "running", "too few people for so many kills"
        made = len(daemon.attempts(campaign="spring"))
        new_calls = moments.randint(1, 12)
        daemon.until("new calls", lambda: _goes_on(daemon, made + new_calls), 60)  # noqa: B023
        if victim == "daemon":
            daemon.kill()
            daemon.start()
        else:
            backend.die()
            backend.come_back()
    daemon.finish(limit_s=300)
    hold_the_books_together(daemon, backend.dialled(), wanted)


def _goes_on(daemon: Daemon, attempts: int) -> bool:
    return len(daemon.attempts(campaign="spring")) >= attempts or daemon.state() == "finished"


def hold_the_books_together(daemon: Daemon, dialled: Counter[str], wanted: list[str]) -> None:
    rows = daemon.attempts(campaign="spring")
    assert daemon.ctl("report", "spring")["targets"] == {
        "ready": 0,
        "in_flight": 0,
        "waiting": 0,
        "done": len(wanted),
    }
    made = Counter(row["number"].removeprefix("+") for row in rows if row["outcome"] != "not_sent")
    assert set(made) == {number.removeprefix("+") for number in wanted}
    more_often = {number: (count, made[number]) for number, count in dialled.items() if count > made[number]}
    assert not more_often, "dialled more often than there are attempts"
    for number, outcomes in _by_number(rows).items():
        for outcome, count in outcomes.items():
            rule = RETRY.get(outcome, "never")
            allowed = 1 + (rule["count"] if isinstance(rule, dict) else 0)
            assert count <= allowed, (number, outcomes)
    undialled = [n for n in made if dialled[n] < made[n]]
    undecided = {row["number"].removeprefix("+") for row in rows if row["outcome"] == "unknown"}
    failed = {row["number"].removeprefix("+") for row in rows if row["outcome"] == "failed"}
    assert set(undialled) <= undecided | failed
    _why_explains(daemon, rows)


def _by_number(rows: list[dict[str, object]]) -> dict[str, Counter[str]]:
    outcomes: dict[str, Counter[str]] = {}
    for row in rows:
        if row["outcome"] != "not_sent":
            outcomes.setdefault(str(row["number"]), Counter())[str(row["outcome"])] += 1
    return outcomes


def _why_explains(daemon: Daemon, rows: list[dict[str, object]]) -> None:
    """What was closed without its end being seen says so, in the journal and to whoever asks why."""
    last = {row["number"]: row for row in reversed(rows)}
    for row in rows:
        if row["outcome"] not in ("unknown", "lost"):
            continue
        assert row["note"], row
        (entry, *_) = daemon.ask("journal", subject=row["id"], limit=5)["entries"]
        assert entry["kind"] == "recovered"
        assert str(row["note"]) in entry["text"]
        if last[row["number"]] is row:
            shown = daemon.run("target", "why", str(row["number"])).stdout
            assert f"Last call: {row['outcome']}: {row['note']}" in shown
