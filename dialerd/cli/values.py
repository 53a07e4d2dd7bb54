"""Values of the command line: held to their kind, and completed in the shell."""

import os
from typing import TYPE_CHECKING, Any

import click

from dialerd.control.client import Client, Unreachable
from dialerd.control.spec import CAMPAIGN, FILE_TEXT, LIST, PATH, Kind
from dialerd.control.wire import DEFAULT_SOCKET, Fault

SOCKET_VARIABLE = "DIALERD_SOCKET"

COMPLETION_S = 1.0
"""Completing a name must not keep anybody waiting."""

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    _Type = click.ParamType[Any]
else:
    _Type = click.ParamType  # not generic in every version


def socket_path(context: click.Context) -> str:
    """Return where the daemon listens: as given before the command, in the environment, or by default."""
    return context.find_root().params.get("socket") or os.environ.get(SOCKET_VARIABLE) or DEFAULT_SOCKET


class Value(_Type):
    """A value of one kind, as the wire carries it."""

    name = "value"

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value, or end with what it must be."""
        is_default = param is not None and value == param.default
        if is_default or self._kind is FILE_TEXT or self._kind.fits(value):
            return value
        number = _number(value)
        if number is None or not self._kind.fits(number):
            self.fail(f"{value!r} is not {self._kind.words}", param, ctx)
        return number

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Return what the value may go on to be: words, names that the daemon knows, or files."""
        from click.shell_completion import CompletionItem

        del param
        if self._kind in (FILE_TEXT, PATH):
            return [CompletionItem(incomplete, type="file")]
        words = self._kind.choices or _known(self._kind, socket_path(ctx))
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _known(kind: Kind, socket: str) -> list[str]:
    """Return the daemon's campaigns or lists; none when it cannot be asked."""
    if kind is CAMPAIGN:
        method, key, name = "campaign.list", "campaigns", "campaign"
    elif kind is LIST:
        method, key, name = "list.list", "lists", "name"
    else:
        return []
    try:
        with Client(socket, COMPLETION_S) as client:
            return [row[name] for row in client.ask(method, {})[key]]
    except (Fault, Unreachable):
        return []
