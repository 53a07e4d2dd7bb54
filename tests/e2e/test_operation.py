"""The daemon in daily operation: reloads, signals, dirty input, a link that breaks."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.backends import Simulated, daemon_beside
from tests.e2e.daemon import Daemon
from tests.e2e.expectations import RETRY, numbers


@pytest.fixture
def pbx(tmp_path: Path) -> Iterator[Simulated]:
    made = Simulated(tmp_path)
    yield made
    made.close()


@pytest.fixture
def daemon(pbx: Simulated, tmp_path: Path) -> Iterator[Daemon]:
    with daemon_beside(pbx, tmp_path / "daemon") as started:
        yield started


def test_a_broken_configuration_on_reload_leaves_the_old_one_in_force_and_shows_all_problems(
    daemon: Daemon,
) -> None:
    good = daemon.config.read_text()
    daemon.config.write_text(
        good.replace("channels: 100\n", "chanels: 100\n").replace("calls_per_second: 100\n", "")
    )
    refused = daemon.run("config", "reload")
    assert refused.returncode == 78
    assert "did you mean `channels`" in refused.stdout + refused.stderr
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until("a log line", lambda: "configuration not reloaded" in daemon.log(), 10)
    assert daemon.ask("status")["trunks"]["carrier"]["channels"] == 100


def test_a_good_configuration_is_in_force_after_sighup(daemon: Daemon) -> None:
    daemon.config.write_text(
        daemon.config.read_text().replace("channels: 100, calls", "channels: 7, calls", 1)
    )
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until("7 channels", lambda: daemon.ask("status")["trunks"]["carrier"]["channels"] == 7, 10)


def test_a_trunk_that_is_gone_from_the_configuration_stops_its_campaign_until_it_is_back(
    daemon: Daemon,
) -> None:
    good = daemon.config.read_text()
    daemon.import_numbers("people", numbers(3))
    daemon.apply(start=False)
    daemon.config.write_text("\n".join(line for line in good.splitlines() if "@trunk" not in line) + "\n")
    daemon.ctl("config", "reload")
    daemon.ctl("campaign", "start", "spring")
    why = daemon.ctl("campaign", "why", "spring")
    assert why["blocked_by"] == "configuration"
    assert "carrier" in why["summary"]
    daemon.stop()
    daemon.start()
    assert daemon.ctl("campaign", "why", "spring")["blocked_by"] == "configuration"
    daemon.config.write_text(good)
    daemon.ctl("config", "reload")
    daemon.finish()


def test_a_link_that_breaks_again_and_again_loses_nobody(pbx: Simulated, daemon: Daemon) -> None:
    daemon.import_numbers("people", [f"+1202555{i:02d}00" for i in range(80)])
    daemon.apply()
    for broken in range(1, 4):
        daemon.until("calls", lambda: len(daemon.attempts()) >= 15 * broken, 30)  # noqa: B023
        pbx.drop_connections()
    daemon.finish()
    rows = daemon.attempts()
    assert (
        Counter(row["number"].removeprefix("+") for row in rows if row["outcome"] != "not_sent")
        == pbx.dialled()
    )
    assert set(pbx.dialled().values()) == {1}
    assert {row["outcome"] for row in rows} <= {"answered", "not_sent", "lost"}


def test_an_import_goes_on_beside_dialling_and_may_be_repeated(daemon: Daemon) -> None:
    daemon.import_numbers("people", [f"+1202555{i:02d}00" for i in range(50)])
    daemon.apply()
    many = [f"+1303{i:07d}" for i in range(2_000_061, 2_003_000)]
    first = daemon.import_numbers("others", many)
    again = daemon.import_numbers("others", many)
    assert (first["new"], again["new"], again["unchanged"]) == (len(many), 0, len(many))
    daemon.finish()
    assert Counter(row["outcome"] for row in daemon.attempts()) == {"answered": 50}


def test_an_unknown_list_is_refused_at_the_start_of_a_campaign(daemon: Daemon) -> None:
    daemon.apply(start=False)
    refused = daemon.run("campaign", "start", "spring")
    assert refused.returncode == 1
    assert "list import" in refused.stderr
    assert daemon.state() == "draft"


def test_every_answer_is_one_json_document_and_every_table_is_plain(daemon: Daemon) -> None:
    daemon.import_numbers("people", numbers(3))
    daemon.apply(start=False)
    for words in (
        ("status",),
        ("campaign", "list"),
        ("campaign", "show", "spring"),
        ("campaign", "why", "spring"),
        ("list", "list"),
        ("list", "show", "people"),
        ("target", "show", "+12025550100"),
        ("target", "why", "+12025550100"),
        ("attempts",),
        ("report", "spring"),
        ("agent", "list"),
        ("journal",),
        ("config", "check", str(daemon.config)),
    ):
        assert isinstance(daemon.ctl(*words), dict), words
        shown = daemon.run(*words)
        assert shown.returncode == 0, (words, shown.stderr)
        assert shown.stdout.strip()
        with pytest.raises(ValueError, match=r"Expecting|Extra"):
            json.loads(shown.stdout)


def test_no_number_and_no_secret_is_in_the_log(daemon: Daemon) -> None:
    dialled = numbers(100)
    daemon.import_numbers("people", dialled, extra="NAME=Rumpelstilzchen")
    daemon.apply(retry=RETRY)
    daemon.finish()
    log = daemon.log()
    assert "attempt closed" in log
    for number in dialled:
        assert number.removeprefix("+") not in log
    assert "Rumpelstilzchen" not in log
    assert f"secret={Simulated.secret}" not in log


def test_a_second_sigterm_ends_the_daemon_at_once_and_the_call_is_adopted_at_the_next_start(
    daemon: Daemon,
) -> None:
    daemon.import_numbers("people", ["+12025550185"])
    daemon.apply(ring_timeout="20s", retry=RETRY)
    daemon.until("a ringing call", lambda: bool(daemon.attempts(open=True)), 10)
    process = daemon.process
    assert process is not None
    process.terminate()
    daemon.until("draining", lambda: daemon.ask("status")["draining"] is not None, 10)
    process.terminate()
    assert process.wait(10) == 0
    daemon.start()
    daemon.finish()
    assert [row["outcome"] for row in daemon.attempts()] == ["no_answer"]


def test_a_socket_that_cannot_be_made_is_told_in_one_line(daemon: Daemon) -> None:
    daemon.stop()
    broken = daemon.config.read_text().replace("/control.sock", "/missing/control.sock")
    daemon.config.write_text(broken)
    process = daemon.spawn()
    assert process.wait(20) == 78
    assert "cannot listen at" in daemon.log()
    assert "Traceback" not in daemon.log()
