"""Lists of people."""

from dialerd.control.spec import (
    COLUMNS,
    LIST,
    PAGE,
    PATH,
    ROWS,
    WORD,
    Role,
    argument,
    command,
    flag,
    option,
    whole,
)

MOST_ROWS = 500
"""Rows of one chunk of an import: one transaction, short enough for calls to go on in between."""


@command(
    "list import",
    example="dialerctl list import spring people.csv --phone mobile --country DE",
    reply={
        "list": "the list",
        "file": "the file",
        "rows": "rows read, the header not counted",
        "new": "people added; null in a dry run",
        "updated": "known people whose variables changed; null in a dry run",
        "unchanged": "known people as they were; null in a dry run",
        "duplicates": "rows whose number stands further up in the file; the first one counts",
        "rejected": "rows that were not taken",
        "rejects_file": "where those rows are, each with its line and the reason; null when there are none",
        "dry_run": "whether nothing was sent",
        "complete": "whether the file was read to its end",
    },
)
class ListImport:
    """Add the people of a file to a list, making the list if need be.

    The file is delimited text in UTF-8 with a header row. One column holds the telephone number; every other
    column becomes a variable of the person, named in capitals. Bad rows are reported and written to a file
    beside it, and the import goes on. An import may be repeated or taken up again at any time: known people
    stay as they are. Runs in dialerctl and sends the rows to the daemon in chunks (role: operator).
    """

    name: str = argument(LIST, "The list.")
    file: str = argument(PATH, "The file.")
    phone: str = option(
        WORD, "The column with the number. Default: phone, number, telephone, tel or mobile.", default=""
    )
    map: tuple[str, ...] = option(
        WORD, "NAME=COLUMN: name a column's variable. May be repeated.", default=(), many=True
    )
    only: bool = flag("Take no other columns than those of --map.")
    country: str = option(WORD, "Two letters: the country of numbers without a country code.", default="")
    delimiter: str = option(
        WORD, "What stands between columns. Default: found out from the header.", default=""
    )
    rejects: str = option(
        PATH, "Where rejected rows go. Default: beside the file, ending in .rejects.csv.", default=""
    )
    strict: bool = flag("Exit with 1 when any row was rejected.")
    dry_run: bool = flag("Check the file and send nothing; needs no daemon.")


@command(
    "list load",
    role=Role.OPERATOR,
    changes=True,
    wire_only=True,
    reply={
        "new": "people added",
        "updated": "known people whose variables changed",
        "unchanged": "known people as they were",
    },
)
class ListLoad:
    """Add rows to a list, all or none. `list import` sends these."""

    name: str = argument(LIST, "The list.")
    columns: list[str] = option(COLUMNS, "The variables' names, 20 at most.", default=())
    rows: list[list[str]] = argument(
        ROWS, f"At most {MOST_ROWS} rows: an E.164 number, then a value for each column."
    )


@command(
    "list list",
    role=Role.VIEWER,
    example="dialerctl list list",
    reply={"lists": "each list by name: `name`, `targets` (how many), `created_at`"},
)
class ListList:
    """List all lists."""


@command(
    "list show",
    role=Role.VIEWER,
    example="dialerctl list show spring --limit 20",
    reply={
        "list": "the list",
        "targets": "its people, in order: `id`, `number`, `variables`",
        "next": "what to give as --after for the next page, or null",
    },
)
class ListShow:
    """Show the people of a list."""

    name: str = argument(LIST, "The list.")
    limit: int = option(PAGE, "How many at most.", default=50)
    after: int = option(whole(0, 2**62), "Go on after this id.", default=0)
