"""The commands as an operator types them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dialerd.cli.reference import PAGE, page
from dialerd.control.commands import load_all
from dialerd.control.spec import Role
from tests.cli.conftest import Ctl, Daemon
from tests.control.plant import SPRING

ANN = "+15550100101"


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def filled(ctl: Ctl, spring: Path, tmp_path: Path) -> Ctl:
    """A daemon with three people in a list and a campaign that is running."""
    people = tmp_path / "people.csv"
    people.write_text(f"phone,first name\n{ANN},Ann\n+15550100102,Bob\n+15550100103,Cid\n")
    ctl("list", "import", "people", people)
    ctl("campaign", "apply", spring, "--start")
    return ctl


def words_of(name: str) -> list[str]:
    arguments = {
        "campaign apply": ["{spring}"],
        "campaign check": ["{spring}"],
        "completion": ["bash"],
        "config check": ["{etc}"],
        "list import": ["people", "{people}"],
        "list show": ["people"],
        "report": ["spring"],
        "target show": [ANN],
        "target why": [ANN],
    }
    default = ["spring"] if name.startswith("campaign ") and name != "campaign list" else []
    return [*name.split(" "), *arguments.get(name, default)]


COMMANDS = [name for name, spec in load_all().items() if not spec.wire_only]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_as_text_and_as_one_json_document(
    filled: Ctl, spring: Path, tmp_path: Path, name: str
) -> None:
    places = {"{spring}": spring, "{people}": tmp_path / "people.csv", "{etc}": "etc/dialerd.yaml"}
    words = [str(places.get(word, word)) for word in words_of(name)]
    text = filled(*words)
    assert text.stdout.strip()
    assert not text.stderr
    assert "{" not in text.stdout or name == "completion"
    answer = json.loads(filled(*words, "--json").stdout)
    assert set(answer) == set(load_all()[name].reply)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_that_is_a_command(ctl: Ctl, name: str) -> None:
    spec = load_all()[name]
    shown = ctl(*name.split(" "), "--help").stdout
    assert spec.example in shown
    assert f"dialerctl {name}" in spec.example
    assert "--json" in shown


def test_json_and_socket_may_stand_before_the_command_too(daemon: Daemon, lonely: Ctl) -> None:
    lonely.path = daemon.path.with_name("elsewhere.sock")
    assert "asterisk" in json.loads(lonely("--json", "--socket", daemon.path, "status").stdout)
    assert "Asterisk" in lonely("status", "--socket", daemon.path).stdout


def test_the_first_line_of_why_is_the_answer(filled: Ctl, berlin: None, spring: Path, daemon: Daemon) -> None:
    filled("campaign", "pause", "spring")
    spring.write_text(SPRING + 'hours:\n  zone: Europe/Berlin\n  tue: ["09:00-18:00"]\n')
    filled("campaign", "apply", spring, "--start")
    daemon.do(daemon.plant.bring_up())
    lines = filled("campaign", "why", "spring").stdout.splitlines()
    assert lines[0].startswith("Not calling: hours: ")
    assert "until 2026-11-24 09:00:00 CET" in lines[0]
    assert lines[0].endswith("; 3 targets wait behind it")
    marked = [line.split()[:3] for line in lines[2:] if line[:4].strip() in ("ok", "no", "> NO")]
    assert next(words for words in marked if words[0] == ">") == [">", "NO", "hours"]
    assert ["ok", "asterisk"] in [words[:2] for words in marked]


def test_the_answer_changes_with_what_happens(filled: Ctl, daemon: Daemon) -> None:
    daemon.do(daemon.plant.bring_up(agents=0))
    assert filled("campaign", "why", "spring").stdout.startswith("Not calling: agents: ")
    daemon.do(daemon.plant.bring_up(agents=2))
    assert json.loads(filled("campaign", "why", "spring", "--json").stdout)["in_flight"] > 0


def test_why_for_a_person_answers_for_each_campaign(filled: Ctl) -> None:
    shown = filled("target", "why", "+1 (555) 010-0101").stdout
    assert shown.startswith(f"{ANN} in spring: Not calling: asterisk: ")
    assert "  ok  target" in shown


def test_what_is_not_found_exits_with_3_and_offers_the_nearest(filled: Ctl) -> None:
    result = filled("campaign", "show", "sprung", code=3)
    assert result.stderr == "dialerctl: no campaign 'sprung'; did you mean 'spring'?\n"
    assert result.stdout == ""
    filled("target", "show", "+15559999999", code=3)
    filled("list", "show", "nobody", code=3)


def test_what_the_role_does_not_permit_exits_with_4(filled: Ctl, daemon: Daemon) -> None:
    daemon.house.role = Role.VIEWER
    assert "needs the role operator" in filled("campaign", "start", "spring", code=4).stderr
    filled("campaign", "list")


def test_what_the_rules_refuse_exits_with_1(filled: Ctl) -> None:
    filled("campaign", "stop", "spring")
    assert "cannot start a campaign that is finished" in filled("campaign", "start", "spring", code=1).stderr


@pytest.mark.parametrize(
    "words",
    [
        ["stats"],
        ["campaign", "starts", "spring"],
        ["campaign", "start"],
        ["campaign", "start", "two words"],
        ["attempts", "--limit", "0"],
        ["attempts", "--limit", "many"],
        ["attempts", "--outcome", "fine"],
        ["list", "load", "people"],
        ["campaign", "apply", "/nonexistent.yaml"],
        ["completion", "tcsh"],
        ["target", "show", "call me"],
        ["status", "--loud"],
    ],
)
def test_a_wrong_command_line_exits_with_2_and_says_why(ctl: Ctl, words: list[str]) -> None:
    assert ctl(*words, code=2).stderr


def test_an_unknown_command_is_answered_with_the_nearest(ctl: Ctl) -> None:
    assert "did you mean 'status'?" in ctl("stats", code=2).stderr
    assert "did you mean 'start'?" in ctl("campaign", "starts", "spring", code=2).stderr


def test_without_a_daemon_it_exits_with_69_and_says_what_to_do(lonely: Ctl) -> None:
    result = lonely("status", code=69)
    assert "is it running?" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_daemon_that_dies_is_told_from_one_that_refuses(ctl: Ctl, daemon: Daemon) -> None:
    ctl("status")
    daemon.stop()
    ctl("status", code=69)


def test_with_json_a_failure_is_one_document_on_standard_error(ctl: Ctl) -> None:
    result = ctl("campaign", "show", "sprung", "--json", code=3)
    assert result.stdout == ""
    error = json.loads(result.stderr)["error"]
    assert error["exit_code"] == 3
    assert error["message"].startswith("no campaign 'sprung'")


def test_a_campaign_file_with_problems_exits_with_78_and_lists_them_all(ctl: Ctl, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(SPRING.replace("sales", "slaes").replace("office", "offcie"))
    for command in ("apply", "check"):
        shown = ctl("campaign", command, path, code=78).stderr
        assert shown.startswith("dialerctl: 2 problems; nothing was changed\n")
        assert f"{path}:3:" in shown
        assert "`sales`" in shown
        assert "`office`" in shown


def test_a_configuration_is_checked_without_a_daemon(lonely: Ctl, tmp_path: Path) -> None:
    path = tmp_path / "dialerd.yaml"
    path.write_text("asterisk:\n  hots: 127.0.0.1\n")
    shown = lonely("config", "check", path, code=78).stderr
    assert f"{path}:2:3: asterisk.hots: unknown key; did you mean `host`?" in shown
    answer = json.loads(lonely("config", "check", path, "--json", code=78).stdout)
    assert answer["ok"] is False
    assert answer["problems"][0]["line"] in (1, 2)
    lonely("config", "check", tmp_path / "none.yaml", code=2)


def test_a_campaign_can_come_from_standard_input(ctl: Ctl) -> None:
    from click.testing import CliRunner

    from dialerd.cli.main import cli

    env = {"DIALERD_SOCKET": str(ctl.path)}
    result = CliRunner().invoke(cli, ["campaign", "apply", "-"], input=SPRING, env=env)
    assert result.exit_code == 0, result.stderr


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(ctl: Ctl, tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("#" * 70_000)
    assert "at most 60000 characters" in ctl("campaign", "apply", path, code=2).stderr
    path.write_text("# " + "ü" * 50_000)
    assert "too large" in ctl("campaign", "apply", path, code=2).stderr


def test_pages_say_how_to_go_on(filled: Ctl) -> None:
    shown = filled("list", "show", "people", "--limit", "2").stdout.splitlines()
    assert shown[0].split() == ["ID", "NUMBER", "VARIABLES"]
    assert shown[-1].startswith("more: --after ")
    rest = filled("list", "show", "people", "--limit", "2", "--after", shown[-1].split()[-1]).stdout
    assert "+15550100103" in rest


def complete(ctl: Ctl, line: str) -> list[str]:
    words = line.split(" ")
    env = {
        **os.environ,
        "DIALERD_SOCKET": str(ctl.path),
        "_DIALERCTL_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    program = [sys.executable, "-c", "from dialerd.cli.main import main; main()"]
    shown = subprocess.run(program, env=env, capture_output=True, text=True, timeout=30, check=False).stdout
    return [entry.split(",", 1)[1] for entry in shown.splitlines() if entry]


def test_the_shell_completes_commands_and_names(filled: Ctl) -> None:
    assert complete(filled, "dialerctl camp") == ["campaign"]
    assert complete(filled, "dialerctl campaign st") == ["start", "stop"]
    assert complete(filled, "dialerctl campaign start sp") == ["spring"]
    assert complete(filled, "dialerctl list show pe") == ["people"]
    assert complete(filled, "dialerctl attempts --outcome no") == ["no_answer", "not_sent"]


def test_without_a_daemon_names_are_simply_not_completed(lonely: Ctl) -> None:
    assert complete(lonely, "dialerctl campaign start sp") == []


def test_the_completion_script_is_one_that_bash_can_read(lonely: Ctl) -> None:
    script = lonely("completion", "bash").stdout
    assert "_DIALERCTL_COMPLETE" in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=30)
    for shell in ("zsh", "fish"):
        assert "_DIALERCTL_COMPLETE" in lonely("completion", shell).stdout


def test_the_reference_is_up_to_date() -> None:
    written = (Path(__file__).parents[2] / PAGE).read_text(encoding="utf-8")
    assert written == page(), "run `python -m dialerd.cli.reference`"


def test_the_outcomes_of_the_command_line_are_those_of_the_rules() -> None:
    from dialerd.control.commands.history import OUTCOMES
    from dialerd.domain.outcome import Outcome

    assert set(OUTCOMES) == {outcome.value for outcome in Outcome}


@pytest.mark.parametrize(
    "name",
    ["a", "7", "Spring.2026_b-c", "a.", "x" * 64, "x" * 65, "", "_a", ".a", "-a", "a b", "a(b)", "é", "a\n"],
)
def test_a_file_takes_the_names_that_the_commands_take(name: str) -> None:
    from dialerd.config.kinds import Wrong
    from dialerd.config.schema import CampaignName, ListName
    from dialerd.control.spec import CAMPAIGN, LIST

    for written, typed in ((CampaignName, CAMPAIGN), (ListName, LIST)):
        (kind,) = written.__metadata__
        with contextlib.nullcontext() if typed.fits(name) else pytest.raises(Wrong):
            kind.read(name)


LIGHT = ("asyncio", "structlog", "rich", "yaml", "sqlite3", "phonenumbers", "pydantic", "dialerd.domain")


def test_status_loads_nothing_heavy(ctl: Ctl) -> None:
    program = (
        "import sys; from dialerd.cli.main import cli\n"
        "cli(['status'], standalone_mode=False)\n"
        "print(*sorted(sys.modules), sep='\\n')"
    )
    env = {**os.environ, "DIALERD_SOCKET": str(ctl.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.startswith("Asterisk")
    loaded = set(done.stdout.splitlines())
    assert not loaded & set(LIGHT)
    commands: list[Any] = [name for name in loaded if name.startswith("dialerd.control.commands.")]
    assert commands == ["dialerd.control.commands.status"]
