"""Values as plain text: times, spans, tables. Nothing that a terminal would obey gets through."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

GAP = "  "

_SPANS = ((3_600_000, "h"), (60_000, "min"), (1_000, "s"))


def one_line(value: Any) -> str:
    """Return the value as one printable line."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def local_time(iso: str) -> str:
    """Return a time of the wire on this machine's clocks, with the zone."""
    return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def span(ms: float) -> str:
    """Return milliseconds in the largest unit that fits."""
    for unit_ms, unit in _SPANS:
        if abs(ms) >= unit_ms:
            return f"{ms / unit_ms:.4g} {unit}"
    return f"{ms:.4g} ms"


def shown(name: str, value: Any) -> str:
    """Return a value as its key's name asks for it: `_ms` are spans, `_at` and `until` are times."""
    if value is None or value == "" or value == {} or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        parts = (f"{one_line(key)} {shown(f'{key}{_unit(name)}', inner)}" for key, inner in value.items())
        return ", ".join(parts)
    if isinstance(value, list):
        return ", ".join(shown(name, item) for item in value)
    if name.endswith("_ms") and isinstance(value, (int, float)):
        return span(value)
    if isinstance(value, str) and (name.endswith("_at") or name in ("until", "now", "at", "not_before")):
        return local_time(value)
    return one_line(value)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], empty: str = "none") -> Iterator[str]:
    """Yield aligned lines, the header first; numbers stand to the right."""
    lines = [[shown(column, row.get(column)) for column in columns] for row in rows]
    if not lines:
        yield empty
        return
    titles = [title(column).upper() for column in columns]
    widths = [max(map(len, column)) for column in zip(titles, *lines, strict=True)]
    right = [_are_numbers([line[place] for line in lines]) for place in range(len(columns))]
    for line in (titles, *lines):
        cells = zip(line, widths, right, strict=True)
        yield GAP.join(
            c.rjust(width) if to_right else c.ljust(width) for c, width, to_right in cells
        ).rstrip()


def fields(result: Mapping[str, Any], skip: Iterable[str] = ()) -> Iterator[str]:
    """Yield a line for each key that has a value."""
    given = {key: value for key, value in result.items() if key not in skip and value is not None}
    width = max(map(len, given), default=0)
    for key, value in given.items():
        yield f"{title(key).ljust(width)}{GAP}{shown(key, value)}"


def title(key: str) -> str:
    """Return a key as words."""
    return one_line(key).removesuffix("_ms").removesuffix("_at").replace("_", " ")


def _unit(name: str) -> str:
    return "_ms" if name.endswith("_ms") else ""


def _are_numbers(cells: Sequence[str]) -> bool:
    given = [cell for cell in cells if cell != "-"]
    return bool(given) and all(cell.replace(".", "", 1).isdigit() for cell in given)
