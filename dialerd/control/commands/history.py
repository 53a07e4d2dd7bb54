"""What has happened."""

from dialerd.control.spec import (
    ATTEMPT,
    CAMPAIGN,
    NUMBER,
    PAGE,
    WORD,
    Role,
    argument,
    choice,
    command,
    flag,
    option,
)

OUTCOMES = (
    "answered",
    "abandoned",
    "hung_up",
    "busy",
    "no_answer",
    "rejected",
    "invalid",
    "unreachable",
    "congestion",
    "failed",
    "cancelled",
    "lost",
    "unknown",
    "not_sent",
)
"""Every outcome's word; written out here so that dialerctl need not load the rules."""


@command(
    "attempts",
    role=Role.VIEWER,
    example="dialerctl attempts --campaign spring --outcome busy --limit 20",
    reply={
        "attempts": "calls, latest first: `id`, `campaign`, `list`, `number`, `caller_id`, `trunk`, `queue`;"
        " `opened_at`, `sent_at`, `ringing_at`, `answered_at`, `connected_at`, `ended_at`; `state` (open,"
        " closed), `outcome`; `cause`, `cause_text`, `sip_code` as the network gave them; `agent`,"
        " `answer_to_agent_ms`, `message_played`, `ended_by` (person, dialer), `end_reason`, `note`",
        "next": "what to give as --after for the next page, or null",
    },
)
class Attempts:
    """List calls, latest first."""

    campaign: str = option(CAMPAIGN, "Only calls of this campaign.", default="")
    number: str = option(NUMBER, "Only calls to this number.", default="")
    outcome: str = option(choice(*OUTCOMES), "Only calls that ended so.", default="")
    open: bool = flag("Only calls in flight.")
    limit: int = option(PAGE, "How many at most.", default=50)
    after: str = option(ATTEMPT, "Go on after this attempt.", default="")


@command(
    "report",
    role=Role.VIEWER,
    example="dialerctl report spring --json",
    reply={
        "campaign": "its name",
        "list": "the list it dials",
        "state": "draft, running, paused, draining or finished",
        "attempts": "calls placed",
        "open": "of them, calls in flight",
        "outcomes": "the others by outcome",
        "live_answers": "calls that a person answered",
        "abandoned": "answered, and not with an agent before the limit",
        "abandoned_percent": "of answered and abandoned calls, or null",
        "answer_to_agent_ms": "`median`, `p95`, `max`, each a wait that some person had",
        "targets": "its targets by state: `ready`, `in_flight`, `waiting`, `done`",
        "first_attempt_at": "when the first call was placed",
        "last_attempt_at": "when the latest call was placed",
    },
)
class Report:
    """Show a campaign's figures."""

    name: str = argument(CAMPAIGN, "The campaign's name.")


@command(
    "journal",
    role=Role.VIEWER,
    example="dialerctl journal spring",
    reply={"entries": "what was noted, latest first: `at`, `kind`, `subject`, `text`"},
)
class Journal:
    """Show what was noted, latest first, of everything or of one subject."""

    subject: str = argument(WORD, "A campaign, an attempt, `asterisk`, `database` ...", default="")
    limit: int = option(PAGE, "How many at most.", default=50)
