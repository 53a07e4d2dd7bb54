"""The numbers that a campaign shows, and which one comes next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallerIdPool:
    """Numbers (digits, an optional plus) shown in strict turn, with an optional name."""

    name: str
    numbers: tuple[str, ...]
    display_name: str = ""

    def turn(self, count: int) -> str:
        """Return the number for the call of that count, round and round."""
        return self.numbers[count % len(self.numbers)]
