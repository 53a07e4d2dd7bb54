"""Whatever is written to the socket, one line comes back and nothing breaks."""

import json
import random
from typing import Any

import pytest

from dialerd.control import wire
from dialerd.control.commands import by_method
from dialerd.control.spec import Kind
from tests.control.conftest import House, Line
from tests.control.plant import SPRING

GOOD: list[dict[str, Any]] = [
    {"jsonrpc": "2.0", "id": 1, "method": "status", "params": {}},
    {"jsonrpc": "2.0", "id": "a", "method": "campaign.show", "params": {"name": "spring"}},
    {"jsonrpc": "2.0", "id": 2, "method": "campaign.stop", "params": {"name": "nobody", "hang_up": True}},
    {"jsonrpc": "2.0", "id": 3, "method": "attempts", "params": {"limit": 5, "outcome": "busy", "after": ""}},
    {"jsonrpc": "2.0", "id": 4, "method": "target.why", "params": {"number": "+15550100123"}},
    {"jsonrpc": "2.0", "id": 5, "method": "campaign.check", "params": {"text": SPRING, "filename": "x.yaml"}},
    {
        "jsonrpc": "2.0",
        "id": 6,
        "method": "list.load",
        "params": {"name": "people", "columns": ["FIRST"], "rows": [["+15550100123", "Ann"]]},
    },
]

STRANGE: list[Any] = [
    None,
    True,
    -1,
    0.5,
    2**70,
    "",
    "x" * 5_000,
    "\x00",
    "\ud800",
    "a\nb",
    "+١٥٥٥٠١٠٠",
    [],
    {},
    [[]],
    {"": None},
    [None] * 600,
    "x,__DIAL_PREFIX=900",
    "$(reboot)",
]

REFUSALS = {wire.PARSE_ERROR, wire.INVALID_REQUEST, wire.METHOD_NOT_FOUND, wire.INVALID_PARAMS}

HAND_MADE = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"1",
    b'"status"',
    b"status",
    b"\xff\xfe\x00",
    b"\x00" * 100,
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'{"jsonrpc":"2.0","id":1,"method":"status","params":' + b"[" * 40 + b"]" * 40 + b"}",
    b'{"jsonrpc":"2.0","id":1,"method":"status","id":2}',
    b'{"jsonrpc":"2.0","id":NaN,"method":"status"}',
    b'{"jsonrpc":"2.0","id":' + b"9" * 5_000 + b',"method":"status"}',
    b'{"jsonrpc":"2.0","id":1e999,"method":"status"}',
    b'{"jsonrpc":"2.0","id":null,"method":"status"}',
    b'{"jsonrpc":"2.0","id":true,"method":"status"}',
    b'{"jsonrpc":"2.0","method":"status"}',
    b'{"jsonrpc":"1.0","id":1,"method":"status"}',
    b'{"jsonrpc":"2.0","id":1,"method":"status","params":[]}',
    b'{"jsonrpc":"2.0","id":1,"method":"status","params":null}',
    b'{"jsonrpc":"2.0","id":1,"method":5}',
    b'{"jsonrpc":"2.0","id":1,"method":"__class__"}',
    b'{"jsonrpc":"2.0","id":1,"method":"campaign.start","params":{"name":"spring\\n"}}',
    b'[{"jsonrpc":"2.0","id":1,"method":"status"}]',
    b'{"jsonrpc":"2.0","id":1,"method":"status"}{"jsonrpc":"2.0","id":2,"method":"status"}',
    b'{"jsonrpc":"2.0","id":"' + b"x" * 200 + b'","method":"status"}',
]


def spoil(rng: random.Random) -> bytes:
    """Return a request with something changed in it: its bytes, or one of its values."""
    message = json.loads(json.dumps(rng.choice(GOOD)))
    if rng.random() < 0.5:
        place = rng.choice([message, message["params"]])
        key = rng.choice([*place, "extra"])
        if rng.random() < 0.2:
            place.pop(key, None)
        else:
            place[key] = rng.choice(STRANGE)
        return json.dumps(message).encode()
    line = bytearray(json.dumps(message, ensure_ascii=False).encode())
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(line))
        if rng.random() < 0.5:
            line[at] = rng.randrange(256)
        else:
            del line[at : at + rng.randint(1, 20)]
        if not line:
            break
    return bytes(line).replace(b"\n", b" ")


def is_answer(reply: Any) -> bool:
    return (
        isinstance(reply, dict)
        and reply.get("jsonrpc") == "2.0"
        and ("error" in reply) != ("result" in reply)
    )


@pytest.mark.parametrize("line", HAND_MADE, ids=range(len(HAND_MADE)))
async def test_a_line_that_is_no_request_is_refused_and_the_next_one_answered(
    house: House, line: bytes
) -> None:
    async with house.line() as caller:
        reply = await caller.say(line + b"\n")
        assert is_answer(reply)
        assert reply["error"]["code"] in REFUSALS
        assert "result" in await caller.ask("status")
    assert not house.defects


async def test_ten_thousand_spoilt_requests_get_ten_thousand_answers(house: House) -> None:
    rng = random.Random(20261123)
    async with house.line() as caller:
        for _ in range(10_000):
            reply = await caller.say(spoil(rng) + b"\n")
            assert is_answer(reply)
        assert "result" in await caller.ask("status")
    assert not house.defects


def strange_for(kind: Kind) -> list[Any]:
    return [value for value in STRANGE if not kind.fits(value)]


async def refused_everywhere(line: Line, method: str, good: dict[str, Any], name: str, kind: Kind) -> None:
    for value in strange_for(kind):
        if value == good.get(name):
            continue
        reply = await line.ask(method, **{**good, name: value})
        assert reply["error"]["code"] == wire.INVALID_PARAMS, (method, name, value)
        assert name in reply["error"]["message"]


async def test_every_parameter_of_every_command_refuses_what_is_not_of_its_kind(house: House) -> None:
    async with house.line() as line:
        for method, spec in by_method().items():
            for param in spec.params:
                defaults = {} if param.required else {param.name: param.default}
                await refused_everywhere(line, method, defaults, param.name, param.kind)
    assert not house.defects


async def test_an_unknown_key_is_refused_with_what_was_perhaps_meant(house: House) -> None:
    async with house.line() as line:
        reply = await line.ask("campaign.stop", name="spring", hangup=True)
        assert reply["error"] == {
            "code": wire.INVALID_PARAMS,
            "message": "unknown key 'hangup'; did you mean 'hang_up'?",
        }
        reply = await line.ask("campaign.starts", name="spring")
        assert reply["error"]["code"] == wire.METHOD_NOT_FOUND
        assert "did you mean 'campaign.start'?" in reply["error"]["message"]


async def test_all_wrong_parameters_are_named_at_once(house: House) -> None:
    async with house.line() as line:
        reply = await line.ask("attempts", limit=0, outcome="fine")
    assert [problem["path"] for problem in reply["error"]["data"]["problems"]] == ["outcome", "limit"]
