"""What dialerctl's exit codes mean; scripts may rely on them."""

from dialerd.control import wire

OK = 0
REFUSED = 1
"""The rules refuse it, or it cannot be done now."""
USAGE = 2
"""The command line is wrong."""
NOT_FOUND = 3
NOT_PERMITTED = 4
UNREACHABLE = 69
"""No daemon answers."""
DEFECT = 70
"""A defect of the program."""
CONFIG = 78
"""A file of configuration or of a campaign has problems."""
INTERRUPTED = 130

BY_FAULT = {
    wire.REFUSED: REFUSED,
    wire.BUSY: REFUSED,
    wire.NOT_FOUND: NOT_FOUND,
    wire.NOT_PERMITTED: NOT_PERMITTED,
    wire.INVALID_PARAMS: USAGE,
    wire.METHOD_NOT_FOUND: USAGE,
    wire.INVALID_REQUEST: DEFECT,
    wire.PARSE_ERROR: DEFECT,
    wire.INTERNAL_ERROR: DEFECT,
}

MEANINGS = {
    OK: "done",
    REFUSED: "refused, or not possible now",
    USAGE: "the command line is wrong",
    NOT_FOUND: "no such campaign, list, queue or number",
    NOT_PERMITTED: "the caller's role does not permit it",
    UNREACHABLE: "no daemon answers at the socket",
    DEFECT: "a defect of the program",
    CONFIG: "a configuration or campaign file has problems",
    INTERRUPTED: "interrupted from the keyboard",
}
"""For the reference."""
