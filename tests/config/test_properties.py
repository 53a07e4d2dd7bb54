"""Whatever is written: it is either refused with problems, or taken and written back as it was."""

import json

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialerd.adapters.asterisk import actions
from dialerd.config import ConfigError, check_daemon, parse_daemon, read_campaign
from dialerd.config.complaints import validated
from dialerd.config.kinds_of_time import UNITS_MS, duration_ms, duration_text
from dialerd.config.reader import read
from dialerd.config.schema import ALWAYS, NEVER, CampaignFile, DaemonFile
from dialerd.config.week import DAYS
from dialerd.domain.campaign import Campaign
from dialerd.domain.phone import Phone
from dialerd.domain.retry import RETRYABLE
from tests.config.files import CAMPAIGN, DAEMON, daemon
from tests.config.schema_walk import keys_of

WORDS = sorted(
    {
        *keys_of(DaemonFile),
        *keys_of(CampaignFile),
        *DAYS,
        "mon-fri",
        "daily",
        "main",
        "sales",
        "office",
        NEVER,
    }
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from([*WORDS, "25s", "09:00-17:00", "UTC"]),
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner, max_size=4)
    ),
    max_leaves=25,
)


def judge(text: str) -> None:
    """Read the text as both files; nothing but ConfigError may come of it."""
    lines = text.count("\n") + 1
    for problem in check_daemon(text, "d"):
        assert 1 <= problem.line <= lines + 1
        str(problem).encode()
    try:
        assert isinstance(read_campaign(text, "c", daemon()), Campaign)
    except ConfigError as error:
        assert error.problems


@given(st.text())
def test_any_text_is_taken_or_refused_with_problems(text: str) -> None:
    judge(text)


@given(trees)
def test_any_data_is_taken_or_refused_with_problems(tree: object) -> None:
    judge(json.dumps(tree))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_slip_of_the_pen_is_taken_or_refused_with_problems(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([DAEMON, CAMPAIGN]))
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 30)))
    inserted = data.draw(
        st.one_of(st.text(max_size=8), st.sampled_from(["\n", "[", "{", ": ", "- ", "*", "&", "!", "'", '"']))
    )

    judge(text[:begin] + inserted + text[end:])


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True)


def durations(low_ms: int, high_ms: int, step: int = 1) -> st.SearchStrategy[str]:
    """Return durations as text, of whole steps."""
    return st.integers(low_ms // step, high_ms // step).map(lambda number: duration_text(number * step))


@st.composite
def hours(draw: st.DrawFn) -> dict[str, object]:
    days = draw(st.lists(st.sampled_from(DAYS), unique=True, min_size=1))
    cuts = st.lists(st.integers(0, 1440), unique=True, min_size=2, max_size=6).map(sorted)
    week: dict[str, object] = {}
    for day in days:
        points = draw(cuts)
        pairs = zip(points[::2], points[1::2], strict=False)
        week[day] = [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in pairs if a < 1440]
    return {"zone": draw(st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])), **week}


rules = st.fixed_dictionaries(
    {},
    optional={
        "queue": names,
        "trunk": names,
        "caller_ids": names,
        "ring_timeout": durations(5_000, 60_000),
        "max_wait": durations(500, 10_000),
        "message": st.from_regex(r"/?[A-Za-z0-9_-]{1,20}(/[A-Za-z0-9_-]{1,20}){0,2}", fullmatch=True),
        "hours": st.just(ALWAYS) | hours(),
        "pacing": st.just({"method": "progressive"})
        | st.fixed_dictionaries(
            {"method": st.just("ratio"), "level": st.floats(0.1, 10).map(lambda x: round(x, 3))}
        ),
        "retry": st.dictionaries(
            st.sampled_from(sorted(outcome.value for outcome in RETRYABLE)),
            st.just(NEVER)
            | st.fixed_dictionaries(
                {"count": st.integers(0, 199), "every": durations(1_000, 30 * 86_400_000, 1_000)}
            ),
        ),
    },
)
campaigns = st.tuples(
    rules,
    st.fixed_dictionaries(
        {
            "name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True),
            "list": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True),
        }
    ),
).map(lambda pair: {**pair[0], **pair[1]})
numbers = st.from_regex(r"\+[1-9][0-9]{5,14}|[0-9]{3,15}", fullmatch=True)
templates = st.from_regex(
    r"[A-Za-z][A-Za-z0-9]{1,15}/[A-Za-z0-9+_.:@-]{0,20}\{number\}[A-Za-z0-9+_.:@-]{0,20}(/n)?", fullmatch=True
)
display_names = st.from_regex(
    r"[A-Za-zÀ-ÖØ-öø-ž0-9.]([A-Za-zÀ-ÖØ-öø-ž0-9. -]{0,38}[A-Za-zÀ-ÖØ-öø-ž0-9.])?", fullmatch=True
)
budgets = {
    "channels": st.integers(1, 10_000),
    "calls_per_second": st.floats(0.01, 500).map(lambda x: round(x, 3)),
}
daemons = st.fixed_dictionaries(
    {
        "asterisk": st.just({"secret_file": "/x/y"})
        | st.just({"secret_credential": "a", "port": 1, "trail": "/t"})
    },
    optional={
        "limits": st.fixed_dictionaries({}, optional=budgets),
        "trunks": st.dictionaries(names, st.fixed_dictionaries({"dial": templates, **budgets}), max_size=3),
        "queues": st.dictionaries(
            names, st.fixed_dictionaries({}, optional={"wrapup": durations(0, 3_600_000, 1_000)}), max_size=3
        ),
        "caller_ids": st.dictionaries(
            names,
            st.fixed_dictionaries(
                {"numbers": st.lists(numbers, min_size=1, max_size=3)}, optional={"name": display_names}
            ),
            max_size=3,
        ),
        "defaults": rules,
        "log": st.fixed_dictionaries(
            {}, optional={"level": st.sampled_from(["debug", "error"]), "format": st.just("plain")}
        ),
    },
)


def again(schema: type[CampaignFile] | type[DaemonFile], data: object) -> None:
    """Assert that data are taken, and that what is written back says the same."""
    section, problems = validated(read(yaml.safe_dump(data, allow_unicode=True), "f"), schema)
    assert problems == []
    assert section is not None
    written = json.loads(section.model_dump_json(exclude_unset=True))
    assert written == data
    assert validated(read(yaml.safe_dump(written), "g"), schema) == (section, [])


@given(campaigns)
def test_every_right_campaign_is_taken_and_written_back_as_it_was(data: object) -> None:
    again(CampaignFile, data)


@given(daemons)
def test_every_right_daemons_file_is_taken_and_written_back_as_it_was(data: object) -> None:
    again(DaemonFile, data)


@given(st.integers(0, 999_999_999), st.sampled_from(list(UNITS_MS)))
def test_a_duration_is_what_its_unit_says_and_is_written_in_the_largest_one(number: int, unit: str) -> None:
    ms = duration_ms(f"{number}{unit}")

    assert ms == number * UNITS_MS[unit]
    if ms < 10**9:
        assert duration_ms(duration_text(ms)) == ms


@given(
    names,
    names,
    templates,
    numbers,
    display_names,
    st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True).map(Phone),
)
def test_whatever_is_taken_can_be_said_to_asterisk(
    queue: str, user: str, template: str, number: str, display_name: str, called: Phone
) -> None:
    data = {
        "asterisk": {"secret_file": "/x", "username": user},
        "trunks": {"t": {"dial": template, "channels": 1, "calls_per_second": 1}},
        "queues": {queue: {}},
        "caller_ids": {"p": {"numbers": [number], "name": display_name}},
    }
    config = parse_daemon(yaml.safe_dump(data, allow_unicode=True), "d")
    trunk, pool = config.settings.trunks["t"], config.settings.caller_ids["p"]
    call = actions.originate(
        "dlr-abc",
        trunk.template.replace("{number}", called.digits),
        "dialerd",
        "s",
        1,
        caller_id_number=pool.turn(0),
        caller_id_name=pool.display_name,
    )

    assert actions.encode(call, "a")
    assert actions.encode(actions.queue_status(next(iter(config.settings.queues))), "a")
    assert actions.encode(actions.login(config.asterisk.username, "x", "call"), "a")
