"""Read a unit file as far as the tests need it."""

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "systemd"
SERVICE = FOLDER / "dialerd.service"
SYSUSERS = FOLDER / "dialerd.sysusers.conf"
TMPFILES = FOLDER / "dialerd.tmpfiles.conf"


def rows(path: Path) -> Iterator[str]:
    """Yield the lines that are neither empty nor comments."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith(("#", ";")):
            yield line


def settings(path: Path = SERVICE) -> dict[str, list[str]]:
    """Return each setting with all its values, in order; a setting may come more than once."""
    found: dict[str, list[str]] = {}
    for line in rows(path):
        if not line.startswith("["):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


def one(name: str) -> str:
    """Return the value of a setting that must be there exactly once."""
    (value,) = settings()[name]
    return value
