"""Every mistake is told once, where it stands, with its cure; and all mistakes of a file are told at once."""

import pytest

from dialerd.config import ConfigError, check_daemon, read_campaign
from dialerd.config.problems import MOST_SHOWN, Problem
from tests.config.files import CAMPAIGN, DAEMON, HERE, Mistake, daemon, mistakes


def told_of_campaign(text: str) -> list[str]:
    """Return everything that is told of a campaign's file."""
    with pytest.raises(ConfigError) as caught:
        read_campaign(text, "c.yaml", daemon())
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("mistake", list(mistakes("daemon.txt", DAEMON)), ids=lambda mistake: mistake.told)
def test_a_mistake_in_the_daemons_file_is_told_where_it_stands(mistake: Mistake) -> None:
    told = [str(problem) for problem in check_daemon(mistake.text, "d.yaml")]

    assert told == [f"d.yaml:{mistake.line}:{mistake.column}: {mistake.told}"]


@pytest.mark.parametrize(
    "mistake", list(mistakes("campaign.txt", CAMPAIGN)), ids=lambda mistake: mistake.told
)
def test_a_mistake_in_a_campaigns_file_is_told_where_it_stands(mistake: Mistake) -> None:
    assert told_of_campaign(mistake.text) == [f"c.yaml:{mistake.line}:{mistake.column}: {mistake.told}"]


def test_the_right_files_have_no_problems() -> None:
    assert check_daemon(DAEMON, "d.yaml") == []
    assert check_daemon(DAEMON.encode(), "d.yaml") == []
    assert read_campaign(CAMPAIGN, "c.yaml", daemon()).name == "spring.north"


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = (HERE / "mistakes" / "many.txt").read_text()
    expected = (HERE / "mistakes" / "many-told.txt").read_text().splitlines()

    assert [str(problem) for problem in check_daemon(text, "many.yaml")] == expected


def test_a_rule_between_keys_is_checked_although_another_key_has_the_wrong_form() -> None:
    text = CAMPAIGN.replace("queue: sales", "queue: sails").replace("30s", "30")

    assert [line.split(": ")[1] for line in told_of_campaign(text)] == ["queue", "ring_timeout"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("dialerd\n", "the file is the text 'dialerd'"),
        ("- asterisk\n", "the file is a list"),
        ("5\n", "the file is the number 5"),
    ],
)
def test_a_file_that_has_no_keys_is_told_which_it_may_have(text: str, told: str) -> None:
    (problem,) = check_daemon(text, "d.yaml")
    (line,) = told_of_campaign(text)

    assert str(problem).startswith(f"d.yaml:1:1: {told}; write `asterisk`, ")
    assert line.startswith(f"c.yaml:1:1: {told}; write ")


def test_a_file_without_asterisk_says_what_goes_there() -> None:
    (problem,) = check_daemon("log: {}\n", "d.yaml")

    assert str(problem) == "d.yaml:1:1: asterisk: is missing; write `asterisk:` and below it its keys"


def test_what_neither_the_campaign_nor_the_defaults_name_is_asked_for_in_both() -> None:
    told = told_of_campaign("name: a\nlist: b\n")

    cure = "write `queue:` and a name, here or under `defaults` in the daemon's file"
    assert told == [f"c.yaml:1:1: queue: is missing; {cure}"]


@pytest.mark.parametrize("key", ["secret", "password", "secret_file", "secret_credential"])
def test_a_secret_that_was_written_into_the_file_is_not_repeated(key: str) -> None:
    text = DAEMON.replace("secret_file: /etc/dialerd/ami.secret", f"{key}: hunter2!")
    problems = check_daemon(text, "d.yaml")

    assert problems
    assert "hunter2" not in str(ConfigError(problems))


def test_a_hostile_key_or_value_cannot_speak_to_the_terminal() -> None:
    text = '"\\e[2J\\u202Eevil": 1\nasterisk: {secret_file: /x, host: "\\e]0;owned\\a"}\n'
    told = str(ConfigError(check_daemon(text, "d\x1b[2J.yaml")))

    assert len(told.splitlines()) == 2
    assert all(line.isprintable() for line in told.splitlines())


def test_of_very_many_problems_the_first_are_shown_and_the_others_counted() -> None:
    error = ConfigError(Problem("f", line, 1, "", "wrong", "") for line in range(MOST_SHOWN + 7, 0, -1))

    assert len(error.problems) == MOST_SHOWN + 7
    assert str(error).splitlines()[0] == "f:1:1: wrong"
    assert str(error).splitlines()[-1] == "and 7 more problems"
