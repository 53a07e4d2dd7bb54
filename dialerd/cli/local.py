"""Commands that dialerctl carries out itself; what they need is loaded only then."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from dialerd.cli import exit_codes
from dialerd.cli.failure import Failure
from dialerd.control.commands.completion import Completion
from dialerd.control.commands.configuration import ConfigCheck
from dialerd.control.commands.lists import ListImport

if TYPE_CHECKING:
    from dialerd.config import Problem

Answered = tuple[Mapping[str, Any], int]
"""An answer and the exit code."""


def completion(command: Completion, socket: str, as_json: bool) -> Answered:
    """Return the shell's completion script."""
    del socket, as_json
    from click.shell_completion import ShellComplete, get_completion_class

    cli = click.get_current_context().find_root().command
    kind = get_completion_class(command.shell)
    assert kind is not None  # the choices are click's own
    # ShellComplete's own `source` starts no shell to find out its version.
    script = ShellComplete.source(kind(cli, {}, "dialerctl", "_DIALERCTL_COMPLETE"))
    return {"script": script}, exit_codes.OK


def config_check(command: ConfigCheck, socket: str, as_json: bool) -> Answered:
    """Check a configuration file without the daemon."""
    del socket
    problems = [_as_json(problem) for problem in _problems(command)]
    if as_json or not problems:
        answer = {"file": command.file, "ok": not problems, "problems": problems}
        return answer, exit_codes.CONFIG if problems else exit_codes.OK
    count = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
    raise Failure(f"{command.file}: {count}", exit_codes.CONFIG, problems=problems)


def _problems(command: ConfigCheck) -> "tuple[Problem, ...]":
    from dialerd.config import ConfigError, parse_daemon, read_daemon

    try:
        if command.secret:
            read_daemon(command.file)
        else:
            parse_daemon(_bytes_of(command.file), command.file)
    except ConfigError as fault:
        return fault.problems
    return ()


def _bytes_of(path: str) -> bytes:
    try:
        with click.open_file(path, "rb") as file:
            return file.read()  # type: ignore[no-any-return]
    except OSError as fault:
        raise Failure(f"{path}: {fault.strerror}", exit_codes.USAGE) from None


def _as_json(problem: "Problem") -> dict[str, Any]:
    return {key: getattr(problem, key) for key in ("file", "line", "column", "path", "text", "cure")}


def list_import(command: ListImport, socket: str, as_json: bool) -> Answered:
    """Read a list and send it to the daemon."""
    from dialerd.cli.list_import import run

    return run(command, socket, as_json)


COMMANDS: Mapping[str, Callable[[Any, str, bool], Answered]] = {
    "completion": completion,
    "config check": config_check,
    "list import": list_import,
}
