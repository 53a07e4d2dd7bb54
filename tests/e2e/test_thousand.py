"""A thousand numbers on a real Asterisk: every outcome, cause and retry, and the carrier's own count."""

from pathlib import Path

import pytest

from tests.e2e.backends import daemon_beside, real
from tests.e2e.expectations import RETRY, check_attempts, numbers
from tests.lab.programs import Programs


@pytest.mark.asterisk
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_thousand_numbers_end_as_the_carrier_treats_them_and_as_often_as_it_counts(
    programs: Programs, tmp_path: Path
) -> None:
    with (
        real(programs, tmp_path / "lab", talk_s=0.5) as backend,
        daemon_beside(backend, tmp_path / "daemon") as daemon,
    ):
        assert daemon.import_numbers("people", numbers(1000))["new"] == 1000
        daemon.apply(retry=RETRY, pacing={"method": "ratio", "level": 1})
        daemon.finish(limit_s=300)
        check_attempts(daemon.attempts(campaign="spring"), backend.dialled())
        assert daemon.ctl("report", "spring")["targets"]["done"] == 1000
