"""The command line, made from the commands' specs; a command's module is loaded only when it is wanted."""

import json
from collections.abc import Mapping
from typing import Any

import click

from dialerd.cli import exit_codes
from dialerd.cli.failure import Failure, failure_of
from dialerd.cli.values import Value, socket_path
from dialerd.control import commands, wire
from dialerd.control.client import Client, Unreachable
from dialerd.control.spec import FILE_TEXT, FLAG, Param, Spec
from dialerd.control.wire import Fault, unknown


class Words(click.Group):
    """The commands that begin with `prefix`; unknown ones are answered with what was perhaps meant."""

    def __init__(self, prefix: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self._prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the next words."""
        del ctx
        if not self._prefix:
            return sorted(commands.MODULES)
        specs = commands.load(self._prefix).values()
        return [spec.name.split(" ")[1] for spec in specs if not spec.wire_only]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command for the next word."""
        del ctx
        if not self._prefix and cmd_name in commands.GROUPS:
            return Words(cmd_name, name=cmd_name, help=commands.GROUPS[cmd_name], no_args_is_help=True)
        name = f"{self._prefix} {cmd_name}".strip()
        spec = commands.load(self._prefix or cmd_name).get(name)
        return None if spec is None or spec.wire_only else command_of(spec)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command for the next word, or say what was perhaps meant."""
        word = args[0]
        if not ctx.resilient_parsing and self.get_command(ctx, word) is None:
            ctx.fail(f"no command {word!r}; {unknown(word, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def command_of(spec: Spec) -> click.Command:
    """Return the command line of one command."""
    params: list[click.Parameter] = [_parameter(param) for param in spec.params if not param.hidden]
    example = f"\b\nExample:\n  {spec.example}"
    return click.Command(
        spec.name.split(" ")[-1],
        params=params + common_options(),
        help=f"{spec.text}\n\n{example}",
        short_help=spec.summary,
        callback=lambda **values: run(spec, values),
    )


def common_options() -> list[click.Parameter]:
    """Return the options that every command has."""
    return [
        click.Option(["--json", "as_json"], is_flag=True, help="Answer with one JSON document."),
        click.Option(
            ["--socket"], metavar="PATH", help=f"The daemon's socket [default: {wire.DEFAULT_SOCKET}]."
        ),
    ]


def run(spec: Spec, values: dict[str, Any]) -> None:
    """Carry out a command and show its answer; what goes wrong ends the program with its exit code."""
    context = click.get_current_context()
    as_json = values.pop("as_json") or context.find_root().params.get("as_json", False)
    path = values.pop("socket") or socket_path(context)
    try:
        answer, exit_code = _carry_out(spec, values, path, as_json)
    except (Fault, Unreachable) as fault:
        raise failure_of(fault, as_json) from None
    show(spec, answer, as_json)
    if exit_code:
        context.exit(exit_code)


def show(spec: Spec, answer: Mapping[str, Any], as_json: bool) -> None:
    """Write the answer to standard output."""
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    from dialerd.cli.render import text_of

    for line in text_of(spec.name, answer):
        click.echo(line)


def _carry_out(spec: Spec, values: dict[str, Any], path: str, as_json: bool) -> tuple[Mapping[str, Any], int]:
    if spec.role is None:
        from dialerd.cli import local

        return local.COMMANDS[spec.name](spec.type(**values), path, as_json)
    with Client(path) as client:
        return client.ask(spec.method, _wire_params(spec, values, as_json)), exit_codes.OK


def _wire_params(spec: Spec, values: Mapping[str, Any], as_json: bool) -> dict[str, Any]:
    """Return what was given, a file's name replaced by its text."""
    params = {p.name: values[p.name] for p in spec.params if not p.hidden and values[p.name] != p.default}
    for param in spec.params:
        if param.kind is FILE_TEXT:
            params["filename"] = params[param.name][-200:]
            params[param.name] = _text_of(params[param.name], as_json)
    return params


def _text_of(path: str, as_json: bool) -> str:
    try:
        with click.open_file(path, encoding="utf-8") as file:
            text: str = file.read()
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "not UTF-8 text"
        raise Failure(f"{path}: {why}", exit_codes.USAGE, as_json) from None
    if not FILE_TEXT.fits(text):
        raise Failure(f"{path}: must be {FILE_TEXT.words}", exit_codes.USAGE, as_json)
    return text


def _parameter(param: Param) -> click.Parameter:
    kind = param.kind
    if param.positional:
        default = {} if param.required else {"default": param.default}
        return click.Argument(
            [param.name],
            type=Value(kind),
            metavar=kind.metavar if param.required else f"[{kind.metavar}]",
            required=param.required,
            **default,
        )
    flag = f"--{param.name.replace('_', '-')}"
    if kind is FLAG:
        return click.Option([flag, param.name], is_flag=True, help=param.help)
    return click.Option(
        [flag, param.name],
        type=Value(kind),
        metavar="VALUE" if kind.choices else kind.metavar,
        default=param.default,
        multiple=param.many,
        help=f"{param.help} One of: {', '.join(kind.choices)}." if kind.choices else param.help,
    )
