"""Where the lab's Asterisk and SIPp are."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

LAB = Path(__file__).parent
CHECKOUT = LAB.parent.parent
SAMPLES = CHECKOUT / "asterisk"
OLDEST_ASTERISK = (22, 1)  # the arguments of Queue() and the event filters of the samples are those of 22.1


class NoLabError(Exception):
    """No Asterisk or no SIPp can be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The commands that start Asterisk and SIPp, and Asterisk's modules and sounds."""

    asterisk: Path
    sipp: Path
    modules: Path
    data: Path


def find_programs(folder: Path = CHECKOUT / ".lab") -> Programs:
    """The private programs below `folder`, fetched if need be, else those of this machine."""
    fetch = subprocess.run([LAB / "fetch.sh", folder], capture_output=True, text=True, check=False)
    if fetch.returncode == 0:
        root = folder / "root"
        return Programs(
            folder / "bin/asterisk", folder / "bin/sipp", root / "modules", root / "usr/share/asterisk"
        )
    installed = _installed_programs()
    if installed is None:
        raise NoLabError(fetch.stderr.strip() or f"fetch.sh ended with {fetch.returncode}")
    return installed


def _installed_programs() -> Programs | None:
    asterisk = shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    sipp = shutil.which("sipp")
    modules = next(Path("/usr/lib").glob("*/asterisk/modules"), Path("/usr/lib/asterisk/modules"))
    data = next((p for p in map(Path, ("/usr/share/asterisk", "/var/lib/asterisk")) if p.is_dir()), None)
    if asterisk is None or sipp is None or data is None or _version(asterisk) < OLDEST_ASTERISK:
        return None
    return Programs(Path(asterisk), Path(sipp), modules, data)


def _version(asterisk: str) -> tuple[int, int]:
    said = subprocess.run([asterisk, "-V"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)
