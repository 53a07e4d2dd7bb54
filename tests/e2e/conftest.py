"""The two back ends: every test that takes `backend` runs on the simulated PBX and on a real Asterisk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.backends import Backend, daemon_beside, real, simulated
from tests.e2e.daemon import Daemon


@pytest.fixture(scope="module", params=["simulated", pytest.param("asterisk", marks=pytest.mark.asterisk)])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "simulated":
        with simulated(folder) as made:
            yield made
    else:
        with real(request.getfixturevalue("programs"), folder) as made:
            yield made


@pytest.fixture
def daemon(backend: Backend, tmp_path: Path) -> Iterator[Daemon]:
    with daemon_beside(backend, tmp_path) as started:
        yield started
