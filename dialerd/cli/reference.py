"""The reference manual of dialerctl and of the control socket, made from the commands' specs.

`python -m dialerd.cli.reference` writes it to docs/reference, or to the file that is named.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from dialerd.cli.exit_codes import MEANINGS
from dialerd.control import wire
from dialerd.control.commands import load_all
from dialerd.control.requests import MOST_LEVELS
from dialerd.control.spec import FILE_TEXT, FLAG, Param, Spec

PAGE = Path("docs/reference/commands.md")

_INTRODUCTION = f"""\
# Commands

<!-- Made by `python -m dialerd.cli.reference` from dialerd/control/commands: change the text there. -->

`dialerctl` asks the daemon through its control socket, by default `{wire.DEFAULT_SOCKET}`; another one is
named by `--socket PATH` or in the environment as `DIALERD_SOCKET`. Every command takes `--json` and then
answers with one JSON document, whose keys stand below and do not change; times are ISO 8601 in UTC, spans are
milliseconds. Without `--json` the answer is text for people: times are local, with their zone. Errors go to
standard error.

Who may do what is decided by the groups in the configuration (`control`): a viewer may look, an operator may
run campaigns and load lists, an admin may do everything. root and the daemon's own user are admins. Whoever
is in none of the groups may do nothing.

`eval "$(dialerctl completion bash)"` completes commands, options, and the names of campaigns and lists.
"""

_WIRE = f"""\
## The control socket

JSON-RPC 2.0, one object a line, in UTF-8. The method is the command's name with a dot (`campaign.start`), the
parameters are an object with the names given above (`hang_up` for `--hang-up`, `name` for a campaign's or a
list's name); a command's file is sent as `text` and `filename`. Notifications and batches are not taken. A
request's line has at most {wire.MOST_REQUEST_BYTES} bytes and {MOST_LEVELS} levels; unknown keys are
refused. Requests on one connection are answered in turn.

```
{{"jsonrpc":"2.0","id":1,"method":"campaign.why","params":{{"name":"spring"}}}}
```
"""

_CODES = {
    wire.PARSE_ERROR: "not a line of JSON that can be read",
    wire.INVALID_REQUEST: "not a request, or too long",
    wire.METHOD_NOT_FOUND: "no such command",
    wire.INVALID_PARAMS: "wrong parameters; `error.data.problems` has `path` and `text` of each",
    wire.INTERNAL_ERROR: "a defect of the daemon",
    wire.REFUSED: "refused by the rules; of a file, `error.data.problems` has all that is wrong",
    wire.NOT_PERMITTED: "the caller's role does not permit it",
    wire.BUSY: "too many connections, or the database cannot be used now: try again",
    wire.NOT_FOUND: "no such campaign, list, queue or number",
}


def page() -> str:
    """Return the whole page."""
    specs = load_all().values()
    parts = [_INTRODUCTION, _overview(specs), *map(_section, specs), _exit_codes(), _WIRE, _error_codes()]
    return "\n".join(parts)


def _overview(specs: Iterable[Spec]) -> str:
    rows = ((f"[`{spec.name}`](#{spec.name.replace(' ', '-')})", _role(spec), spec.summary) for spec in specs)
    return _table(("Command", "Role", ""), rows)


def _section(spec: Spec) -> str:
    parts = [f"## {spec.name}\n", f"{spec.text}\n"]
    if spec.wire_only:
        parts.append(f"Only on the control socket, as `{spec.method}`.\n")
    else:
        parts.append(f"```\n{spec.example}\n```\n")
    if spec.params:
        parts.append(_table(("Parameter", "", "Default"), _params(spec)))
    keys = ((f"`{key}`", words) for key, words in spec.reply.items())
    parts.append(_table(("Key of the answer", ""), keys))
    return "\n".join(parts)


def _params(spec: Spec) -> Iterator[tuple[str, str, str]]:
    for param in spec.params:
        words = (
            ""
            if param.kind in (FLAG, FILE_TEXT)
            else f" {param.kind.words[0].upper()}{param.kind.words[1:]}."
        )
        yield f"`{_written(spec, param)}`", f"{param.help}{words}", _default(param)


def _written(spec: Spec, param: Param) -> str:
    if param.hidden or spec.wire_only:
        return param.name
    if param.positional:
        return param.kind.metavar
    flag = f"--{param.name.replace('_', '-')}"
    return flag if param.kind is FLAG else f"{flag} {'WORD' if param.kind.choices else param.kind.metavar}"


def _default(param: Param) -> str:
    if param.required:
        return "needed"
    return "–" if param.default in ("", (), False) else f"`{param.default}`"


def _role(spec: Spec) -> str:
    return spec.role.name.lower() if spec.role else "–"


def _exit_codes() -> str:
    rows = ((str(code), words) for code, words in MEANINGS.items())
    return f"## Exit codes\n\n{_table(('Code', ''), rows)}"


def _error_codes() -> str:
    return _table(("Error code", ""), ((str(code), words) for code, words in _CODES.items()))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PAGE).write_text(page(), encoding="utf-8")
