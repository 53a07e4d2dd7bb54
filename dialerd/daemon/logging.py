"""The log: one line an event on standard error, as JSON or as plain text.

Our own events come through structlog, those of libraries through the standard library's logging; both end in
the same line. A line that cannot be written is lost: logging never stops or delays a call on purpose.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, BinaryIO, cast

import structlog
from structlog.typing import FilteringBoundLogger

from dialerd.daemon.redact import Redactor, as_text
from dialerd.domain.instant import SECOND_MS, Instant, iso

MOST_LINE_BYTES = 16_384
"""A longer line is replaced by a short one; journald splits lines of 48 KiB."""

_SEVERITY = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_PRIORITY = {"debug": "<7>", "info": "<6>", "warning": "<4>", "error": "<3>", "critical": "<2>"}
"""What journald reads at the beginning of a line (see sd-daemon(3))."""
_NO_PRIORITY = dict.fromkeys(_PRIORITY, "")

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def configure(
    now: Callable[[], Instant],
    *,
    level: str = "info",
    form: str = "json",
    redactor: Redactor | None = None,
    journal: bool = False,
    out: BinaryIO | None = None,
) -> FilteringBoundLogger:
    """Set up all logging of the process and return its logger; to be called once, before the first event.

    `now` gives the time of each line; `level` is debug, info, warning or error; `form` is json or plain;
    `journal` puts journald's priority before each line. Libraries are heard from warning upwards.
    """
    lines = _Lines(now, form, redactor or Redactor(), journal)
    sink = _Sink(out or sys.stderr.buffer)
    structlog.configure(
        processors=[lines.of_event],
        wrapper_class=structlog.make_filtering_bound_logger(_SEVERITY[level]),
        logger_factory=lambda *_: sink,
        cache_logger_on_first_use=True,
    )
    _take_over_libraries(lines, sink)
    return cast("FilteringBoundLogger", structlog.get_logger())


class _Sink:
    """Writes lines; a full disk or a closed pipe loses them and does no other harm."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, line: bytes) -> None:
        try:
            self._out.write(line)
            self._out.flush()
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = write


class _Lines:
    """Makes a line of an event."""

    def __init__(self, now: Callable[[], Instant], form: str, redactor: Redactor, journal: bool) -> None:
        self._now = now
        self._second = (-1, "")
        self._compose = _FORMS[form]
        self._redactor = redactor
        self._prefix = _PRIORITY if journal else _NO_PRIORITY

    def of_event(self, _logger: Any, level: str, event: MutableMapping[str, Any]) -> bytes:
        """Return the line of an event of ours."""
        return self.line(level, event.pop("event", ""), event)

    def line(self, level: str, event: Any, fields: MutableMapping[str, Any]) -> bytes:
        """Return the event as one line with its line break."""
        shown = {"time": self._time(), "level": level, "event": self._redactor.text(as_text(event))}
        if "exc_info" in fields:
            shown["exception"] = self._redactor.end_of(_traceback(fields.pop("exc_info")))
        field = self._redactor.field
        for key, value in fields.items():
            if key not in shown:
                shown[key] = field(key, value)
        text = self._compose(shown)
        if len(text) > MOST_LINE_BYTES:
            text = self._compose({**dict(list(shown.items())[:3]), "characters_cut": len(text)})
        return (self._prefix[level] + text + "\n").encode()

    def _time(self) -> str:
        """Return the time of now; what many lines have in common is made once a second.

        It is kept as one value, since other threads write lines, too.
        """
        second, millisecond = divmod(self._now(), SECOND_MS)
        known, text = self._second
        if second != known:
            text = iso(second * SECOND_MS).removesuffix("000Z")
            self._second = (second, text)
        return f"{text}{millisecond:03}Z"


class _Bridge(logging.Handler):
    """Brings the events of libraries into the same lines."""

    def __init__(self, lines: _Lines, sink: _Sink) -> None:
        super().__init__()
        self._lines = lines
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as a line."""
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info:
            fields["exc_info"] = record.exc_info
        level = record.levelname.lower()
        self._sink.write(self._lines.line(level if level in _PRIORITY else "warning", _said(record), fields))


def _take_over_libraries(lines: _Lines, sink: _Sink) -> None:
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers[:] = [_Bridge(lines, sink)]
    root.setLevel(logging.WARNING)


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:
        return as_text(record.msg)


def _traceback(exc_info: Any) -> str:
    """Return what Python would print."""
    if isinstance(exc_info, tuple):
        error = exc_info[1]
    else:
        error = exc_info if isinstance(exc_info, BaseException) else sys.exc_info()[1]
    return "".join(traceback.format_exception(error)).rstrip() if error is not None else ""


def _as_json(shown: Mapping[str, Any]) -> str:
    return _encode(shown)


def _as_plain(shown: Mapping[str, Any]) -> str:
    """Return the line for people; whatever is not a plain word is quoted, so a line stays a line."""
    head = f"{shown['time']} {shown['level']:<8} {_printable(shown['event'])}"
    rest = [f"{key}={_word(value)}" for key, value in list(shown.items())[3:]]
    return " ".join([head, *rest])


_FORMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"json": _as_json, "plain": _as_plain}


def _word(value: Any) -> str:
    if isinstance(value, str) and value and value.isprintable() and not set(value) & set(' ="'):
        return value
    return _encode(value)


def _printable(text: str) -> str:
    return text if text.isprintable() else _encode(text)
