"""What goes over the control socket: JSON-RPC 2.0, one object a line, in UTF-8.

Read at every start of dialerctl: only quick parts of the standard library are imported.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

MOST_REQUEST_BYTES = 64 * 1024
"""A request's line, its end included."""

MOST_REPLY_BYTES = 16 * 1024 * 1024
"""A reply's line; only pages are sent, so it never comes near."""

DEFAULT_SOCKET = "/run/dialerd/control.sock"

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
NOT_PERMITTED = -32001
BUSY = -32002
NOT_FOUND = -32003

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

Id = int | str | None


class Fault(Exception):
    """A request that is not carried out: its code, what is wrong with the cure, perhaps single problems."""

    def __init__(self, code: int, text: str, problems: Iterable[Mapping[str, Any]] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.problems = [dict(problem) for problem in problems]


def request_line(request_id: int, method: str, params: Mapping[str, Any]) -> bytes:
    """Return a request as a line; it may be longer than is accepted."""
    return _line({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})


def result_line(request_id: Id, result: Any) -> bytes:
    """Return the answer to a request as a line."""
    return _line({"jsonrpc": "2.0", "id": request_id, "result": result})


def fault_line(request_id: Id, fault: Fault) -> bytes:
    """Return the refusal of a request as a line."""
    error: dict[str, Any] = {"code": fault.code, "message": fault.text}
    if fault.problems:
        error["data"] = {"problems": fault.problems}
    return _line({"jsonrpc": "2.0", "id": request_id, "error": error})


def read_reply(line: bytes) -> Any:
    """Return the result that the line holds; raises the `Fault` that it holds instead."""
    try:
        message = json.loads(line)
        if "error" in message:
            error = message["error"]
            raise Fault(error["code"], error["message"], (error.get("data") or {}).get("problems", ()))
        return message["result"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Fault(INTERNAL_ERROR, "the daemon's answer is not understood; do the versions fit?") from None


def unknown(word: str, known: Iterable[str]) -> str:
    """Return a few words that help with an unknown word: what was perhaps meant, or all there is."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(word, names, 1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(names[:20])}" if names else "there are none"


def _line(message: Mapping[str, Any]) -> bytes:
    return _encode(message).encode(errors="backslashreplace") + b"\n"
