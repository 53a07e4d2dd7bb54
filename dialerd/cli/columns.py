"""Which column of a list is the number, and which become variables of the person."""

from collections.abc import Sequence
from dataclasses import dataclass

from dialerd.adapters.target_files import LINE_COLUMN, REASON_COLUMN
from dialerd.control.wire import unknown
from dialerd.domain.variables import MOST_VARIABLES, as_name, is_name

NUMBER_COLUMNS = ("phone", "number", "telephone", "tel", "mobile")
"""Names by which the column with the number is known, in any case."""


class ColumnsRefused(ValueError):
    """The columns cannot be used as asked; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Places in a row: of the number, and of each variable by name."""

    number: int
    variables: tuple[tuple[str, int], ...]


def choose(
    header: Sequence[str], number: str = "", mapping: Sequence[str] = (), only: bool = False
) -> Columns:
    """Return what each column is for; raises `ColumnsRefused`.

    `mapping` holds `NAME=COLUMN`; unless `only` these are wanted, every other column is a variable too.
    """
    place = _find(header, number) if number else _number_column(header)
    variables = [_mapped(header, words) for words in mapping]
    if not only:
        used = {place, *(column for _, column in variables)}
        variables += [_named(header, other) for other in range(len(header)) if _is_left(header, other, used)]
    _check(header, variables)
    return Columns(place, tuple(variables))


def _find(header: Sequence[str], name: str) -> int:
    same = [place for place, column in enumerate(header) if column == name]
    alike = [place for place, column in enumerate(header) if column.casefold() == name.casefold()]
    if len(same or alike) == 1:
        return (same or alike)[0]
    raise ColumnsRefused(f"no column {name!r}; {unknown(name, header)}")


def _number_column(header: Sequence[str]) -> int:
    found = [place for place, column in enumerate(header) if column.casefold() in NUMBER_COLUMNS]
    if len(found) == 1:
        return found[0]
    what = "several columns could be" if found else "no column is named like"
    shown = ", ".join(repr(column) for column in header[:20])
    raise ColumnsRefused(f"{what} the number; choose one with --phone from {shown}")


def _mapped(header: Sequence[str], words: str) -> tuple[str, int]:
    name, equals, column = words.partition("=")
    if not equals or not is_name(name):
        raise ColumnsRefused(
            f"--map {words!r}: write NAME=COLUMN, the name in capitals, such as FIRST_NAME=first"
        )
    return name, _find(header, column)


def _is_left(header: Sequence[str], place: int, used: set[int]) -> bool:
    return place not in used and header[place] not in (LINE_COLUMN, REASON_COLUMN)


def _named(header: Sequence[str], place: int) -> tuple[str, int]:
    name = as_name(header[place])
    if not is_name(name):
        raise ColumnsRefused(
            f"column {header[place]!r} has no name that a variable can have; give it one with"
            f" --map NAME={header[place]}, or take only mapped columns with --only"
        )
    return name, place


def _check(header: Sequence[str], variables: Sequence[tuple[str, int]]) -> None:
    by_name: dict[str, int] = {}
    for name, place in variables:
        if name in by_name:
            both = f"{header[by_name[name]]!r} and {header[place]!r}"
            raise ColumnsRefused(f"columns {both} both become {name}; name one with --map")
        by_name[name] = place
    if len(variables) > MOST_VARIABLES:
        raise ColumnsRefused(
            f"{len(variables)} columns would become variables; at most {MOST_VARIABLES} are passed on:"
            " choose them with --map and --only"
        )
