"""What becomes of a call by the last two digits of its number, whichever back end carries it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.lab.behaviours import behaviour_of

OUTCOME: Mapping[str, str] = {
    "answer": "answered",
    "ring_then_answer": "answered",
    "answer_then_hang_up": "answered",
    "answer_and_hang_up_at_once": "hung_up",
    "busy": "busy",
    "ring_then_busy": "busy",
    "decline": "rejected",
    "unallocated": "invalid",
    "gone": "invalid",
    "unavailable": "unreachable",
    "incomplete": "invalid",
    "not_acceptable": "failed",
    "server_error": "failed",
    "congestion": "congestion",
    "request_timeout": "unreachable",
    "no_reply": "unreachable",
    "ring_out": "no_answer",
    "early_media_ring_out": "no_answer",
}

RETRY = {
    "busy": {"count": 1, "every": "1s"},
    "no_answer": "never",
    "unreachable": "never",
    "congestion": {"count": 2, "every": "1s"},
    "failed": {"count": 1, "every": "2s"},
    "unknown": "never",
    "cancelled": "never",
}


def numbers(count: int) -> list[str]:
    """Return fictional numbers whose last two digits go round from 00 to 99."""
    areas = ("202", "215", "303", "312", "404", "415", "503", "602", "617", "713")
    return [f"+1{areas[place // 100 % 10]}55501{place % 100:02d}" for place in range(count)]


def calls_expected(number: str) -> int:
    """Return how often the number is called under RETRY."""
    rule = RETRY.get(OUTCOME[behaviour_of(number).name], "never")
    return 1 + (rule["count"] if isinstance(rule, dict) else 0)


def check_attempts(rows: Iterable[Mapping[str, Any]], dialled: Counter[str]) -> None:
    """Hold each attempt to its number's behaviour, and the carrier's count to the attempts."""
    wrong = []
    for row in rows:
        behaviour = behaviour_of(row["number"])
        found = (row["outcome"], row["cause"], row["sip_code"])
        wanted = (OUTCOME[behaviour.name], behaviour.cause, behaviour.tech_cause)
        met_an_agent = behaviour.name == "answer_and_hang_up_at_once" and row["agent"] is not None
        if met_an_agent:  # agents who answer within milliseconds are sometimes quicker than the hangup
            wanted = ("answered", None, None)
        if found[0] != wanted[0] or (behaviour.cause is not None and found != wanted):
            wrong.append((row["number"], behaviour.name, found, wanted))
    assert not wrong, wrong
    made = Counter(row["number"].removeprefix("+") for row in rows if row["outcome"] != "not_sent")
    assert made == dialled, (made - dialled, dialled - made)
    assert {number: made[number] for number in made} == {n: calls_expected(n) for n in made}
