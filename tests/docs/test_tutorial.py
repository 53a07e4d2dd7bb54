"""The tutorial, done from its first line to its last on a real Asterisk, and how-tos that go on from it."""

import re
from collections.abc import Iterator

import pytest

from tests.docs.blocks import ROOT
from tests.docs.machine import Machine
from tests.docs.reader import Reader
from tests.lab.programs import Programs

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(300)]

TUTORIAL, HOWTO = ROOT / "docs/tutorial.md", ROOT / "docs/howto"
KIM = 'phone,first_name\n+1 202 555 0100,"Kim ""K"", \\the 1st\nX: y"\n'
CAMPAIGN = "name: kim\nlist: kim\n"
ELSEWHERE = {
    "apt-get install -y python3-venv": "changes the machine",
    "python3 -m venv /opt/dialerd": "the tests have a virtual environment; `make demo` shows that it is made",
    "/opt/dialerd/bin/pip install .": "the same",
}
"""Lines that are not run here, and why."""


@pytest.fixture
def machine(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    running = Machine(programs, tmp_path_factory.mktemp("root"))  # short: a socket's path has 107 bytes
    running.start()
    yield running
    running.stop()


@pytest.fixture
def reader(machine: Machine) -> Iterator[Reader]:
    instead = {
        "systemctl restart asterisk": machine.restart_asterisk,
        **dict.fromkeys(ELSEWHERE, lambda: None),
    }
    one = Reader(machine.root, machine.replaced, machine.environ, instead, machine.is_dialerd_there)
    yield one
    one.close()


def complaints(machine: Machine) -> list[str]:
    """What Asterisk did not like."""
    return [line for line in machine.asterisk_log().splitlines() if "WARNING" in line or "ERROR" in line]


def test_who_follows_the_tutorial_and_then_looks_things_up_sees_what_is_shown(
    machine: Machine, reader: Reader
) -> None:
    reader.follow(TUTORIAL)
    reader.follow(HOWTO / "why.md")
    reader.follow(HOWTO / "recover.md")
    assert complaints(machine) == []


def test_who_goes_on_from_the_tutorial_imports_lists_and_shows_the_person_to_the_agent(
    machine: Machine, reader: Reader
) -> None:
    reader.follow(TUTORIAL, until="## 5. Import a list")
    reader.follow(HOWTO / "import.md")
    (reader.checkout / "kim.csv").write_text(KIM)
    (reader.checkout / "kim.yaml").write_text(CAMPAIGN)
    reader.runs("dialerctl list import kim kim.csv --map NUMBER=phone")
    reader.runs("dialerctl campaign apply kim.yaml --start")
    shown = reader.sees("asterisk -rx 'core show channels concise'", r"(PJSIP/100[12]-\w+)!.*!Up!")
    channel = reader.runs(f"asterisk -rx 'core show channel {shown[1]}'")
    assert re.search(r"Connected Line ID: \+12025550100$", channel, re.MULTILINE)
    assert re.search(r"Connected Line ID Name: Kim K the 1stX y$", channel, re.MULTILINE)
    reader.runs("dialerctl campaign stop kim --hang-up")
    assert complaints(machine) == []
