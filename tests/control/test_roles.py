"""Each command and each role."""

import pytest

from dialerd.control import wire
from dialerd.control.commands import by_method
from dialerd.control.handlers import HANDLERS
from dialerd.control.spec import Role
from tests.control.conftest import House

NEEDED = {
    "agent.list": Role.VIEWER,
    "attempts": Role.VIEWER,
    "campaign.apply": Role.OPERATOR,
    "campaign.check": Role.VIEWER,
    "campaign.list": Role.VIEWER,
    "campaign.pause": Role.OPERATOR,
    "campaign.resume": Role.OPERATOR,
    "campaign.show": Role.VIEWER,
    "campaign.start": Role.OPERATOR,
    "campaign.stop": Role.OPERATOR,
    "campaign.why": Role.VIEWER,
    "config.reload": Role.ADMIN,
    "journal": Role.VIEWER,
    "list.list": Role.VIEWER,
    "list.load": Role.OPERATOR,
    "list.show": Role.VIEWER,
    "report": Role.VIEWER,
    "status": Role.VIEWER,
    "target.show": Role.VIEWER,
    "target.why": Role.VIEWER,
}
"""Written out, so that nobody gets a right by mistake."""


def test_every_command_is_in_the_table_and_has_a_handler() -> None:
    assert set(by_method()) == set(NEEDED)
    assert {spec.type for spec in by_method().values()} == set(HANDLERS)


def test_whatever_changes_something_needs_more_than_looking_and_is_audited() -> None:
    for method, spec in by_method().items():
        assert spec.changes == (NEEDED[method] > Role.VIEWER), method


@pytest.mark.parametrize("role", [None, *Role])
async def test_a_role_may_do_what_it_needs_and_nothing_above(house: House, role: Role | None) -> None:
    house.role = role
    async with house.line() as line:
        for method, needed in NEEDED.items():
            reply = await line.ask(method)
            refused = reply.get("error", {}).get("code") == wire.NOT_PERMITTED
            assert refused == (role is None or role < needed), method
    if role is None:
        assert house.plant.reloads == 0


async def test_access_can_be_replaced_while_the_server_runs(house: House) -> None:
    house.role = Role.VIEWER
    async with house.line() as line:
        assert "result" in await line.ask("status")
        house.server.access = type(house.server.access)(own_uid=900)
        assert (await line.ask("status"))["error"]["code"] == wire.NOT_PERMITTED
