"""dialerctl against a server in a thread of its own, as against a daemon."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dialerd.cli.main import cli
from tests.control.conftest import USUAL, House, folder
from tests.control.plant import SPRING, Plant

__all__ = ["folder"]


class Daemon:
    """A running server; `do` lets something happen inside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.house: House
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.do(self._start())

    @property
    def plant(self) -> Plant:
        return self.house.plant

    def do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def stop(self) -> None:
        self.do(self.house.server.close())

    def end(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        assert not self.house.defects

    async def _start(self) -> None:
        self.house = House(self.path, USUAL)
        await self.house.server.start()


class Ctl:
    """dialerctl with its socket set."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, *words: str | Path, code: int = 0) -> Result:
        env = {"DIALERD_SOCKET": str(self.path)}
        result = CliRunner().invoke(cli, [str(word) for word in words], env=env, prog_name="dialerctl")
        assert result.exit_code == code, (result.exit_code, result.stdout, result.stderr, result.exception)
        return result


@pytest.fixture
def daemon(folder: Path) -> Iterator[Daemon]:
    daemon = Daemon(folder / "control.sock")
    yield daemon
    daemon.end()


@pytest.fixture
def ctl(daemon: Daemon) -> Ctl:
    return Ctl(daemon.path)


@pytest.fixture
def lonely(folder: Path) -> Ctl:
    """dialerctl without a daemon."""
    return Ctl(folder / "control.sock")


@pytest.fixture
def spring(tmp_path: Path) -> Path:
    path = tmp_path / "spring.yaml"
    path.write_text(SPRING)
    return path
