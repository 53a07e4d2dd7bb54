"""A trunk that leads through the PBX's own dialplan: Local/{number}@context."""

from pathlib import Path

import pytest

from tests.e2e.backends import daemon_beside, real
from tests.lab.behaviours import BEHAVIOURS
from tests.lab.programs import Programs

EXPECTED = {
    "answer": "answered",
    "ring_then_answer": "answered",
    "busy": "busy",
    "unallocated": "invalid",
    "decline": "rejected",
    "congestion": "congestion",
    "ring_out": "no_answer",
}


@pytest.mark.asterisk
@pytest.mark.timeout(120)
def test_calls_through_the_pbx_own_dialplan_end_with_the_same_outcomes(
    programs: Programs, tmp_path: Path
) -> None:
    numbers = {BEHAVIOURS[name].number("+120255501"): name for name in EXPECTED}
    with (
        real(programs, tmp_path / "lab") as backend,
        daemon_beside(backend, tmp_path / "daemon") as daemon,
    ):
        daemon.import_numbers("people", list(numbers))
        daemon.apply(trunk="through_pbx", retry=dict.fromkeys(("busy", "congestion", "no_answer"), "never"))
        daemon.finish()
        found = {numbers[row["number"]]: row["outcome"] for row in daemon.attempts()}
        assert found == EXPECTED
        assert backend.dialled() == {number.removeprefix("+"): 1 for number in numbers}
        talks = daemon.attempts(outcome="answered")
        assert all(row["agent"] and row["answer_to_agent_ms"] < 1000 for row in talks)
