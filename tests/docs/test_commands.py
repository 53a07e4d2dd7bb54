"""Every command line and every file that the handbook names exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dialerd.cli.main import cli
from dialerd.daemon.main import main as daemon
from tests.docs.blocks import ROOT, blocks, pages

INLINE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OURS = re.compile(
    r"(?<!#include )(?<![\w/.<-])((?:asterisk|etc|systemd|docs|dialerd|tests|benchmarks)/[\w./-]*\w)"
)
MAKE = re.compile(r"(?:^|`)make (\w+)", re.MULTILINE)


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def command_lines(page: Path) -> Iterator[list[str]]:
    """Yield the words of each dialerctl or dialerd command, in shell blocks and in the text."""
    scripts = [block.text for block in blocks(page) if block.language == "sh"]
    inline = [code for code in INLINE.findall(prose(page)) if code.startswith(("dialerctl ", "dialerd "))]
    for line in "\n".join((*scripts, *inline)).splitlines():
        words = shlex.split(line, comments=True)
        starts = [0, *(place + 1 for place, word in enumerate(words) if word in ("--", "&&", ";"))]
        for start in starts:
            if words[start:] and Path(words[start]).name in ("dialerctl", "dialerd"):
                yield words[start:]


def parse(words: list[str]) -> None:
    """Hold a command line to the program's own parser, without doing anything; raises click.UsageError."""
    root: click.Command = daemon if words[0].endswith("dialerd") else cli
    try:
        context = root.make_context(words[0], words[1:])
        while isinstance(command := context.command, click.Group):
            name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            assert found is not None
            context = found.make_context(name, rest, parent=context)
    except (click.exceptions.Exit, click.MissingParameter):
        pass  # --version, and a command that is only named


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_line_is_one_that_the_program_takes(page: Path) -> None:
    for words in command_lines(page):
        parse(words)


def test_commands_are_found_and_wrong_ones_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`dialerctl campaign wy spring` and\n\n```sh\nrunuser -u x -- /opt/bin/dialerd --confg x\n```\n"
    )
    found = list(command_lines(page))
    assert found == [["/opt/bin/dialerd", "--confg", "x"], ["dialerctl", "campaign", "wy", "spring"]]
    for words in found:
        with pytest.raises(click.UsageError):
            parse(words)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_of_the_checkout_that_is_named_is_there(page: Path) -> None:
    text = re.sub(r"\]\([^)]*\)", "]", page.read_text(encoding="utf-8"))
    named = {name.rstrip(".") for name in OURS.findall(text)}
    missing = {name for name in named if not (ROOT / name).exists() and not _module(name)}
    assert missing == set()


def _module(name: str) -> bool:
    """Say whether it is a module, or something in one, named without its ending."""
    path = ROOT / name
    return any(path.with_suffix(ending).exists() for ending in (".py", ""))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_that_is_named_is_there(page: Path) -> None:
    made = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(page.read_text(encoding="utf-8"))) <= made
