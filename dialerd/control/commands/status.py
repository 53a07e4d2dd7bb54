"""The state of everything."""

from dialerd.control.spec import Role, command


@command(
    "status",
    role=Role.VIEWER,
    example="dialerctl status",
    reply={
        "now": "the daemon's time",
        "asterisk": "`up`, `reason`, and `reconciled`: whether open attempts agree with Asterisk's channels",
        "database": "`writable`, and `reason` when it is not",
        "draining": "why the daemon is about to end, or null",
        "calls": "calls in flight by stage",
        "campaigns": "a line for each campaign, as in `campaign list`",
        "queues": "for each queue, its members by state",
        "trunks": "for each trunk, `in_use` and `channels`",
    },
)
class Status:
    """Show the state of everything: link, database, campaigns, queues, trunks."""
