"""systemd's own checks of the unit, without starting anything."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.systemd.unit import SERVICE, SYSUSERS, TMPFILES, one

MOST_EXPOSURE_TENTHS = 15
"""`systemd-analyze security` counts from 0 (safe) to 10; its option takes tenths."""


def tool(name: str) -> str:
    """Return the program's path; without it skip, but under CI fail."""
    path = shutil.which(name)
    if path is None:
        missing = f"{name} is missing: install the package systemd to check the unit"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def runnable_copy(folder: Path, text: str) -> Path:
    """Write the unit with a program that exists here, since the installed one, and perhaps kill, does not."""
    copy = folder / "dialerd.service"
    for program in (one("ExecStart").split()[0], one("ExecReload").split()[0]):
        text = text.replace(program, sys.executable)
    copy.write_text(text, encoding="utf-8")
    return copy


def complaints(unit: Path) -> str:
    done = run(tool("systemd-analyze"), "--man=no", "verify", str(unit))
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "dialerd" in line]
    return "\n".join(ours)


def test_systemd_has_nothing_to_complain_about(tmp_path: Path) -> None:
    assert complaints(runnable_copy(tmp_path, SERVICE.read_text(encoding="utf-8"))) == ""


def test_the_check_would_find_a_misspelt_setting(tmp_path: Path) -> None:
    text = SERVICE.read_text(encoding="utf-8").replace("WatchdogSec", "WatchdogSek")
    assert "WatchdogSek" in complaints(runnable_copy(tmp_path, text))


def test_exposure_is_at_most_one_and_a_half() -> None:
    done = run(
        tool("systemd-analyze"),
        "--no-pager",
        "--offline=true",
        f"--threshold={MOST_EXPOSURE_TENTHS}",
        "security",
        str(SERVICE),
    )
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level is not None, done.stdout + done.stderr
    assert float(level[1]) <= MOST_EXPOSURE_TENTHS / 10
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the made files get an owner")
def test_sysusers_and_tmpfiles_make_user_and_directories_in_an_empty_system(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "var/log/asterisk").mkdir(parents=True)
    users = run(tool("systemd-sysusers"), f"--root={tmp_path}", str(SYSUSERS))
    assert users.returncode == 0, users.stderr
    passwd = tmp_path / "etc/passwd"
    passwd.write_text(passwd.read_text() + "asterisk:x:990:990::/var/lib/asterisk:/bin/false\n")
    files = run(tool("systemd-tmpfiles"), "--create", f"--root={tmp_path}", str(TMPFILES))
    assert files.returncode == 0, files.stderr
    assert "\ndialerd:" in "\n" + passwd.read_text()
    assert (tmp_path / "etc/dialerd").stat().st_mode & 0o7777 == 0o755
    trail = (tmp_path / "var/log/asterisk/cel-custom").stat()
    assert (trail.st_mode & 0o7777, trail.st_uid) == (0o2750, 990)
