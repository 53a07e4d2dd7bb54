"""What each command answers, through the socket, with the engine behind it."""

from typing import Any

import pytest

from dialerd.control import wire
from dialerd.control.commands import by_method
from dialerd.domain.originate import Originate
from tests.control.conftest import House, Line
from tests.control.plant import SPRING

ANN, BOB = "+15550100101", "+15550100102"


async def load(line: Line, *numbers: str, name: str = "people") -> Any:
    rows = [[number, "Ann"] for number in numbers]
    return (await line.ask("list.load", name=name, columns=["FIRST"], rows=rows))["result"]


async def result(line: Line, method: str, **params: Any) -> Any:
    reply = await line.ask(method, **params)
    assert "result" in reply, reply
    return reply["result"]


async def error(line: Line, method: str, **params: Any) -> Any:
    reply = await line.ask(method, **params)
    assert "error" in reply, reply
    return reply["error"]


async def test_every_command_answers_with_the_keys_that_the_reference_names(house: House) -> None:
    params: dict[str, dict[str, Any]] = {
        "campaign.apply": {"text": SPRING, "start": True},
        "campaign.check": {"text": SPRING},
        "list.load": {"name": "people", "rows": [[ANN]]},
        "list.show": {"name": "people"},
        "target.show": {"number": ANN},
        "target.why": {"number": ANN},
    }
    named = {"name": "spring"}
    async with house.line() as line:
        await result(line, "list.load", **params["list.load"])
        await result(line, "campaign.apply", **params["campaign.apply"])
        for method, spec in by_method().items():
            needs_name = any(param.name == "name" for param in spec.params)
            answer = await result(line, method, **params.get(method, named if needs_name else {}))
            assert set(answer) == set(spec.reply), method


async def test_rows_are_loaded_once_and_known_ones_recognised(house: House) -> None:
    async with house.line() as line:
        assert await load(line, ANN, BOB) == {"new": 2, "updated": 0, "unchanged": 0}
        assert await load(line, ANN, BOB) == {"new": 0, "updated": 0, "unchanged": 2}
        shown = await result(line, "list.show", name="people")
    assert [(row["number"], row["variables"]) for row in shown["targets"]] == [
        (ANN, {"FIRST": "Ann"}),
        (BOB, {"FIRST": "Ann"}),
    ]
    assert shown["next"] is None


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (["FIRST"], ["15550100101", "Ann"]),
        (["FIRST"], ["+15550100101\n", "Ann"]),
        (["FIRST"], ["+١٥٥٥٠١٠٠١٠١", "Ann"]),
        (["FIRST"], ["+15550100101,__DIAL_PREFIX=900", "Ann"]),
        (["FIRST"], ["+15550100101"]),
        (["FIRST"], ["+15550100101", "Ann", "x"]),
        (["FIRST"], ["+15550100101", None]),
        (["FIRST"], ["+15550100101", "Ann\r\nAction: Originate"]),
        (["FIRST"], ["+15550100101", "\x00"]),
        (["FIRST"], ["+15550100101", "x" * 801]),
        (["FIRST"], ["+15550100101", "ü" * 134]),
        (["FIRST"], "+15550100101"),
        (["first"], ["+15550100101", "Ann"]),
        (["A)"], ["+15550100101", "Ann"]),
        (["FIRST", "FIRST"], ["+15550100101", "Ann", "Ann"]),
        ([f"V{n}" for n in range(21)], ["+15550100101", *["x"] * 21]),
    ],
)
async def test_a_chunk_with_one_bad_row_is_refused_as_a_whole(
    house: House, columns: list[str], row: list[str]
) -> None:
    good = [BOB, *["x"] * len(columns)]
    async with house.line() as line:
        fault = await error(line, "list.load", name="people", columns=columns, rows=[good, row])
        assert fault["code"] == wire.INVALID_PARAMS
        assert await result(line, "list.list") == {"lists": []}


async def test_values_up_to_the_limit_are_taken(house: House) -> None:
    async with house.line() as line:
        for value in ("x" * 800, "ü" * 133, "tab\tand\nline"):
            await result(line, "list.load", name="people", columns=["A"], rows=[[ANN, value]])
            (shown,) = (await result(line, "list.show", name="people"))["targets"]
            assert shown["variables"] == {"A": value}


async def test_a_chunk_has_its_limit(house: House) -> None:
    async with house.line() as line:
        rows = [[f"+1555010{n:04}"] for n in range(501)]
        assert (await error(line, "list.load", name="people", rows=rows))["code"] == wire.INVALID_PARAMS
        assert (await result(line, "list.load", name="people", rows=rows[:500]))["new"] == 500


async def test_a_campaign_with_problems_is_refused_with_all_of_them_and_nothing_is_changed(
    house: House,
) -> None:
    bad = "name: spring\nlist: people\nqueue: slaes\ntrunk: maim\n"
    async with house.line() as line:
        for method in ("campaign.apply", "campaign.check"):
            fault = await error(line, method, text=bad, filename="spring.yaml")
            assert fault["code"] == wire.REFUSED
            problems = fault["data"]["problems"]
            assert {"queue", "trunk"} <= {problem["path"] for problem in problems}
            assert all(problem["file"] == "spring.yaml" and problem["line"] for problem in problems)
        assert await result(line, "campaign.list") == {"campaigns": []}


async def test_checking_a_campaign_does_not_make_it_known(house: House) -> None:
    async with house.line() as line:
        assert (await result(line, "campaign.check", text=SPRING))["known"] is False
        assert await result(line, "campaign.list") == {"campaigns": []}
        await result(line, "campaign.apply", text=SPRING)
        assert (await result(line, "campaign.check", text=SPRING))["known"] is True


async def test_a_campaign_goes_through_its_life_by_commands(house: House) -> None:
    async with house.line() as line:
        await load(line, ANN)
        states = [(await result(line, "campaign.apply", text=SPRING))["state"]]
        for step in ("start", "pause", "resume", "stop"):
            await result(line, f"campaign.{step}", name="spring")
            states.append((await result(line, "campaign.show", name="spring"))["state"])
        fault = await error(line, "campaign.start", name="spring")
    assert states == ["draft", "running", "paused", "running", "finished"]
    assert fault["code"] == wire.REFUSED


async def test_a_campaign_without_anybody_to_call_is_not_started(house: House) -> None:
    async with house.line() as line:
        fault = await error(line, "campaign.apply", text=SPRING, start=True)
        assert "list 'people' has no targets" in fault["message"]
        assert (await error(line, "campaign.start", name="spring"))["code"] == wire.REFUSED
        assert (await result(line, "campaign.show", name="spring"))["state"] == "draft"
        await load(line, ANN)
        assert (await result(line, "campaign.start", name="spring"))["state"] == "running"


@pytest.mark.parametrize("method", ["show", "start", "pause", "resume", "stop", "why"])
async def test_an_unknown_campaign_is_not_found_and_a_near_one_offered(house: House, method: str) -> None:
    async with house.line() as line:
        await result(line, "campaign.apply", text=SPRING)
        fault = await error(line, f"campaign.{method}", name="sprung")
    assert fault == {"code": wire.NOT_FOUND, "message": "no campaign 'sprung'; did you mean 'spring'?"}


async def test_what_else_is_not_there_is_not_found(house: House) -> None:
    async with house.line() as line:
        for method, params in (
            ("report", {"name": "autumn"}),
            ("attempts", {"campaign": "autumn"}),
            ("list.show", {"name": "nobody"}),
            ("agent.list", {"queue": "nowhere"}),
            ("target.show", {"number": ANN}),
            ("target.why", {"number": ANN}),
        ):
            assert (await error(line, method, **params))["code"] == wire.NOT_FOUND, method


async def test_the_first_closed_gate_is_the_answer_to_why(house: House) -> None:
    async with house.line() as line:
        await load(line, ANN, BOB)
        await result(line, "campaign.apply", text=SPRING, start=True)
        why = await result(line, "campaign.why", name="spring")
    assert why["blocked_by"] == "asterisk"
    assert next(gate["rule"] for gate in why["gates"] if not gate["open"]) == "asterisk"
    assert why["targets"]["ready"] == 2


async def test_a_persons_own_standing_comes_before_the_campaigns_gates(house: House) -> None:
    async with house.line() as line:
        await load(line, ANN, BOB)
        await house.plant.bring_up(agents=1)
        await result(line, "campaign.apply", text=SPRING, start=True)
        house.plant.now += 5_000
        answers = {}
        for number in (ANN, BOB):
            (answers[number],) = (await result(line, "target.why", number=number))["answers"]
        called = next(answer for answer in answers.values() if answer["state"] == "in_flight")
        other = next(answer for answer in answers.values() if answer["state"] != "in_flight")
    assert called["gates"][0]["rule"] == "target"
    assert called["blocked_by"] == "target"
    assert "in flight" in called["summary"]
    assert other["gates"][0]["open"]
    assert other["blocked_by"] == "pacing"
    assert other["summary"].startswith("pacing: ")


async def test_one_idle_agent_gets_one_call(house: House) -> None:
    async with house.line() as line:
        await load(line, ANN, BOB)
        await result(line, "campaign.apply", text=SPRING, start=True)
        await house.plant.bring_up(agents=1)
        await house.plant.tell()
        orders = await house.plant.tell()
        calls = (await result(line, "attempts", open=True))["attempts"]
        agents = (await result(line, "agent.list", queue="sales"))["agents"]
    assert len(calls) == 1
    assert not [order for order in orders if isinstance(order, Originate)]
    assert [agent["state"] for agent in agents] == ["available"]


async def test_pages_follow_on_one_another(house: House) -> None:
    numbers = [f"+1555010{n:04}" for n in range(7)]
    async with house.line() as line:
        await load(line, *numbers)
        seen, after = [], 0
        while after is not None:
            page = await result(line, "list.show", name="people", limit=3, after=after)
            seen += [row["number"] for row in page["targets"]]
            after = page["next"]
    assert seen == numbers


@pytest.mark.parametrize("written", ["+1 (555) 010-0101", "15550100101", "001 555 010 0101"])
async def test_an_operator_may_write_a_number_as_people_do(house: House, written: str) -> None:
    async with house.line() as line:
        await load(line, ANN)
        assert (await result(line, "target.show", number=written))["number"] == ANN
