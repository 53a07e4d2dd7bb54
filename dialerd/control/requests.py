"""Reading requests: strictly, since anybody with access to the socket may write anything."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dialerd.control.spec import Param, Spec
from dialerd.control.wire import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, Fault, Id, unknown

MOST_LEVELS = 32
"""Lists and objects in one another; more is an attack on whoever walks through them."""

MOST_ID = 100
"""Characters of a request's id."""


@dataclass(frozen=True, slots=True)
class Request:
    """A line that has the form of a request; nothing is known of its method and parameters yet."""

    id: Id
    method: str
    params: Mapping[str, Any]


def read_request(line: bytes) -> Request:
    """Return what the line asks for; raises `Fault`."""
    message = _read_object(line)
    _refuse_unknown(message, ("jsonrpc", "id", "method", "params"), INVALID_REQUEST)
    if message.get("jsonrpc") != "2.0":
        raise Fault(INVALID_REQUEST, 'not JSON-RPC 2.0: "jsonrpc":"2.0" is missing')
    request_id, method, params = message.get("id"), message.get("method"), message.get("params", {})
    if not _is_id(request_id):
        raise Fault(INVALID_REQUEST, "id: a whole number or a short text in ASCII is needed")
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
    return request_id if _is_id(request_id) else None


def _is_id(value: Any) -> bool:
    return type(value) is int or (type(value) is str and value.isascii() and len(value) <= MOST_ID)


def build(spec: Spec, params: Mapping[str, Any]) -> Any:
    """Return the command that the parameters describe; raises `Fault` with all that is wrong with them."""
    _refuse_unknown(params, [param.name for param in spec.params], INVALID_PARAMS)
    problems = [problem for param in spec.params if (problem := _problem(param, params))]
    if problems:
        text = "; ".join(f"{problem['path']}: {problem['text']}" for problem in problems)
        raise Fault(INVALID_PARAMS, text, problems)
    return spec.type(**params)


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


def _is_deeper(message: dict[str, Any], levels: int) -> bool:
    """Say whether lists and objects nest deeper than that."""
    containers: list[Any] = [message]
    for _ in range(levels):
        insides = (inner.values() if type(inner) is dict else inner for inner in containers)
        containers = [item for inside in insides for item in inside if type(item) in (list, dict)]
        if not containers:
            return False
    return True


def _shown(text: str) -> str:
    return ascii(text[:50])
