"""The faults that the rules can raise."""


class DialerError(Exception):
    """A request that the rules refuse; its text says what is wrong and what to do."""
