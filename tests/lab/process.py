"""A child process of the lab, and waiting for it."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_LOOK_EVERY_S = 0.01


class ChildProcess:
    """A program started by the lab, with its output in a file; ends with stop() or kill()."""

    def __init__(self, command: Sequence[str | Path], folder: Path, output: str) -> None:
        self._output = folder / output
        with self._output.open("ab") as sink:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def output(self) -> str:
        """All it printed, also in earlier lives in the same folder."""
        return self._output.read_text(errors="replace")

    def is_running(self) -> bool:
        """Whether it lives."""
        return self._process.poll() is None

    def await_true(self, condition: Callable[[], bool], what: str, limit_s: float = 15.0) -> None:
        """Return when `condition` holds; RuntimeError with the output if the program ends or time is over."""
        until = time.monotonic() + limit_s
        while not condition():
            if not self.is_running() or time.monotonic() > until:
                raise RuntimeError(f"{what} did not happen; output:\n{self.output()[-2000:]}")
            time.sleep(_LOOK_EVERY_S)

    def stop(self, patience_s: float = 10.0) -> None:
        """End it in order (SIGTERM), and with SIGKILL if it does not obey."""
        self._process.terminate()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()
        self._process.wait()
