"""How dialerctl fails: one line that says what is wrong and what to do, and an exit code."""

import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

import click

from dialerd.cli import exit_codes
from dialerd.cli.plain import one_line
from dialerd.control.client import Unreachable
from dialerd.control.wire import INVALID_PARAMS, Fault


class Failure(click.ClickException):
    """Ends the program; click shows it and exits with its code."""

    def __init__(
        self, text: str, exit_code: int, as_json: bool = False, problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(text)
        self.exit_code = exit_code  # type: ignore[misc]
        self._as_json = as_json
        self._problems = problems

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the failure to standard error, as one JSON document if JSON was asked for."""
        if self._as_json:
            error = {"error": {"message": self.message, "exit_code": self.exit_code}}
            if self._problems:
                error["error"]["problems"] = list(self._problems)
            click.echo(json.dumps(error), file=file, err=True)
            return
        click.echo(f"dialerctl: {one_line(self.message)}", file=file, err=True)
        for problem in self._problems:
            click.echo(f"  {problem_line(problem)}", file=file, err=True)


def failure_of(fault: Fault | Unreachable, as_json: bool) -> Failure:
    """Return how the program ends after the fault."""
    if isinstance(fault, Unreachable):
        return Failure(str(fault), exit_codes.UNREACHABLE, as_json)
    if fault.code == INVALID_PARAMS:
        return Failure(fault.text, exit_codes.USAGE, as_json)
    code = exit_codes.CONFIG if fault.problems else exit_codes.BY_FAULT.get(fault.code, exit_codes.DEFECT)
    return Failure(fault.text, code, as_json, fault.problems)


def problem_line(problem: Mapping[str, Any]) -> str:
    """Return a problem of a file as a line: where, what, and the cure."""
    place = ":".join(str(problem[key]) for key in ("file", "line", "column") if problem.get(key))
    words = [place, problem.get("path"), problem.get("text")]
    line = ": ".join(str(word) for word in words if word)
    return one_line(f"{line}; {problem['cure']}" if problem.get("cure") else line)
