"""Queue members."""

from dialerd.control.spec import NAME, Role, command, option


@command(
    "agent list",
    role=Role.VIEWER,
    example="dialerctl agent list --queue sales",
    reply={
        "agents": "a row for each queue member: `queue`, `interface`, `name`, `state` (available, ringing,"
        " talking, busy, wrap_up, paused, gone), `attempt` (the call it rings or talks for),"
        " `wrapup_left_ms`, `pause_reason`",
    },
)
class AgentList:
    """List queue members and what each is doing."""

    queue: str = option(NAME, "Only members of this queue.", default="")
