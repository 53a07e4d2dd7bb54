"""The schema's complaints about a document, each as a problem with its place and a cure."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from dialerd.config.kinds import Kind, what_is
from dialerd.config.problems import Path, Problem, meant, mistyped
from dialerd.config.reader import Document
from dialerd.config.schema import Section

_S = TypeVar("_S", bound=Section)

_KEY_MARK = "[key]"
"""Ends the place of a complaint about a key itself."""

_FORBIDDEN_KEYS = ("secret", "password", "pass")
_CURE_OF_FORBIDDEN = (
    "a secret never stands here: put it in a file of its own and write `secret_file: /path/of/it`"
)


def validated(document: Document, schema: type[_S]) -> tuple[_S | None, list[Problem]]:
    """Return the document as the schema's section, or None and every complaint."""
    if not isinstance(document.data, dict):
        text = "the file is empty" if document.data is None else f"the file is {what_is(document.data)}"
        return None, [document.problem((), text, f"write {_keys(schema)}, each with a colon and its value")]
    empties = list(_empties(document.data, ()))
    problems = [document.problem(path, "is empty", _cure_of_empty(schema, path), True) for path in empties]
    try:
        section = schema.model_validate(document.data)
    except ValidationError as error:
        complaints = [
            _problem(document, schema, complaint)
            for complaint in error.errors(include_url=False)
            if complaint["type"] != "missing" or not _is_mistyped(document, schema, complaint["loc"])
        ]
        known = {problem.path for problem in problems}
        return None, problems + [problem for problem in complaints if problem.path not in known]
    return (None if problems else section), problems


def section_of(annotation: object) -> type[Section] | None:
    """Return the section that stands in an annotation such as `dict[Name, TrunkSection]`, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    found = (section_of(part) for part in get_args(annotation))
    return next((section for section in found if section), None)


def kind_of(field: FieldInfo) -> Kind | None:
    """Return the kind of a field's value, or of the parts of its list."""
    kinds = [part for part in field.metadata if isinstance(part, Kind)]
    return kinds[0] if kinds else _kind_in(field.annotation)


def _kind_in(annotation: object) -> Kind | None:
    if isinstance(annotation, Kind):
        return annotation
    found = (_kind_in(part) for part in get_args(annotation))
    return next((kind for kind in found if kind), None)


def _empties(value: object, path: Path) -> Iterator[Path]:
    """Yield the path of each value that is empty."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _empties(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _empties(inner, (*path, index))


def _problem(document: Document, schema: type[Section], complaint: Mapping[str, Any]) -> Problem:
    path: Path = complaint["loc"]
    details: Mapping[str, str] = complaint.get("ctx", {})
    match complaint["type"]:
        case "wrong":
            of_key = path[-1] == _KEY_MARK
            path = path[:-1] if of_key else path
            return document.problem(path, details["text"], details["cure"], of_key)
        case "missing":
            return document.problem(path, "is missing", _cure_of_missing(schema, path))
        case "extra_forbidden":
            return document.problem(path, "unknown key", _cure_of_unknown(schema, path), of_key=True)
        case "model_type" | "model_attributes_type" | "dict_type":
            cure = f"write {_keys(_section_at(schema, path))} below it, indented"
            return document.problem(path, f"{_is(complaint)}, must be a section", cure)
        case "tuple_type" | "list_type":
            return document.problem(path, f"{_is(complaint)}, must be a list", "write [one, another]")
        case "too_short":
            return document.problem(path, "is an empty list", "write at least one value")
    return document.problem(path, str(complaint["msg"]))


def _is_mistyped(document: Document, schema: type[Section], path: Path) -> bool:
    """Say whether a missing key stands there with a slip of the pen, of which is told anyway."""
    written = document.names(*path[:-1])
    return path[-1] in mistyped(written, _section_at(schema, path[:-1]).model_fields)


def _is(complaint: Mapping[str, Any]) -> str:
    return f"is {what_is(complaint['input'])}"


def _section_at(schema: type[Section], path: Path) -> type[Section]:
    """Return the section to which the path leads; names and indices on the way are passed over."""
    for part in path:
        field = schema.model_fields.get(part) if isinstance(part, str) else None
        schema = (section_of(field.annotation) if field else None) or schema
    return schema


def _keys(schema: type[Section]) -> str:
    return ", ".join(f"`{key}`" for key in schema.model_fields)


def _cure_of_missing(schema: type[Section], path: Path) -> str:
    key = str(path[-1])
    kind = kind_of(_section_at(schema, path[:-1]).model_fields[key])
    return f"write `{key}:` and {kind.words}" if kind else f"write `{key}:` and below it its keys"


def _cure_of_empty(schema: type[Section], path: Path) -> str:
    section = _section_at(schema, path)
    is_value = path[-1] in section.model_fields or section.model_config.get("extra") == "allow"
    return f"write a value{'' if is_value else ', or `{}` for the defaults'}, or delete the key"


def _cure_of_unknown(schema: type[Section], path: Path) -> str:
    if path[0] == "asterisk" and path[-1] in _FORBIDDEN_KEYS:
        return _CURE_OF_FORBIDDEN
    return meant(str(path[-1]), _section_at(schema, path[:-1]).model_fields)
