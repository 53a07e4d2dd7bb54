"""A telephone number that was checked once and is never a bare string afterwards."""

import re
from dataclasses import dataclass

_E164 = re.compile(r"\+[1-9][0-9]{5,14}")


@dataclass(frozen=True, slots=True, order=True)
class Phone:
    """A number in E.164 form; `ValueError` for anything but a plus and 6 to 15 ASCII digits."""

    e164: str

    def __post_init__(self) -> None:
        if _E164.fullmatch(self.e164) is None:
            raise ValueError(f"not an E.164 number: {self.e164[:40]!r}")

    @property
    def digits(self) -> str:
        """The number without its plus: digits and nothing else."""
        return self.e164[1:]

    def __str__(self) -> str:
        return self.e164
