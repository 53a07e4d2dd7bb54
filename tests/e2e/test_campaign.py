"""A campaign from its import to its report, on both back ends."""

from collections import Counter

from tests.e2e.backends import Backend
from tests.e2e.daemon import Daemon
from tests.e2e.expectations import RETRY, check_attempts, numbers


def dialled_since(backend: Backend, before: Counter[str]) -> Counter[str]:
    return backend.dialled() - before


def test_each_behaviour_of_the_network_ends_with_its_outcome_cause_and_retries(
    backend: Backend, daemon: Daemon
) -> None:
    before = backend.dialled()
    imported = daemon.import_numbers("people", numbers(100))
    assert imported["new"] == 100
    daemon.apply(retry=RETRY)
    daemon.finish(limit_s=120)
    check_attempts(daemon.attempts(campaign="spring"), dialled_since(backend, before))
    report = daemon.ctl("report", "spring")
    assert report["targets"] == {"ready": 0, "in_flight": 0, "waiting": 0, "done": 100}
    assert report["outcomes"]["answered"] + report["outcomes"].get("hung_up", 0) == 50


def test_who_answers_is_with_an_agent_in_milliseconds(backend: Backend, daemon: Daemon) -> None:
    daemon.import_numbers("people", [f"+1202555{i:02d}00" for i in range(40)])
    daemon.apply(pacing={"method": "ratio", "level": 2})
    daemon.finish(limit_s=60)
    rows = daemon.attempts(campaign="spring", outcome="answered")
    waits = sorted(row["answer_to_agent_ms"] for row in rows)
    assert len(waits) >= 20
    assert waits[len(waits) // 2] < 2000
    held = [row for row in rows if row["answer_to_agent_ms"] > 500]
    assert all(row["answer_to_agent_ms"] <= 2100 for row in held)


def test_a_person_without_an_agent_hears_the_message_and_is_abandoned(
    backend: Backend, daemon: Daemon
) -> None:
    daemon.import_numbers("people", [f"+1202555{i:02d}00" for i in range(30)])
    daemon.apply(queue="wrap", pacing={"method": "ratio", "level": 3})
    daemon.until(
        "an abandoned call", lambda: bool(daemon.attempts(campaign="spring", outcome="abandoned")), 30
    )
    row = daemon.attempts(campaign="spring", outcome="abandoned")[-1]
    assert row["message_played"]
    assert row["answer_to_agent_ms"] is None
    assert row["agent"] is None


def test_calls_over_a_dead_or_unknown_trunk_fail_and_dial_nobody(backend: Backend, daemon: Daemon) -> None:
    before = backend.dialled()
    daemon.import_numbers("people", ["+12025550100", "+12025550101"])
    daemon.import_numbers("others", ["+12025550102"])
    retry = {"failed": {"count": 1, "every": "1s"}}
    daemon.apply("dead", trunk="dead", retry=retry)
    daemon.apply("nosuch", list="others", trunk="nosuch", retry=retry)
    daemon.finish("dead")
    daemon.finish("nosuch")
    assert Counter(row["outcome"] for row in daemon.attempts()) == {"failed": 6}
    assert dialled_since(backend, before) == {}


def test_why_names_the_first_closed_gate_and_how_many_wait_behind_it(
    backend: Backend, daemon: Daemon
) -> None:
    del backend
    daemon.import_numbers("people", numbers(7))
    daemon.apply(start=False)
    why = daemon.ctl("campaign", "why", "spring")
    assert why["blocked_by"] == "state"
    assert why["targets"]["ready"] == 7
    shown = daemon.run("campaign", "why", "spring")
    assert shown.stdout.startswith("Not calling: state: the campaign is draft")
    assert "7 targets" in shown.stdout


def test_members_that_appear_and_vanish_are_seen(backend: Backend, daemon: Daemon) -> None:
    del backend
    daemon.until("members", lambda: len(daemon.ask("agent.list")["agents"]) >= 20, 10)
    states = Counter(row["state"] for row in daemon.ask("agent.list", queue="sales")["agents"])
    assert states == {"available": 20}


def test_pausing_ends_after_the_calls_and_resuming_goes_on(backend: Backend, daemon: Daemon) -> None:
    del backend
    daemon.import_numbers("people", [f"+1202555{i:02d}00" for i in range(60)])
    daemon.apply()
    daemon.until("calls", lambda: len(daemon.attempts(campaign="spring")) >= 20, 10)
    daemon.ctl("campaign", "pause", "spring")
    daemon.until("paused", lambda: daemon.state() == "paused", 15)
    made = len(daemon.attempts(campaign="spring"))
    assert not daemon.attempts(open=True)
    daemon.ctl("campaign", "resume", "spring")
    daemon.finish()
    assert len(daemon.attempts(campaign="spring")) == 60 > made


def test_sigterm_lets_calls_end_and_the_campaign_goes_on_after_the_next_start(
    backend: Backend, daemon: Daemon
) -> None:
    before = backend.dialled()
    daemon.import_numbers("people", [f"+1202555{i:02d}00" for i in range(60)])
    daemon.apply()
    daemon.until("calls", lambda: len(daemon.attempts(campaign="spring")) >= 20, 10)
    assert daemon.stop() == 0
    daemon.start()
    assert not daemon.attempts(open=True)
    daemon.finish()
    assert set(dialled_since(backend, before).values()) == {1}
    assert Counter(row["outcome"] for row in daemon.attempts()) == {"answered": 60}


def test_target_variables_reach_the_dialplan_through_import(backend: Backend, daemon: Daemon) -> None:
    del backend
    daemon.import_numbers("people", ["+12025550100"], extra='CITY="Köln, ${X} \\ ;"')
    daemon.apply()
    daemon.finish()
    (row,) = daemon.ctl("target", "show", "+12025550100")["lists"]
    assert row["variables"] == {"CITY": "Köln, ${X} \\ ;"}
    assert daemon.attempts()[0]["outcome"] == "answered"


def test_a_second_daemon_on_the_same_database_is_refused(backend: Backend, daemon: Daemon) -> None:
    del backend
    second = daemon.spawn()
    assert second.wait(20) == 75
