"""Fixtures of the lab: a fetched Asterisk, and running ones with a carrier.

Where no Asterisk can be had the tests that need one are skipped, and say so; under CI they fail.
"""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.ami import Ami
from tests.lab.asterisk import AsteriskProcess
from tests.lab.programs import NoLabError, Programs, find_programs
from tests.lab.sipp import Carrier, Phones


@dataclass(frozen=True, slots=True)
class Lab:
    """A running Asterisk, the carrier behind its trunk and the agents' telephones."""

    asterisk: AsteriskProcess
    carrier: Carrier
    phones: Phones


def start_lab(programs: Programs, folder: Path, *, talk_s: float = 3.0) -> Lab:
    """Start all three; the caller stops them with stop_lab."""
    carrier, phones = Carrier(programs, folder / "carrier"), Phones(programs, folder / "phones")
    asterisk = AsteriskProcess(
        programs, folder / "pbx", carrier_port=carrier.port, phones_port=phones.port, talk_s=talk_s
    )
    lab = Lab(asterisk, carrier, phones)
    try:
        carrier.start()
        phones.start()
        asterisk.start()
    except BaseException:
        stop_lab(lab)
        raise
    return lab


def stop_lab(lab: Lab) -> None:
    """Stop all three, also when only some run."""
    lab.asterisk.stop()
    lab.carrier.stop()
    lab.phones.stop()


@pytest.fixture(scope="session")
def programs() -> Programs:
    """Asterisk and SIPp, fetched if need be."""
    try:
        return find_programs()
    except NoLabError as why:
        reason = f"NO ASTERISK: nothing that needs a real one is tested here ({why})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module")
def lab(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab for all tests of a module; they leave no call behind."""
    running = start_lab(programs, tmp_path_factory.mktemp("lab"))
    yield running
    stop_lab(running)


@pytest.fixture
def fresh_lab(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab for one test, which may kill and restart its parts."""
    running = start_lab(programs, tmp_path_factory.mktemp("lab"))
    yield running
    stop_lab(running)


@pytest_asyncio.fixture
async def ami(lab: Lab) -> AsyncIterator[Ami]:
    """A connection of the lab's account, which hears everything; tidies up after the test."""
    client = await Ami.connect(lab.asterisk.ami_port)
    yield client
    await client.tidy_up()
    await client.close()
