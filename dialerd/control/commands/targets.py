"""One person, by number."""

from dialerd.control.spec import NUMBER, Role, argument, command


@command(
    "target show",
    role=Role.VIEWER,
    example="dialerctl target show +15550100123",
    reply={
        "number": "the number in E.164 form",
        "lists": "its row in each list: `list`, `target` (its id), `variables`, and `campaigns`, each with"
        " `campaign`, `state`, `reason`, `not_before`, `tries` (by outcome) and `attempts`, latest first",
    },
)
class TargetShow:
    """Show where a person stands in each list and campaign, and all calls to them."""

    number: str = argument(NUMBER, "The number, with its country code.")


@command(
    "target why",
    role=Role.VIEWER,
    example="dialerctl target why +15550100123",
    reply={
        "number": "the number in E.164 form",
        "answers": "for each campaign: `campaign`, `list`, `state` and `reason` of the target, `blocked_by`,"
        " `summary`, `clears`, `until`, `gates`: the target's own, then the campaign's, `last_outcome`,"
        " `last_note` of the last attempt",
    },
)
class TargetWhy:
    """Say why a person is being called or not: their own standing first, then the campaign's gates."""

    number: str = argument(NUMBER, "The number, with its country code.")
