"""What may be said to Asterisk: the only place where outgoing values are checked.

Nothing is escaped. Every value has a kind with a pattern that holds no character which could end a line,
start another header, set a second variable or change a dial string; what does not match is not sent.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import quote

MOST_LINE_BYTES = 1000
"""Asterisk refuses a message with a line above 1,024 bytes, its end included, without naming the action."""

MOST_LINES = 120
"""Asterisk refuses a message of more than 128 headers, without naming the action."""

Pairs = tuple[tuple[str, str], ...]


class Unsendable(ValueError):
    """A value that does not have its kind's form; the text names the header and never holds the value."""


@dataclass(frozen=True, slots=True)
class Action:
    """A request to Asterisk; `action_id` is chosen by the link where it is ''."""

    name: str
    headers: Pairs = field(default=(), repr=False)
    variables: Pairs = field(default=(), repr=False)
    action_id: str = ""


class _Kind:
    """A kind of value: its pattern, and the words for it in a refusal."""

    __slots__ = ("_pattern", "words")

    def __init__(self, words: str, pattern: str) -> None:
        self.words = words
        self._pattern = re.compile(pattern, re.ASCII)

    def holds(self, value: str) -> bool:
        return self._pattern.fullmatch(value) is not None


_WORD = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}"
_NUMBER = r"\+?[0-9]{2,15}"
_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_DEVICE = r"(?!.{201})[A-Za-z0-9]{2,16}(/[A-Za-z0-9+_.:@-]{1,100}){1,3}"
_NAME_CHARACTER = "A-Za-z0-9À-ÖØ-öø-ž.&'"

ACTION_ID = _Kind("an action id", r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
CAUSE = _Kind("a hangup cause from 0 to 127", r"[0-9]|[1-9][0-9]|1[01][0-9]|12[0-7]")
CALLER_ID = _Kind(
    "a number in angle brackets, before it perhaps a short name in double quotes",
    rf'("[{_NAME_CHARACTER}]([{_NAME_CHARACTER} _-]{{0,38}}[{_NAME_CHARACTER}])?" )?<{_NUMBER}>',
)
CHANNEL = _Kind("a channel's name or id", rf"{_ID}|{_DEVICE}(;[12])?")
CHANNEL_ID = _Kind("a channel id in lower case", r"[a-z0-9][a-z0-9-]{0,99}")
CLASSES = _Kind("event classes", r"[a-z]{1,20}(,[a-z]{1,20}){0,20}")
DEVICE = _Kind("a dial string such as PJSIP/15550100@trunk", _DEVICE)
MILLISECONDS = _Kind("milliseconds from 1 to 999999", r"[1-9][0-9]{0,5}")
PRIORITY = _Kind("a priority or its label", r"[1-9][0-9]{0,3}|[A-Za-z][A-Za-z0-9_-]{0,31}")
SECRET = _Kind("printable ASCII without a space at its ends", r"[!-~]([ -~]{0,126}[!-~])?")
TRUE = _Kind("true", r"true")
WORD = _Kind("letters, digits, dot, dash, underscore", _WORD)

_VARIABLE_NAME = _Kind("a variable's name in capitals", r"(__)?[A-Z][A-Z0-9_]{0,63}")
_VARIABLE_VALUE = _Kind("a percent-encoded value", r"[A-Za-z0-9_.~%+/-]*")


@dataclass(frozen=True, slots=True)
class _Form:
    """The headers of one action; those in `needed` must be there."""

    headers: Mapping[str, _Kind]
    needed: frozenset[str]
    variables: bool = False


def _form(
    needed: Mapping[str, _Kind], optional: Mapping[str, _Kind] = MappingProxyType({}), variables: bool = False
) -> _Form:
    return _Form({**needed, **optional}, frozenset(needed), variables)


_FORMS: Mapping[str, _Form] = {
    "Login": _form({"Username": WORD, "Secret": SECRET, "Events": CLASSES}),
    "Ping": _form({}),
    "CoreShowChannels": _form({}),
    "Originate": _form(
        {
            "Channel": DEVICE,
            "ChannelId": CHANNEL_ID,
            "Context": WORD,
            "Exten": WORD,
            "Priority": PRIORITY,
            "Timeout": MILLISECONDS,
            "Async": TRUE,
        },
        {"CallerID": CALLER_ID},
        variables=True,
    ),
    "Hangup": _form({"Channel": CHANNEL}, {"Cause": CAUSE}),
    "Redirect": _form({"Channel": CHANNEL, "Context": WORD, "Exten": WORD, "Priority": PRIORITY}),
    "QueueStatus": _form({}, {"Queue": WORD, "Member": DEVICE}),
}
"""Every action that can be sent. There is none that runs commands, applications or shells."""


def encode(action: Action, action_id: str) -> bytes:
    """Return the message as bytes, `Action` first and then in the given order; raises Unsendable."""
    form = _FORMS.get(action.name)
    if form is None:
        raise Unsendable("Action: not one that is ever sent")
    _require(ACTION_ID, "ActionID", action_id)
    _check_headers(action, form)
    _check_variables(action, form)
    lines = [f"Action: {action.name}", f"ActionID: {action_id}"]
    lines += [f"{name}: {value}" for name, value in action.headers]
    lines += [f"Variable: {name}={value}" for name, value in action.variables]
    if len(lines) > MOST_LINES:
        raise Unsendable(f"Variable: more than {MOST_LINES} lines in one message")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _require(kind: _Kind, header: str, value: str) -> None:
    if not isinstance(value, str) or not kind.holds(value):
        raise Unsendable(f"{header}: not {kind.words}")


def _check_headers(action: Action, form: _Form) -> None:
    seen: set[str] = set()
    for name, value in action.headers:
        kind = form.headers.get(name)
        if kind is None or name in seen:
            raise Unsendable(f"{action.name}: a header that it does not take, or twice")
        seen.add(name)
        _require(kind, name, value)
    missing = form.needed - seen
    if missing:
        raise Unsendable(f"{min(missing)}: missing in {action.name}")


def _check_variables(action: Action, form: _Form) -> None:
    if action.variables and not form.variables:
        raise Unsendable(f"Variable: not taken by {action.name}")
    seen: set[str] = set()
    for name, value in action.variables:
        _require(_VARIABLE_NAME, "Variable", name)
        _require(_VARIABLE_VALUE, f"Variable {name}", value)
        if name in seen:
            raise Unsendable(f"Variable {name}: twice")
        if len(f"Variable: {name}={value}") > MOST_LINE_BYTES:
            raise Unsendable(f"Variable {name}: its line is longer than {MOST_LINE_BYTES} bytes")
        seen.add(name)


def percent_encode(text: str) -> str:
    """Return the text as a variable's value can hold it; the dialplan reads it back with URIDECODE()."""
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise Unsendable("text: not valid Unicode") from None


def caller_id(number: str, name: str = "") -> str:
    """Return what the CallerID header holds: `"Name" <number>`."""
    return f'"{name}" <{number}>' if name else f"<{number}>"


def login(username: str, secret: str, events: str) -> Action:
    """Log in and receive the events of these classes, such as `system,call,agent,user`."""
    return Action("Login", (("Username", username), ("Secret", secret), ("Events", events)))


def ping() -> Action:
    """Ask whether Asterisk is there."""
    return Action("Ping")


def originate(
    attempt_id: str,
    dial_string: str,
    context: str,
    exten: str,
    timeout_ms: int,
    *,
    caller_id_number: str = "",
    caller_id_name: str = "",
    variables: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    action_id: str = "",
) -> Action:
    """Place one call whose channel has the attempt's id, and send the person to the exten when they answer.

    The variables' values must be percent-encoded already. The attempt's id is also the action's id, unless
    another is given, so that OriginateResponse names the attempt even where no channel was made.
    """
    headers = [
        ("Channel", dial_string),
        ("ChannelId", attempt_id),
        ("Context", context),
        ("Exten", exten),
        ("Priority", "1"),
        ("Timeout", str(timeout_ms)),
        ("Async", "true"),
    ]
    if caller_id_number or caller_id_name:
        headers.append(("CallerID", caller_id(caller_id_number, caller_id_name)))
    pairs = variables.items() if isinstance(variables, Mapping) else variables
    return Action("Originate", tuple(headers), tuple(pairs), action_id or attempt_id)


def hangup(channel_or_id: str, cause: int = 16) -> Action:
    """End the channel with this name or Uniqueid; the cause (Q.850) comes back in its Hangup event."""
    return Action("Hangup", (("Channel", channel_or_id), ("Cause", str(cause))))


def redirect(channel_or_id: str, context: str, exten: str, priority: str = "1") -> Action:
    """Send the channel with this name or Uniqueid on in the dialplan, at a priority or its label."""
    target = (("Context", context), ("Exten", exten), ("Priority", priority))
    return Action("Redirect", (("Channel", channel_or_id), *target))


def queue_status(queue: str = "") -> Action:
    """List queues, their members and waiting calls; of all queues when none is named."""
    return Action("QueueStatus", (("Queue", queue),) if queue else ())


def core_show_channels() -> Action:
    """List every channel that is alive."""
    return Action("CoreShowChannels")
