"""What goes over the control socket: JSON-RPC 2.0, one object a line, in UTF-8.

Read by dialerctl at every start as well, so only quick parts of the standard library are imported here.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dialerd.control.spec import Param, Spec

MOST_REQUEST_BYTES = 64 * 1024
"""A request's line, its end included."""

MOST_REPLY_BYTES = 16 * 1024 * 1024
"""A reply's line; only pages are sent, so it never comes near."""

MOST_LEVELS = 32

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


@dataclass(frozen=True, slots=True)
class Request:
    """A line that has the form of a request; nothing is known of its method and parameters yet."""

    id: Id
    method: str
    params: Mapping[str, Any]


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


def read_request(line: bytes) -> Request:
    """Return what the line asks for; raises `Fault`."""
    message = _read_object(line)
    _refuse_unknown(message, ("jsonrpc", "id", "method", "params"), INVALID_REQUEST)
    if message.get("jsonrpc") != "2.0":
        raise Fault(INVALID_REQUEST, 'not JSON-RPC 2.0: "jsonrpc":"2.0" is missing')
    request_id, method, params = message.get("id"), message.get("method"), message.get("params", {})
    if type(request_id) not in (int, str) or (type(request_id) is str and len(request_id) > 100):
        raise Fault(INVALID_REQUEST, "id: a whole number or a short text is needed")
    if not isinstance(method, str):
        raise Fault(INVALID_REQUEST, "method: text is needed")
    if not isinstance(params, dict):
        raise Fault(INVALID_REQUEST, "params: an object of named parameters is needed")
    return Request(request_id, method, params)


def id_of(line: bytes) -> Id:
    """Return the id under which a line's refusal is to be sent, None where it has none."""
    try:
        request_id = _read_object(line).get("id")
    except Fault:
        return None
    return request_id if type(request_id) in (int, str) else None


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


def build(spec: Spec, params: Mapping[str, Any]) -> Any:
    """Return the command that the parameters describe; raises `Fault` with all that is wrong with them."""
    _refuse_unknown(params, [param.name for param in spec.params], INVALID_PARAMS)
    problems = [problem for param in spec.params if (problem := _problem(param, params))]
    if problems:
        text = "; ".join(f"{problem['path']}: {problem['text']}" for problem in problems)
        raise Fault(INVALID_PARAMS, text, problems)
    return spec.type(**params)


def unknown(word: str, known: Iterable[str]) -> str:
    """Return a few words that help with an unknown word: what was perhaps meant, or all there is."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(word, names, 1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(names[:20])}" if names else "there are none"


def _problem(param: Param, params: Mapping[str, Any]) -> dict[str, str] | None:
    if param.name not in params:
        return {"path": param.name, "text": f"needed: {param.kind.words}"} if param.required else None
    value = params[param.name]
    if param.kind.fits(value) or (value == param.default and type(value) is type(param.default)):
        return None
    return {"path": param.name, "text": f"must be {param.kind.words}"}


def _refuse_unknown(given: Mapping[str, Any], known: Iterable[str], code: int) -> None:
    known = list(known)
    for key in given:
        if key not in known:
            raise Fault(code, f"unknown key {_shown(key)}; {unknown(key[:50], known)}")


def _line(message: Mapping[str, Any]) -> bytes:
    return _encode(message).encode() + b"\n"


def _read_object(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Fault(PARSE_ERROR, "not UTF-8") from None
    except RecursionError:
        raise Fault(PARSE_ERROR, f"more than {MOST_LEVELS} levels") from None
    except ValueError as fault:
        raise Fault(PARSE_ERROR, f"not one JSON object a line: {str(fault)[:100]}") from None
    if not isinstance(message, dict):
        raise Fault(INVALID_REQUEST, "one object a line is needed; batches are not taken")
    if _is_deeper(message, MOST_LEVELS):
        raise Fault(PARSE_ERROR, f"more than {MOST_LEVELS} levels")
    return message


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    message = dict(pairs)
    if len(message) != len(pairs):
        raise ValueError("a key stands twice")
    return message


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _is_deeper(value: Any, levels: int) -> bool:
    """Say whether lists and objects nest deeper than that."""
    if not isinstance(value, (list, dict)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(
        _is_deeper(item, levels - 1) for item in inner if isinstance(item, (list, dict))
    )


def _shown(text: str) -> str:
    return ascii(text[:50])
