"""What one key says about another: one small function a rule, and all of them always run.

They look at the document as it was written, so they also speak where the schema has complaints, and one run
shows everything. What has the wrong form is left to the schema.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations

from dialerd.config.kinds import Wrong
from dialerd.config.kinds_of_time import clock_range
from dialerd.config.problems import Path, Problem, dotted, meant, mistyped, shown
from dialerd.config.reader import Document
from dialerd.config.schema import CampaignFile
from dialerd.config.week import DAILY, DAYS, days_of
from dialerd.domain.pacing import METHODS
from dialerd.domain.schedule import Segment

Names = Mapping[str, Iterable[str]]
"""`queue`, `trunk` and `caller_ids` -> the names that exist."""

_SECTIONS = {"queue": "queues", "trunk": "trunks", "caller_ids": "caller_ids"}
"""Key of a campaign -> section of the daemon's file that has its names."""

_SECRET_KEYS = ("secret_file", "secret_credential")


def check_daemon_file(document: Document) -> list[Problem]:
    """Return every problem between the keys of a daemon's file."""
    names = {key: document.names(section) for key, section in _SECTIONS.items()}
    return [*secret_is_named_once(document), *check_rules(document, ("defaults",), names)]


def check_campaign_file(document: Document, names: Names, defaults: Iterable[str]) -> list[Problem]:
    """Return every problem between the keys of a campaign's file, the names that exist and the defaults."""
    return [*nothing_is_left_open(document, defaults), *check_rules(document, (), names)]


def check_rules(document: Document, path: Path, names: Names) -> list[Problem]:
    """Return every problem between the rules that stand at the path."""
    hours = (*path, "hours")
    rules: tuple[Callable[[Document, Path], Iterator[Problem]], ...] = (
        hours_name_days,
        hours_do_not_overlap,
        closed_days_stay_closed,
        hours_open_at_all,
    )
    found = [problem for rule in rules for problem in rule(document, hours)]
    return [*names_exist(document, path, names), *level_goes_with_ratio(document, (*path, "pacing")), *found]


def secret_is_named_once(document: Document) -> Iterator[Problem]:
    """Yield a problem where the AMI secret is named in no way or in two."""
    if not isinstance(document.get("asterisk"), dict):
        return
    named = [key for key in _SECRET_KEYS if key in document.names("asterisk")]
    if len(named) == 2:
        text = f"stands beside `{named[0]}`"
        yield document.problem(("asterisk", named[1]), text, "keep one of the two", of_key=True)
    elif not named:
        cure = "write `secret_credential: ami-secret`, or `secret_file:` and the path of a file"
        yield document.problem(("asterisk",), "names no secret", cure, of_key=True)


def nothing_is_left_open(document: Document, defaults: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each key that neither the campaign nor the defaults have."""
    written = document.names()
    given = {*written, *defaults, *mistyped(written, CampaignFile.model_fields)}
    for key in _SECTIONS if isinstance(document.data, dict) else ():
        if key not in given:
            cure = f"write `{key}:` and a name, here or under `defaults` in the daemon's file"
            yield document.problem((key,), "is missing", cure)


def names_exist(document: Document, path: Path, names: Names) -> Iterator[Problem]:
    """Yield a problem for each queue, trunk or pool that is not in the daemon's file."""
    for key, section in _SECTIONS.items():
        name = document.get(*path, key)
        if isinstance(name, str) and name not in names[key]:
            cure = meant(name, names[key], f"add it under `{section}` in the daemon's file")
            yield document.problem((*path, key), f"{shown(name)} is not under `{section}`", cure)


def level_goes_with_ratio(document: Document, path: Path) -> Iterator[Problem]:
    """Yield a problem where `ratio` has no level, or another method has one."""
    pacing = document.get(*path)
    if not isinstance(pacing, dict) or pacing.get("method", "") not in ("", *METHODS):
        return
    is_ratio = pacing.get("method") == "ratio"
    if is_ratio and "level" not in pacing:
        yield document.problem(
            (*path, "level"), "is missing", "write the calls for each free agent, such as 1.2"
        )
    elif "level" in pacing and not is_ratio:
        cure = "write `method: ratio`, or delete the level"
        yield document.problem((*path, "level"), "goes only with `method: ratio`", cure, of_key=True)


def hours_name_days(document: Document, path: Path) -> Iterator[Problem]:
    """Yield a problem for each key of the hours that names no days."""
    for key in _day_keys(document, path):
        first, _, last = key.partition("-")
        if days_of(key):
            continue
        if first in DAYS and last in DAYS:
            cure = "a week begins on mon: write the earlier day first, and what is left as a key of its own"
        else:
            cure = meant(key, ("zone", DAILY, *DAYS, "mon-fri", "sat-sun"))
        yield document.problem((*path, key), "names no days", cure, of_key=True)


def hours_do_not_overlap(document: Document, path: Path) -> Iterator[Problem]:
    """Yield a problem for hours that are open already by others of the same day."""
    told: set[Path] = set()
    for day, of_day in _segments_by_day(document, path).items():
        for (one, earlier), (other, later) in combinations(of_day, 2):
            if earlier.start < later.end and later.start < earlier.end and other not in told:
                told.add(other)
                line, _ = document.place(one)
                text = f"on {DAYS[day]} this overlaps with {dotted(one[len(path) :])} in line {line}"
                yield document.problem(other, text, "the hours of a day add up: shorten one of the two")


def closed_days_stay_closed(document: Document, path: Path) -> Iterator[Problem]:
    """Yield a problem for a day that one key closes with [] and another opens."""
    by_day = _segments_by_day(document, path)
    for key in _day_keys(document, path):
        opened = [DAYS[day] for day in days_of(key) if by_day.get(day)]
        if document.get(*path, key) == [] and opened:
            cure = "the hours of a day add up: do not name the day elsewhere"
            yield document.problem(
                (*path, key), f"is closed here, but {opened[0]} is open by another key", cure
            )


def hours_open_at_all(document: Document, path: Path) -> Iterator[Problem]:
    """Yield a problem where no hours are given, so that nobody would ever be called."""
    hours = document.get(*path)
    if isinstance(hours, dict) and all(hours[key] == [] for key in _day_keys(document, path)):
        cure = 'write days and hours, such as `mon-fri: ["09:00-17:00"]`, or `hours: always`'
        yield document.problem(path, "never open", cure, of_key=True)


def _day_keys(document: Document, path: Path) -> tuple[str, ...]:
    return tuple(key for key in document.names(*path) if key != "zone")


def _segments_by_day(document: Document, path: Path) -> dict[int, list[tuple[Path, Segment]]]:
    """Return weekday -> its well-formed segments, each with its path."""
    by_day: dict[int, list[tuple[Path, Segment]]] = {}
    for key in _day_keys(document, path):
        written = document.get(*path, key)
        for index, text in enumerate(written if isinstance(written, list) else ()):
            segment = _segment(text)
            for day in days_of(key):
                if segment is not None:
                    by_day.setdefault(day, []).append(((*path, key, index), segment))
    return by_day


def _segment(text: object) -> Segment | None:
    try:
        read: Segment = clock_range().read(text)
    except Wrong:
        return None
    return read
