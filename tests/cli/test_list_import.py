"""Importing lists: clean ones, dirty ones, hostile ones, twice, and half-way."""

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dialerd.cli import importing, list_import
from dialerd.domain.instant import SECOND_MS
from tests.cli.conftest import Ctl, Daemon

ANN, BOB, CID = "+15550100101", "+15550100102", "+15550100103"


class Lists:
    """A folder for lists, and the daemon that they are imported into."""

    def __init__(self, ctl: Ctl, folder: Path) -> None:
        self.ctl = ctl
        self.folder = folder

    def write(self, *lines: str, name: str = "people.csv") -> Path:
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", newline="")
        return path

    def add(self, path: Path, *options: str | Path, code: int = 0) -> dict[str, Any]:
        """Import the file and return the summary."""
        return json.loads(self.ctl("list", "import", "people", path, *options, "--json", code=code).stdout)

    def people(self) -> dict[str, dict[str, str]]:
        """Return the variables of everybody in the list."""
        shown = json.loads(self.ctl("list", "show", "people", "--limit", "1000", "--json").stdout)
        return {row["number"]: row["variables"] for row in shown["targets"]}

    def rejects(self) -> list[dict[str, str]]:
        with (self.folder / "people.rejects.csv").open(newline="") as text:
            return list(csv.DictReader(text))


@pytest.fixture
def lists(ctl: Ctl, tmp_path: Path) -> Lists:
    return Lists(ctl, tmp_path)


def numbers(count: int) -> list[str]:
    return [f"+1555{n:07}" for n in range(count)]


def test_a_list_comes_in_with_its_columns_as_variables(lists: Lists) -> None:
    path = lists.write("first name;Phone;Größe", "Ann;+1 (555) 010-0101;1,70 m", "Bob;+15550100102;")
    summary = lists.add(path)
    assert summary == {
        "list": "people",
        "file": str(path),
        "rows": 2,
        "new": 2,
        "updated": 0,
        "unchanged": 0,
        "duplicates": 0,
        "rejected": 0,
        "rejects_file": None,
        "dry_run": False,
        "complete": True,
    }
    assert lists.people() == {
        ANN: {"FIRST_NAME": "Ann", "GR_SSE": "1,70 m"},
        BOB: {"FIRST_NAME": "Bob", "GR_SSE": ""},
    }


def test_importing_again_changes_nothing_and_a_changed_row_is_updated(lists: Lists) -> None:
    lists.add(lists.write("phone,name", f"{ANN},Ann", f"{BOB},Bob"))
    again = lists.add(lists.write("phone,name", f"{ANN},Ann", f"{BOB},Robert", f"{CID},Cid"))
    assert (again["new"], again["updated"], again["unchanged"]) == (1, 1, 1)
    assert lists.people()[BOB] == {"NAME": "Robert"}


def test_a_cell_that_was_emptied_empties_the_variable(lists: Lists) -> None:
    lists.add(lists.write("phone,name,city", f"{ANN},Ann,Rome"))
    assert lists.add(lists.write("phone,city", f"{ANN},"))["updated"] == 1
    assert lists.people() == {ANN: {"NAME": "Ann", "CITY": ""}}


def test_the_same_person_twice_in_a_file_is_one_and_the_first_counts(lists: Lists) -> None:
    path = lists.write("phone,name", f"{ANN},Ann", "+1 555 010-0101,Anna", f"{BOB},Bob")
    summary = lists.add(path)
    assert (summary["new"], summary["duplicates"]) == (2, 1)
    assert lists.people()[ANN] == {"NAME": "Ann"}
    again = lists.add(path)
    assert (again["unchanged"], again["updated"], again["duplicates"]) == (2, 0, 1)


def test_bad_rows_are_kept_with_line_and_reason_and_the_rest_comes_in(lists: Lists) -> None:
    path = lists.write(
        "phone,name",
        f"{ANN},Ann",
        "call me,Bea",
        '"+1555","short\nand on two lines"',
        f"{BOB}",
        f"{CID},Cid",
    )
    summary = lists.add(path)
    assert (summary["rows"], summary["new"], summary["rejected"]) == (5, 2, 3)
    assert set(lists.people()) == {ANN, CID}
    kept = lists.rejects()
    assert [(row["rejected_line"], row["phone"]) for row in kept] == [
        ("3", "call me"),
        ("4", "+1555"),
        ("6", BOB),
    ]
    assert "digits only" in kept[0]["rejected_reason"]
    assert kept[1]["name"] == "short\nand on two lines"


def test_mended_rejects_can_be_imported_as_they_are(lists: Lists) -> None:
    lists.add(lists.write("phone,name", "call me,Ann"))
    rejects = lists.folder / "people.rejects.csv"
    rejects.write_text(rejects.read_text().replace("call me", ANN))
    assert lists.add(rejects)["new"] == 1
    assert lists.people() == {ANN: {"NAME": "Ann"}}


HOSTILE = {
    "a line end for a header": "+15550100101\r\nAction: Originate\r\nApplication: System",
    "a bare line end": "15550100101\n",
    "a second variable": "x,__DIAL_PREFIX=900",
    "a number and a second variable": "+15550100101,__DIAL_PREFIX=900",
    "Arabic digits": "+١٥٥٥٠١٠٠١٠١",
    "full-width digits": "+１５５５０１００１０１",
    "superscripts": "+1555010010¹",
    "a function": "${SHELL(reboot)}",
    "another channel": "+15550100101&PJSIP/900",
    "another endpoint": "+15550100101@evil",
    "an application": "+15550100101/x@default;1",
    "a formula": "=HYPERLINK(+15550100101)",
    "a quote": '+15550100101"',
    "a zero-width joiner": "+1555\u200d0100101",
    "an extension": "+15550100101 ext 5",
}


@pytest.mark.parametrize("cell", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_number_never_gets_in(lists: Lists, cell: str) -> None:
    path = lists.folder / "people.csv"
    with path.open("w", newline="") as text:
        csv.writer(text).writerows([["phone", "name"], [cell, "Mallory"], [BOB, "Bob"]])
    for options in ((), ("--country", "US")):
        assert lists.add(path, *options)["rejected"] == 1
        assert set(lists.people()) == {BOB}
    (kept,) = lists.rejects()
    assert kept["phone"].lstrip("'") == cell
    assert kept["phone"][:1] not in ("=", "@", "-")


@pytest.mark.parametrize(
    ("cell", "taken"),
    [
        ("x,__DIAL_PREFIX=900", True),
        ("${SHELL(reboot)}", True),
        ("=cmd|' /C calc'!A0", True),
        ("Łódź 🦊", True),
        ("tab\tand\nline", True),
        ("two\r\nlines", False),
        ("\x1b[2J", False),
        ("\x85", False),
        ("x" * 800, True),
        ("x" * 801, False),
        ("%" * 266, True),
        ("%" * 267, False),
        ("ü" * 133, True),
        ("ü" * 134, False),
    ],
)
def test_values_are_taken_as_they_are_or_refused(lists: Lists, cell: str, taken: bool) -> None:
    path = lists.folder / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as text:
        csv.writer(text).writerows([["phone", "name"], [ANN, cell], [BOB, "Bob"]])
    assert lists.add(path)["rejected"] == (not taken)
    assert lists.people().get(ANN) == ({"NAME": cell} if taken else None)


def test_national_numbers_need_their_country(lists: Lists) -> None:
    path = lists.write("phone", "(555) 010-0101", "+447700900123")
    assert lists.add(path)["rejected"] == 1
    assert lists.add(path, "--country", "us")["rejected"] == 0
    assert set(lists.people()) == {ANN, "+447700900123"}
    assert "no country 'XX'" in lists.ctl("list", "import", "people", path, "--country", "XX", code=2).stderr


def test_columns_are_chosen_by_options(lists: Lists) -> None:
    path = lists.write("id,cell,work,first", f"1,{ANN},{BOB},Ann")
    assert "--phone" in lists.ctl("list", "import", "people", path, code=1).stderr
    lists.add(path, "--phone", "cell", "--map", "NAME=first", "--map", "CODE=id", "--only")
    assert lists.people() == {ANN: {"NAME": "Ann", "CODE": "1"}}
    lists.add(path, "--phone", "work", "--map", "NAME=first")
    assert lists.people()[BOB] == {"NAME": "Ann", "ID": "1", "CELL": ANN}


@pytest.mark.parametrize(
    ("header", "options", "words"),
    [
        ("who,where", (), "no column is named like the number; choose one with --phone from 'who', 'where'"),
        ("phone,mobile", (), "several columns could be the number"),
        ("phone,name", ("--phone", "names"), "no column 'names'; did you mean 'name'?"),
        ("phone,1st", (), "--map NAME=1st"),
        ("phone,first name,first-name", (), "both become FIRST_NAME"),
        ("phone,name", ("--map", "name=name"), "the name in capitals"),
        ("phone,name", ("--map", "NAME"), "NAME=COLUMN"),
        ("phone,name", ("--map", "A=nobody"), "no column 'nobody'"),
        ("phone," + ",".join(f"c{n}" for n in range(21)), (), "at most 20"),
        (f"phone,{'x' * 33}", (), "no name that a variable can have"),
    ],
)
def test_columns_that_cannot_be_used_are_refused_with_a_cure(
    lists: Lists, header: str, options: tuple[str, ...], words: str
) -> None:
    path = lists.write(header, ",".join([ANN] + ["x"] * header.count(",")))
    assert words in lists.ctl("list", "import", "people", path, *options, code=1).stderr
    assert "no list" in lists.ctl("list", "show", "people", code=3).stderr


def test_a_dry_run_needs_no_daemon_and_finds_the_same(lonely: Ctl, tmp_path: Path) -> None:
    lists = Lists(lonely, tmp_path)
    path = lists.write("phone", ANN, ANN, "call me")
    summary = lists.add(path, "--dry-run")
    assert summary["new"] is None
    assert (summary["rows"], summary["duplicates"], summary["rejected"]) == (3, 1, 1)
    assert lists.rejects()[0]["rejected_line"] == "4"
    assert "Nothing was sent" in lonely("list", "import", "people", path, "--dry-run").stdout


def test_strict_says_by_its_exit_code_that_rows_were_rejected(lists: Lists) -> None:
    path = lists.write("phone", ANN, "call me")
    assert lists.add(path, "--strict", code=1)["new"] == 1
    assert lists.add(lists.write("phone", ANN), "--strict")["unchanged"] == 1


def test_rejected_rows_are_shown_but_not_without_end(lists: Lists) -> None:
    shown = lists.ctl("list", "import", "people", lists.write("phone", *["no"] * 25)).stderr.splitlines()
    assert shown[0].startswith("line 2: not a number")
    assert shown[10] == "and 15 more"
    assert shown[11].endswith("people.rejects.csv")


def test_rejects_go_where_they_are_told_and_never_over_the_list(lists: Lists, tmp_path: Path) -> None:
    path = lists.write("phone", "no")
    summary = lists.add(path, "--rejects", tmp_path / "elsewhere.csv")
    assert summary["rejects_file"] == str(tmp_path / "elsewhere.csv")
    assert "overwrite" in lists.ctl("list", "import", "people", path, "--rejects", path, code=1).stderr
    assert path.read_text() == "phone\nno\n"


def test_more_rows_than_a_chunk_come_in_whole_and_in_order(lists: Lists) -> None:
    wanted = numbers(998)
    assert lists.add(lists.write("phone", *wanted))["new"] == 998
    assert list(lists.people()) == wanted


def test_rows_too_long_for_one_line_go_in_smaller_chunks(lists: Lists) -> None:
    header = ",".join(["phone", *(f"v{n}" for n in range(20))])
    value = "x" * 700
    rows = [",".join([number, *[value] * 20]) for number in numbers(40)]
    assert lists.add(lists.write(header, *rows))["new"] == 40
    assert lists.people()["+15550000039"]["V19"] == value


def test_a_file_that_breaks_half_way_keeps_what_came_in_and_can_be_taken_up_again(lists: Lists) -> None:
    wanted = numbers(700)
    path = lists.write(
        "phone,name", *[f"{number},x" for number in wanted], '+15550100101,"Ann', "+15550100102,Bob"
    )
    result = lists.ctl("list", "import", "people", path, "--json", code=1)
    assert "line 702" in json.loads(result.stderr.splitlines()[-1])["error"]["message"]
    assert json.loads(result.stdout)["complete"] is False
    path.write_text(path.read_text().replace('"Ann', "Ann"))
    summary = lists.add(path)
    assert summary["complete"]
    assert summary["new"] + summary["unchanged"] == 702
    assert len(lists.people()) == 702


def test_a_daemon_that_goes_away_half_way_is_reported_with_what_came_in(lists: Lists, daemon: Daemon) -> None:
    path = lists.write("phone", *numbers(1_200))
    load = daemon.plant.load_targets
    calls = 0

    async def load_once(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            for writer in daemon.house.server._open:
                writer.transport.abort()
        return await load(*args)

    daemon.plant.load_targets = load_once  # type: ignore[method-assign]
    result = lists.ctl("list", "import", "people", path, "--json", code=69)
    assert json.loads(result.stdout)["new"] == 500
    assert "run the same command again" in result.stderr
    daemon.plant.load_targets = load  # type: ignore[method-assign]
    summary = lists.add(path)
    assert summary["new"] + summary["unchanged"] == 1_200


def test_an_import_broken_off_from_the_keyboard_says_how_to_go_on(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing.Rows, "_row", interrupted)
    result = lists.ctl("list", "import", "people", lists.write("phone", ANN), code=130)
    assert "run the same command again" in result.stderr


def test_an_import_without_a_daemon_exits_with_69(lonely: Ctl, tmp_path: Path) -> None:
    lists = Lists(lonely, tmp_path)
    assert lists.add(lists.write("phone", ANN), code=69)["complete"] is False


def test_what_a_role_may_not_load_is_refused(lists: Lists, daemon: Daemon) -> None:
    daemon.house.role = None
    assert lists.add(lists.write("phone", ANN), code=4)["new"] == 0


def test_a_list_that_is_not_there_or_not_text_is_refused(lists: Lists) -> None:
    assert "No such file" in lists.ctl("list", "import", "people", "/nonexistent.csv", code=1).stderr
    path = lists.folder / "people.csv"
    path.write_bytes("phone\n+1555\n".encode("utf-16"))
    assert "UTF-16" in lists.ctl("list", "import", "people", path, code=1).stderr


@pytest.mark.parametrize("delimiter", [":", "tab", "\t"])
def test_a_delimiter_can_be_named(lists: Lists, delimiter: str) -> None:
    sign = "\t" if delimiter == "tab" else delimiter
    lists.add(lists.write(f"phone{sign}name", f"{ANN}{sign}Ann"), "--delimiter", delimiter)
    assert lists.people() == {ANN: {"NAME": "Ann"}}


@pytest.mark.parametrize("delimiter", ["::", '"', "a", "5"])
def test_what_cannot_be_a_delimiter_is_refused(lists: Lists, delimiter: str) -> None:
    lists.ctl("list", "import", "people", lists.write("phone", ANN), "--delimiter", delimiter, code=2)


def test_targets_loaded_while_a_campaign_runs_are_called(lists: Lists, daemon: Daemon, spring: Path) -> None:
    lists.add(lists.write("phone", BOB))
    lists.ctl("campaign", "apply", spring, "--start")
    daemon.do(daemon.plant.bring_up(agents=2))
    lists.add(lists.write("phone", ANN))
    daemon.plant.now += SECOND_MS
    daemon.do(daemon.plant.tell())
    calls = json.loads(lists.ctl("attempts", "--json").stdout)["attempts"]
    assert [call["number"] for call in calls] == [ANN, BOB]


def test_on_a_terminal_a_bar_shows_how_far_the_file_is(lists: Lists) -> None:
    path = lists.write("phone", *numbers(2_000))
    program = [
        sys.executable,
        "-c",
        "from dialerd.cli.main import main; main()",
        "list",
        "import",
        "people",
        path,
    ]
    ours, theirs = pty.openpty()
    env = {**os.environ, "DIALERD_SOCKET": str(lists.ctl.path), "TERM": "xterm"}
    done = subprocess.run(program, env=env, stdout=subprocess.PIPE, stderr=theirs, timeout=30, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "100%" in shown
    assert done.stdout.decode().splitlines()[3].split() == ["new", "2000"]


def test_without_a_terminal_long_imports_give_a_sign_of_life(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_import, "REPORT_ROWS", 1_000)
    result = lists.ctl("list", "import", "people", lists.write("phone", *numbers(2_100)))
    assert result.stderr.splitlines() == ["1000 rows read", "2000 rows read"]
