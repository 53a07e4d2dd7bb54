"""The reference manual of the configuration, made from the schema.

`python -m dialerd.config.reference` writes it to docs/reference, or to the file that is named.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from dialerd.config.complaints import kind_of, section_of
from dialerd.config.kinds_of_time import clock_range, duration_text
from dialerd.config.reader import MOST_LEVELS
from dialerd.config.schema import ALWAYS, NEVER, CampaignFile, DaemonFile, HoursSection, RulesSection, Section
from dialerd.config.source import MOST_BYTES
from dialerd.domain.outcome import Outcome
from dialerd.domain.retry import DEFAULT_RETRY, RETRYABLE

PAGE = Path("docs/reference/configuration.md")

_INTRODUCTION = f"""\
# Configuration

<!-- Made by `python -m dialerd.config.reference` from dialerd/config/schema.py: change the text there. -->

dialerd reads two kinds of file: one for the daemon, as a rule `/etc/dialerd/dialerd.yaml`, and one for each
campaign. `etc/dialerd.yaml` and `etc/campaigns/example.yaml` are commented examples of both. A file is used
only if nothing at all is wrong with it. Otherwise everything that is wrong is listed, each with file, line
and column, and what to write instead:

```
dialerd.yaml:4:3: asterisk.usrname: unknown key; did you mean `username`?
```

## How values are written

The files are YAML, read strictly:

- A **number** is digits, perhaps with a minus and a point. `+15550100`, `0044`, `09:00` and `1e3` are text.
- A **telephone number** is text. Write it in quotes.
- A **duration** is text with a unit: `500ms`, `25s`, `15m`, `2h`, `30d`. A number without a unit is refused.
- Only `true` and `false` mean yes and no; `no`, `NO`, `off` are text.
- A key without a value is refused, and so is a key that stands twice or is not known.
- Tabs, anchors (`&`), aliases (`*`), tags (`!`), merge keys (`<<`) and a second document are refused.
- A file is UTF-8, at most {MOST_BYTES // 1024} KiB long and at most {MOST_LEVELS} levels deep.
"""

_HOURS = f"""\
### Hours

{{doc}}

```yaml
hours:
  zone: Europe/Berlin
  mon-fri: ["09:00-12:00", "13:00-17:30"]
  sat: ["10:00-14:00"]
```

An end may be `24:00`. Hours over midnight are written as two, one on each day. Hours of one day that overlap
are refused. Without `hours`, and with `hours: {ALWAYS}`, calls may be placed at any time.
"""

_RETRY = f"""\
### Retry

For each outcome how often and how long after the end of the call a person is called again. An outcome that is
named replaces the rule of that outcome alone: first the built-in rules count, then those under `defaults`,
then those of the campaign. `{NEVER}` drops a rule; without a rule the outcome ends the work on the target.

```yaml
retry:
  busy: {{count: 3, every: 10m}}
  congestion: {NEVER}
```
"""


def page() -> str:
    """Return the whole manual as Markdown."""
    parts = [
        _INTRODUCTION,
        _document("The daemon's file", DaemonFile),
        _document("A campaign's file", CampaignFile),
        _HOURS.format(doc="\n\n".join(_paragraphs(HoursSection)[1:])),
        _RETRY,
        _table(("Outcome", "Built-in rule"), _retry_rows()),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _document(title: str, schema: type[Section]) -> str:
    parts = [f"## {title}\n", f"{_paragraphs(schema)[0]}\n"]
    own = {name: field for name, field in schema.model_fields.items() if _is_flat(field)}
    if own:
        parts.append(
            _keys("", dict(sorted(own.items(), key=lambda item: item[0] in RulesSection.model_fields)))
        )
    for name, field in schema.model_fields.items():
        section = section_of(field.annotation)
        if section is not None and not _is_flat(field):
            parts += [f"### `{name}`\n", f"{_about(section)}\n"]
            inner = {} if section is RulesSection else section.model_fields
            parts += [_keys(f"{name}.NAME." if _is_named(field) else f"{name}.", inner)] if inner else []
    return "\n".join(parts)


def _about(section: type[Section]) -> str:
    text = _paragraphs(section)[0]
    if section is RulesSection:
        return f"{text} The keys are those of a campaign's file without `name` and `list`."
    return text


def _is_flat(field: FieldInfo) -> bool:
    """Say whether the key stands in the table of its own section: all of a campaign's keys do."""
    section = section_of(field.annotation)
    return section is None or field.description is not None


def _is_named(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is dict


def _keys(prefix: str, fields: Mapping[str, FieldInfo]) -> str:
    rows = [row for name, field in fields.items() for row in _rows(prefix + name, field)]
    return _table(("Key", "Value", "Default", "Meaning"), rows)


def _rows(key: str, field: FieldInfo) -> Iterator[tuple[str, ...]]:
    """Yield the row of a key, and below it those of its section."""
    section, kind = section_of(field.annotation), kind_of(field)
    many = "list of: " if str(field.annotation).startswith("tuple") else ""
    value = "a section" if section else f"{many}{kind.words if kind else ''}"
    yield f"`{key}`", value, _default(field), field.description or ""
    if section is HoursSection:
        yield f"`{key}.DAYS`", f"list of: {clock_range().words}", "–", "The hours of those days, see below."
    for name, inner in section.model_fields.items() if section else ():
        yield from _rows(f"{key}.OUTCOME.{name}" if _is_named(field) else f"{key}.{name}", inner)


def _default(field: FieldInfo) -> str:
    value, kind = field.get_default(call_default_factory=True), kind_of(field)
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ((), {}, "") or isinstance(value, BaseModel):
        return "–"
    return f"`{kind.write(value)}`" if kind else f"`{value}`"


def _retry_rows() -> Iterator[tuple[str, ...]]:
    rules: Mapping[Outcome, object] = DEFAULT_RETRY.rules
    for outcome in sorted(RETRYABLE, key=lambda outcome: (outcome not in rules, outcome.value)):
        rule = DEFAULT_RETRY.rules.get(outcome)
        written = (
            f"`{{count: {rule.count}, every: {duration_text(rule.every_ms)}}}`" if rule else f"`{NEVER}`"
        )
        yield f"`{outcome.value}`", written


def _paragraphs(section: type[Section]) -> list[str]:
    lines = (section.__doc__ or "").strip().split("\n\n")
    return ["\n".join(line.strip() for line in paragraph.split("\n")) for paragraph in lines]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        + "\n"
    )


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PAGE).write_text(page(), encoding="utf-8")
