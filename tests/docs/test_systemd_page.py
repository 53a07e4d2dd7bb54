"""The page about systemd says the same as the files that it installs."""

import re

from tests.docs.blocks import ROOT, blocks
from tests.systemd.unit import SERVICE, one, settings

PAGE = ROOT / "docs/howto/systemd.md"


def commands() -> list[str]:
    return [line for block in blocks(PAGE) if block.language == "sh" for line in block.text.splitlines()]


def test_files_go_where_the_unit_itself_says() -> None:
    header = set(re.findall(r"^#   (install -m 0644 systemd/.*)$", SERVICE.read_text(), re.MULTILINE))
    assert {line for line in commands() if line.startswith("install -m 0644 systemd/")} == header


def test_the_program_lies_where_the_unit_starts_it() -> None:
    folder = one("ExecStart").split()[0].removesuffix("/bin/dialerd")
    assert f"python3 -m venv {folder}" in commands()


def test_credential_and_exit_codes_are_those_of_the_unit() -> None:
    text = PAGE.read_text(encoding="utf-8")
    name, path = one("LoadCredential").split(":")
    assert f"secret_credential: {name}" in text
    assert f"install -m 0600 /dev/stdin {path}" in commands()
    assert set(re.findall(r"\b(7[58])\b", text)) == set(one("RestartPreventExitStatus").split())


def test_what_is_changed_with_systemctl_edit_is_a_setting_of_the_unit() -> None:
    (drop_in,) = (block.text for block in blocks(PAGE) if block.language == "ini")
    assert set(re.findall(r"^(\w+)=", drop_in, re.MULTILINE)) <= set(settings())
