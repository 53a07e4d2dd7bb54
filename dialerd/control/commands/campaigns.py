"""Campaigns: rules, life and reasons."""

from dialerd.control.spec import CAMPAIGN, FILE_TEXT, WORD, Role, argument, command, flag, hidden

LINE = {
    "campaign": "its name",
    "state": "draft, running, paused, draining or finished",
    "reason": "why it is in that state, or null",
    "then": "where draining leads, or null",
    "list": "the list it dials",
    "queue": "the queue that takes answered calls",
    "trunk": "the trunk it calls through",
    "fault": "what makes its rules unusable, or null",
}
"""What every answer about one campaign holds."""


@command(
    "campaign apply",
    role=Role.OPERATOR,
    changes=True,
    example="dialerctl campaign apply spring.yaml --start",
    reply={**LINE, "changed": "whether the rules are other than before"},
)
class CampaignApply:
    """Make a campaign known from its file, or give it new rules while it is in draft or paused.

    dialerctl reads the file; the daemon checks all of it and changes nothing if anything is wrong.
    """

    text: str = argument(FILE_TEXT, "The campaign's file.")
    filename: str = hidden(WORD, "The file's name, for messages.", default="campaign")
    start: bool = flag("Start calling at once.")


@command(
    "campaign check",
    role=Role.VIEWER,
    example="dialerctl campaign check spring.yaml",
    reply={
        "campaign": "its name",
        "list": "the list it would dial",
        "queue": "the queue that would take answered calls",
        "trunk": "the trunk it would call through",
        "known": "whether the daemon has a campaign of this name",
    },
)
class CampaignCheck:
    """Check a campaign's file as `campaign apply` does, and change nothing."""

    text: str = argument(FILE_TEXT, "The campaign's file.")
    filename: str = hidden(WORD, "The file's name, for messages.", default="campaign")


@command(
    "campaign list",
    role=Role.VIEWER,
    example="dialerctl campaign list",
    reply={
        "campaigns": "a line for each campaign: the keys of `campaign start`, and `in_flight` (calls),"
        " `blocked_by` (the first closed gate, or null) and `why`",
    },
)
class CampaignList:
    """List all campaigns with state and the reason why each is calling or not."""


@command(
    "campaign show",
    role=Role.VIEWER,
    example="dialerctl campaign show spring",
    reply={
        **LINE,
        "caller_ids": "the pool of numbers it shows",
        "ring_timeout_ms": "how long a phone may ring",
        "max_wait_ms": "how long an answered person may wait for an agent",
        "pacing": "`method` and `level`",
        "hours": "`zone` and `minutes_by_weekday` (0 is Monday), or null for always",
        "retry": "for each outcome, `count` and `every_ms`",
        "in_flight": "calls in flight",
        "ready": "targets held ready in memory",
        "source": "the text of its file",
        "targets": "its targets by state",
    },
)
class CampaignShow:
    """Show a campaign's rules and state."""

    name: str = argument(CAMPAIGN, "The campaign's name.")


@command(
    "campaign start", role=Role.OPERATOR, changes=True, example="dialerctl campaign start spring", reply=LINE
)
class CampaignStart:
    """Start calling."""

    name: str = argument(CAMPAIGN, "The campaign's name.")


@command(
    "campaign pause", role=Role.OPERATOR, changes=True, example="dialerctl campaign pause spring", reply=LINE
)
class CampaignPause:
    """Place no more calls; calls in flight go on to their end."""

    name: str = argument(CAMPAIGN, "The campaign's name.")
    hang_up: bool = flag("End calls in flight at once.")


@command(
    "campaign resume",
    role=Role.OPERATOR,
    changes=True,
    example="dialerctl campaign resume spring",
    reply=LINE,
)
class CampaignResume:
    """Go on calling after a pause."""

    name: str = argument(CAMPAIGN, "The campaign's name.")


@command(
    "campaign stop",
    role=Role.OPERATOR,
    changes=True,
    example="dialerctl campaign stop spring --hang-up",
    reply=LINE,
)
class CampaignStop:
    """End the campaign for good; calls in flight go on to their end."""

    name: str = argument(CAMPAIGN, "The campaign's name.")
    hang_up: bool = flag("End calls in flight at once.")


@command(
    "campaign why",
    role=Role.VIEWER,
    example="dialerctl campaign why spring",
    reply={
        **LINE,
        "in_flight": "calls in flight",
        "blocked_by": "the first closed gate, or null when it is calling",
        "summary": "the answer in words",
        "clears": "what will open that gate, or null",
        "until": "when it opens, if known",
        "gates": "every gate in order: `rule`, `open`, `text`, `clears`, `until`",
        "pacing": "what the last pacing decision was made from, or null",
        "targets": "its targets by state",
    },
)
class CampaignWhy:
    """Say why the campaign is calling or not: every gate in order, and the first that blocks."""

    name: str = argument(CAMPAIGN, "The campaign's name.")
