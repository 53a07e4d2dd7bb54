"""A chunk of an import: checked again here, for its sender may be anybody who has the role."""

from collections.abc import Sequence
from typing import Any

from dialerd.control.commands.lists import MOST_ROWS, ListLoad
from dialerd.control.wire import INVALID_PARAMS, Fault
from dialerd.domain.phone import Phone
from dialerd.domain.variables import MOST_VARIABLES, first_fault, is_name
from dialerd.engine.ports import Row


def rows_of(chunk: ListLoad) -> list[Row]:
    """Return the chunk's rows; raises `Fault` if any of them is wrong."""
    names = chunk.columns
    if not all(isinstance(name, str) and is_name(name) for name in names) or len(set(names)) < len(names):
        raise Fault(INVALID_PARAMS, "columns: names of capitals, digits and underscores, each once")
    if len(names) > MOST_VARIABLES:
        raise Fault(INVALID_PARAMS, f"columns: at most {MOST_VARIABLES}")
    if not 1 <= len(chunk.rows) <= MOST_ROWS:
        raise Fault(INVALID_PARAMS, f"rows: 1 to {MOST_ROWS} at a time")
    return [_row(place, row, names) for place, row in enumerate(chunk.rows)]


def _row(place: int, row: Any, names: Sequence[str]) -> Row:
    if type(row) is not list or len(row) != len(names) + 1 or set(map(type, row)) != {str}:
        raise _wrong(place, f"a number and {len(names)} values as text are needed")
    number, *values = row
    fault = first_fault(names, values)
    if fault:
        raise _wrong(place, fault)
    try:
        phone = Phone(number)
    except ValueError:
        raise _wrong(place, "not an E.164 number") from None
    return Row(phone, dict(zip(names, values, strict=True)))


def _wrong(place: int, why: str) -> Fault:
    return Fault(INVALID_PARAMS, f"rows: row {place}: {why}; nothing of the chunk was taken")
