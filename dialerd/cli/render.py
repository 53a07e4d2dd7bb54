"""What each answer looks like on a terminal."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dialerd.cli.plain import GAP, fields, local_time, one_line, shown, table

Answer = Mapping[str, Any]

_CAMPAIGN_COLUMNS = ("campaign", "state", "list", "queue", "in_flight", "why")
_ATTEMPT_COLUMNS = (
    "opened_at",
    "number",
    "campaign",
    "outcome",
    "cause",
    "sip_code",
    "answer_to_agent_ms",
    "agent",
    "note",
)


def text_of(name: str, answer: Answer) -> Iterator[str]:
    """Yield the lines for the command's answer."""
    yield from _LAYOUTS.get(name, fields)(answer)


def _status(answer: Answer) -> Iterator[str]:
    link, database = answer["asterisk"], answer["database"]
    agreed = "" if link["reconciled"] else ", open attempts are being compared with its channels"
    yield f"Asterisk   {'up' + agreed if link['up'] else 'DOWN: ' + one_line(link['reason'])}"
    writable = "writable" if database["writable"] else f"NOT WRITABLE: {one_line(database['reason'])}"
    yield f"Database   {writable}"
    if answer.get("draining"):
        yield f"Daemon     ENDING: {one_line(answer['draining'])}"
    yield f"Calls      {sum(answer['calls'].values())}{_in_brackets(answer['calls'])}"
    yield ""
    yield from table(answer["campaigns"], ("campaign", "state", "in_flight", "why"), "no campaigns")
    yield ""
    for queue, states in answer["queues"].items():
        yield f"Queue {one_line(queue)}: {shown('members', states) if states else 'no members'}"
    for trunk, use in answer["trunks"].items():
        yield f"Trunk {one_line(trunk)}: {use['in_use']} of {use['channels']} channels in use"


def _why(answer: Answer) -> Iterator[str]:
    yield f"{_verdict(answer)}{_behind(answer)}"
    yield ""
    yield from _gates(answer)
    yield ""
    yield f"Targets: {shown('targets', answer['targets'])}; calls in flight: {answer['in_flight']}"


def _target_why(answer: Answer) -> Iterator[str]:
    if not answer["answers"]:
        yield f"{answer['number']} is in a list, but no campaign dials that list"
    for place, reasons in enumerate(answer["answers"]):
        if place:
            yield ""
        yield f"{answer['number']} in {one_line(reasons['campaign'])}: {_verdict(reasons)}"
        yield ""
        yield from _gates(reasons)
        if reasons["last_note"]:
            yield f"Last call: {reasons['last_outcome']}: {one_line(reasons['last_note'])}"


def _verdict(reasons: Answer) -> str:
    """Return the answer in a sentence: what blocks, and when or by what that ends."""
    if reasons["blocked_by"] is None:
        return f"Calling: {one_line(reasons['gates'][-1]['text'])}"
    ends = (
        f"until {local_time(reasons['until'])}"
        if reasons["until"]
        else f"clears: {one_line(reasons['clears'])}"
    )
    return f"Not calling: {one_line(reasons['summary'])}; {ends}"


def _behind(answer: Answer) -> str:
    if answer["blocked_by"] is None:
        return ""
    waiting = answer["targets"].get("ready", 0) + answer["targets"].get("waiting", 0)
    return f"; {waiting} targets wait behind it"


def _gates(reasons: Answer) -> Iterator[str]:
    width = max(len(gate["rule"]) for gate in reasons["gates"])
    blocked = False
    for gate in reasons["gates"]:
        mark = "  ok" if gate["open"] else "  no" if blocked else "> NO"
        blocked = blocked or not gate["open"]
        ends = "" if gate["open"] or not gate["clears"] else f" (clears: {one_line(gate['clears'])})"
        yield f"{mark}  {gate['rule'].ljust(width)}{GAP}{one_line(gate['text'])}{ends}"


def _list_show(answer: Answer) -> Iterator[str]:
    yield from table(answer["targets"], ("id", "number", "variables"), "nobody")
    yield from _more(answer)


def _attempts(answer: Answer) -> Iterator[str]:
    yield from table(map(_with_state, answer["attempts"]), _ATTEMPT_COLUMNS, "no calls")
    yield from _more(answer)


def _with_state(attempt: Answer) -> Answer:
    return {**attempt, "outcome": attempt["outcome"] or f"({attempt['state']})"}


def _more(answer: Answer) -> Iterator[str]:
    if answer["next"] is not None:
        yield f"more: --after {one_line(answer['next'])}"


def _target_show(answer: Answer) -> Iterator[str]:
    yield str(answer["number"])
    for place in answer["lists"]:
        yield ""
        yield f"List {one_line(place['list'])}: {shown('variables', place['variables'])}"
        for standing in place["campaigns"]:
            due = f" until {local_time(standing['not_before'])}" if standing["not_before"] else ""
            reason = f" ({one_line(standing['reason'])})" if standing["reason"] else ""
            yield f"Campaign {one_line(standing['campaign'])}: {standing['state']}{due}{reason}"
            columns = [column for column in _ATTEMPT_COLUMNS if column not in ("number", "campaign")]
            yield from table(map(_with_state, standing["attempts"]), columns, "no calls yet")


def _campaign_show(answer: Answer) -> Iterator[str]:
    yield from fields(answer, skip=("source", "hours", "retry"))
    for outcome, rule in answer["retry"].items():
        yield f"Retry after {outcome}: at most {rule['count']}, every {shown('every_ms', rule['every_ms'])}"
    if answer["hours"]:
        yield f"Hours in {answer['hours']['zone']}:"
    for day, segments in (answer["hours"] or {}).get("minutes_by_weekday", {}).items():
        yield f"  {_DAYS[int(day)]}  {', '.join(f'{_clock(start)}-{_clock(end)}' for start, end in segments)}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _imported(answer: Answer) -> Iterator[str]:
    yield from fields(answer, skip=("dry_run", "complete"))
    if answer["dry_run"]:
        yield "Nothing was sent: this was a dry run."


def _checked(answer: Answer) -> Iterator[str]:
    yield f"{one_line(answer['file'])}: no problems"


def _in_brackets(counts: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{count} {one_line(word)}' for word, count in counts.items())})" if counts else ""


_LAYOUTS: Mapping[str, Callable[[Answer], Iterator[str]]] = {
    "status": _status,
    "agent list": lambda answer: table(
        answer["agents"],
        ("queue", "interface", "name", "state", "wrapup_left_ms", "pause_reason", "attempt"),
        "no members",
    ),
    "attempts": _attempts,
    "campaign list": lambda answer: table(answer["campaigns"], _CAMPAIGN_COLUMNS, "no campaigns"),
    "campaign show": _campaign_show,
    "campaign why": _why,
    "completion": lambda answer: iter([answer["script"]]),
    "config check": _checked,
    "journal": lambda answer: table(answer["entries"], ("at", "kind", "subject", "text"), "nothing"),
    "list import": _imported,
    "list list": lambda answer: table(answer["lists"], ("name", "targets", "created_at"), "no lists"),
    "list show": _list_show,
    "target show": _target_show,
    "target why": _target_why,
}
"""How the answers are laid out that are more than a few fields."""
