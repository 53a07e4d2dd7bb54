"""The socket itself: its file, its limits, and what is written down."""

import asyncio
import os
import socket
import stat
from pathlib import Path

import pytest

from dialerd.control import wire
from dialerd.control.server import Audited, ControlServer, Limits, SocketInUse
from dialerd.control.spec import Role
from tests.control.conftest import ACCESS, House, OpenHouse
from tests.control.plant import SPRING, Plant


def server_at(path: Path) -> ControlServer:
    return ControlServer(path, Plant(), ACCESS, lambda _: None, lambda *_: None)


async def test_the_socket_is_for_owner_and_group_only(house: House) -> None:
    assert stat.S_IMODE(house.path.stat().st_mode) == 0o660


async def test_the_socket_is_given_to_the_group(folder: Path) -> None:
    server = ControlServer(folder / "s", Plant(), ACCESS, lambda _: None, lambda *_: None, group=os.getgid())
    await server.start()
    assert (folder / "s").stat().st_gid == os.getgid()
    await server.close()


async def test_the_file_goes_when_the_server_closes(open_house: OpenHouse) -> None:
    async with open_house() as house:
        assert house.path.is_socket()
    assert not house.path.exists()


async def test_a_socket_that_a_dead_daemon_left_is_replaced(folder: Path) -> None:
    path = folder / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = server_at(path)
    await server.start()
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"hello\n")
    assert b"-32700" in await reader.readline()
    writer.close()
    await server.close()


async def test_a_living_daemons_socket_is_left_alone(house: House) -> None:
    with pytest.raises(SocketInUse, match="another daemon listens"):
        await server_at(house.path).start()
    async with house.line() as line:
        assert "result" in await line.ask("status")


async def test_a_file_that_is_no_socket_is_not_removed(folder: Path) -> None:
    path = folder / "control.sock"
    path.write_text("precious")
    with pytest.raises(OSError, match="in use"):
        await server_at(path).start()
    assert path.read_text() == "precious"


async def test_a_file_that_somebody_put_in_its_place_is_not_removed_at_the_end(open_house: OpenHouse) -> None:
    async with open_house() as house:
        house.path.unlink()
        house.path.write_text("theirs")
    assert house.path.read_text() == "theirs"


async def test_a_line_that_is_too_long_is_refused_and_the_connection_closed(house: House) -> None:
    async with house.line() as line:
        reply = await line.say(b'{"jsonrpc":"2.0"' + b" " * wire.MOST_REQUEST_BYTES + b"}\n")
        assert reply["error"]["code"] == wire.INVALID_REQUEST
        assert await line.hear() is None


async def test_a_line_of_the_permitted_length_is_taken(house: House) -> None:
    request = b'{"jsonrpc":"2.0","id":1,"method":"status"'
    request += b" " * (wire.MOST_REQUEST_BYTES - len(request) - 2) + b"}\n"
    assert len(request) == wire.MOST_REQUEST_BYTES
    async with house.line() as line:
        assert "result" in await line.say(request)


async def test_one_user_cannot_take_all_connections(open_house: OpenHouse) -> None:
    limits = Limits(connections=4, connections_per_uid=2)
    async with open_house(limits) as house, house.line() as first, house.line() as second:
        assert "result" in await first.ask("status")
        assert "result" in await second.ask("status")
        async with house.line() as third:
            assert (await third.hear())["error"]["code"] == wire.BUSY
            assert await third.hear() is None
        house.uid = 1001
        async with house.line() as other:
            assert "result" in await other.ask("status")


async def test_there_is_a_limit_for_all_together(open_house: OpenHouse) -> None:
    async with open_house(Limits(connections=1)) as house, house.line() as first:
        assert "result" in await first.ask("status")
        house.uid = 1001
        async with house.line() as second:
            assert (await second.hear())["error"]["code"] == wire.BUSY


async def test_a_place_is_free_again_when_its_caller_has_gone(open_house: OpenHouse) -> None:
    async with open_house(Limits(connections=1)) as house:
        for _ in range(5):
            async with house.line() as line:
                assert "result" in await line.ask("status")
                line.writer.write_eof()
                assert await line.hear() is None


async def test_who_says_nothing_is_cut_off(open_house: OpenHouse) -> None:
    async with open_house(Limits(between_s=0.05)) as house, house.line() as line:
        assert await line.hear() is None


async def test_who_does_not_finish_a_line_is_cut_off(open_house: OpenHouse) -> None:
    async with open_house(Limits(line_s=0.05)) as house, house.line() as line:
        assert await line.say(b'{"jsonrpc"') is None


async def test_closing_ends_connections_that_wait(open_house: OpenHouse) -> None:
    async with open_house() as house, house.line() as line:
        assert "result" in await line.ask("status")
        await house.server.close()
        assert await line.hear() is None


async def test_a_defect_is_told_and_the_next_command_is_answered(house: House) -> None:
    house.plant.fault = ZeroDivisionError("secret")
    async with house.line() as line:
        reply = await line.ask("status")
        assert reply["error"]["code"] == wire.INTERNAL_ERROR
        assert (
            "a defect of" not in reply["error"]["message"] or "ZeroDivision" not in reply["error"]["message"]
        )
        house.plant.fault = None
        assert "result" in await line.ask("status")
    assert [(method, type(fault)) for method, fault in house.defects] == [("status", ZeroDivisionError)]


async def test_what_changes_something_is_written_down_with_who_and_what_came_of_it(house: House) -> None:
    async with house.line() as line:
        await line.ask("list.load", name="people", rows=[["+15550100101"]])
        await line.ask("campaign.apply", text=SPRING, filename="spring.yaml")
        await line.ask("campaign.start", name="spring")
        await line.ask("campaign.start", name="autumn")
        await line.ask("campaign.list")
    loaded, done, started, unknown = house.audited
    assert (loaded.command, loaded.subject, loaded.result) == ("list load", "people", "done")
    assert done == Audited(1000, 4711, "admin", "campaign apply", "spring.yaml", "done")
    assert started == Audited(1000, 4711, "admin", "campaign start", "spring", "done")
    assert unknown.subject == "autumn"
    assert unknown.result.startswith("refused: no campaign 'autumn'")


async def test_an_attempt_without_the_role_is_written_down_too(house: House) -> None:
    house.role = Role.VIEWER
    async with house.line() as line:
        await line.ask("campaign.stop", name="spring")
    (entry,) = house.audited
    assert (entry.role, entry.command) == ("viewer", "campaign stop")
    assert entry.result.startswith("refused: ")


async def test_a_caller_who_has_nothing_more_to_say_is_still_answered(house: House) -> None:
    async with house.line() as line:
        await line.ask("list.load", name="people", rows=[["+15550100101"]])
        await line.ask("campaign.apply", text=SPRING)
        line.writer.write(b'{"jsonrpc":"2.0","id":1,"method":"campaign.start","params":{"name":"spring"}}\n')
        line.writer.write_eof()
        assert (await line.hear())["result"]["state"] == "running"
