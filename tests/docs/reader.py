"""A reader who does what a page says, and looks whether what it shows comes true."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docs.blocks import Block, blocks
from tests.lab.process import ChildProcess

COMMAND_S = 60.0
UNTIL_S = 40.0
LOOK_EVERY_S = 0.2

MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z?"), "<time>"),
    (re.compile(r"\bdlr-\w{6}-\w+"), "<attempt>"),
    (re.compile(r"\b(installation)([ =])\w+"), r"\1\2<one>"),
    (re.compile(r"(?<![\d.])\d+(\.\d+)? ms\b"), "<ms>"),
    (re.compile(r"\bPJSIP/100[12]\b"), "<agent>"),
    (re.compile(r"login was \d+ secs"), "login was <secs>"),
    (re.compile(r"\s+"), " "),
)
"""What differs from run to run, and how many spaces there are between columns."""


class Reader:
    """Follows a page in a folder that stands for the root of the machine.

    `replaced` is text -> text, in everything that is run or written; `instead` is a line of a command -> what
    is done instead of it; `is_ready` says whether the program that stays (`sh terminal`) can be used.
    """

    def __init__(
        self,
        folder: Path,
        replaced: Mapping[str, str],
        environ: Mapping[str, str],
        instead: Mapping[str, Callable[[], None]],
        is_ready: Callable[[], bool],
    ) -> None:
        self._folder = folder
        self._replaced = replaced
        self._own_environ = environ
        self._environ = {**os.environ, **environ}
        self._instead = instead
        self._is_ready = is_ready
        self._terminal: ChildProcess | None = None
        self._last: Block | None = None
        self._said = ""
        self.checkout = folder / "checkout"
        self.checkout.mkdir(exist_ok=True)

    def follow(self, page: Path, until: str = "") -> None:
        """Do what the page says, up to the heading `until`; AssertionError names what is not true."""
        for block in blocks(page, until):
            try:
                self._take(block)
            except AssertionError as fault:
                raise AssertionError(f"{page.name}, line {block.line}:\n{fault}") from None

    def runs(self, commands: str) -> str:
        """Run commands that must succeed; return what they said."""
        done = self._shell(commands)
        assert done.returncode == 0, f"{commands}\nended with {done.returncode}:\n{self._said}"
        return self._said

    def sees(self, command: str, pattern: str) -> re.Match[str]:
        """Run a command that only looks until it says something of that pattern."""
        deadline = time.monotonic() + UNTIL_S
        while (found := re.search(pattern, self.runs(command))) is None:
            assert time.monotonic() < deadline, f"{command}\nnever said {pattern}, but\n{self._said}"
            time.sleep(LOOK_EVERY_S)
        return found

    def close(self) -> None:
        """End the program that stays, as Ctrl-C would."""
        if self._terminal is not None:
            self._terminal.stop()
            self._terminal = None

    def here(self, text: str) -> str:
        """Return the text with the paths and ports of this folder."""
        for theirs, ours in self._replaced.items():
            text = text.replace(theirs, ours)
        return text

    def _take(self, block: Block) -> None:
        if "file" in block.words or "append" in block.words:
            self._write(block)
        elif block.language == "sh" and "terminal" in block.words:
            self._stay(block)
        elif block.language == "sh":
            self._run(block)
        elif block.language == "text":
            self._hold(block)

    def _write(self, block: Block) -> None:
        path = self.checkout / self.here(block.words.get("file") or block.words["append"])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if "append" in block.words else "w", encoding="utf-8") as file:
            file.write(self.here(block.text))

    def _stay(self, block: Block) -> None:
        self.close()
        settings = [f"{name}={value}" for name, value in self._own_environ.items()]
        command = ["env", *settings, "bash", "-c", f"exec {self.here(block.text)}"]
        self._terminal = ChildProcess(command, self.checkout, "terminal.txt")
        self._terminal.await_true(self._is_ready, "being ready")
        self._last = None

    def _run(self, block: Block) -> None:
        lines = []
        for line in block.text.splitlines():
            if line in self._instead:
                self._instead[line]()
            else:
                lines.append(line)
        self._last = Block(block.language, block.words, "\n".join(lines), block.line)
        done = self._shell(self._last.text)
        wanted = int(block.words.get("exit", 0))
        assert done.returncode == wanted, f"{block.text}ended with {done.returncode}:\n{self._said}"

    def _shell(self, commands: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["bash", "-euc", self.here(commands)],
            cwd=self.checkout,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        self._said = self._there(done.stdout)
        return done

    def _there(self, text: str) -> str:
        """Return what was said here as it would be said on the reader's machine."""
        for theirs, ours in reversed(list(self._replaced.items())):
            text = text.replace(ours, theirs)
        return text

    def _hold(self, block: Block) -> None:
        if self._last is None and self._terminal is not None:
            self._terminal.await_true(lambda: self._shows(block), block.text, UNTIL_S)
            return
        deadline = time.monotonic() + (UNTIL_S if "until" in block.words else 0)
        while not shows(self._said, block.text):
            assert time.monotonic() < deadline, f"the page shows\n{block.text}\nand here it was\n{self._said}"
            assert self._last is not None
            time.sleep(LOOK_EVERY_S)
            self._shell(self._last.text)

    def _shows(self, block: Block) -> bool:
        assert self._terminal is not None
        self._said = self._there(self._terminal.output())
        return shows(self._said, block.text)


def shows(said: str, page: str) -> bool:
    """Say whether the output is what the page shows: the same lines, where `...` stands for any."""
    parts = [masked(part) for part in re.split(r"^\.\.\.$", page, flags=re.MULTILINE)]
    pattern = r"(.*\n)*".join(re.escape(part) for part in parts)
    return re.fullmatch(rf"{pattern}", masked(said)) is not None


def masked(text: str) -> str:
    """Return the text without what differs from run to run."""
    lines = []
    for line in text.strip("\n").splitlines():
        for mask, word in MASKS:
            line = mask.sub(word, line)
        lines.append(line.strip())
    return "".join(f"{line}\n" for line in lines)
