"""The files as they lie on disk: read, with the secret beside them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialerd.config import ConfigError, DaemonConfig, parse_daemon, read_campaign, read_daemon
from dialerd.config.reference import PAGE, page
from dialerd.config.schema import CampaignFile, DaemonFile
from dialerd.domain.campaign import Campaign
from tests.config.files import CAMPAIGN, DAEMON, ETC, daemon
from tests.config.schema_walk import keys_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a right file whose secret lies beside it."""
    write_secret(tmp_path, "s3cret word!\n")
    text = DAEMON.replace("/etc/dialerd/ami.secret", str(tmp_path / "ami.secret"))
    (tmp_path / "dialerd.yaml").write_text(text)
    return tmp_path


def write_secret(folder: Path, content: str | bytes, mode: int = 0o600) -> None:
    """Write the secret's file."""
    path = folder / "ami.secret"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)


def told_of(folder: Path) -> str:
    """Return the one problem that stops the file from being read."""
    with pytest.raises(ConfigError) as caught:
        read_daemon(folder / "dialerd.yaml")
    (problem,) = caught.value.problems
    return str(problem).replace(str(folder), "DIR")


def test_a_right_file_is_read_with_its_secret(folder: Path) -> None:
    config = read_daemon(folder / "dialerd.yaml")

    assert config.secret() == "s3cret word!"
    assert config.asterisk.port == 5038
    assert config.asterisk.trail == Path("/var/log/asterisk/cel-custom/dialerd.csv")
    assert config.state.database == Path("/var/lib/dialerd/dialerd.db")
    assert config.control.admins == ("wheel",)
    assert config.log.format == "plain"


def test_the_secret_is_read_anew_each_time_and_stands_in_no_text_of_the_configuration(folder: Path) -> None:
    config = read_daemon(folder / "dialerd.yaml")
    write_secret(folder, "another")

    assert config.secret() == "another"
    assert "another" not in repr(config)
    assert "s3cret" not in repr(config)


@pytest.mark.parametrize("content", ["word", "word\n", "word\r\n"])
def test_the_end_of_the_line_is_no_part_of_the_secret(folder: Path, content: str) -> None:
    write_secret(folder, content)

    assert read_daemon(folder / "dialerd.yaml").secret() == "word"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b" word", b"word ", b"a\nb", b"a\n\n", b"a\rb", b"na\xc3\xafve", b"\xff", b"\0", b"x" * 129],
)
def test_what_cannot_be_sent_as_a_secret_is_refused_and_not_shown(folder: Path, content: bytes) -> None:
    write_secret(folder, content)

    assert told_of(folder) == (
        "DIR/dialerd.yaml:5:16: asterisk.secret_file: DIR/ami.secret holds no secret that can be sent; "
        "write one line of 1 to 128 letters, digits and signs of ASCII, without a space at its ends"
    )


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o644, 0o777])
def test_a_secret_that_is_open_to_everyone_is_refused(folder: Path, mode: int) -> None:
    write_secret(folder, "word", mode)

    assert told_of(folder) == (
        f"DIR/dialerd.yaml:5:16: asterisk.secret_file: DIR/ami.secret is open to everyone (mode {mode:04o}); "
        "run `chmod 0600 DIR/ami.secret`"
    )


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o640])
def test_a_secret_that_its_owner_and_group_may_read_is_taken(folder: Path, mode: int) -> None:
    write_secret(folder, "word", mode)

    assert read_daemon(folder / "dialerd.yaml").secret() == "word"


def test_a_secret_that_is_not_there_is_told(folder: Path) -> None:
    (folder / "ami.secret").unlink()

    assert told_of(folder) == (
        "DIR/dialerd.yaml:5:16: asterisk.secret_file: DIR/ami.secret cannot be read: "
        "No such file or directory; dialerd itself must be able to read it"
    )


def test_a_secret_that_is_no_file_is_told_and_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "ami.secret").unlink()
    os.mkfifo(folder / "ami.secret", 0o600)

    assert "DIR/ami.secret is not a file; " in told_of(folder)


def with_credential(folder: Path) -> None:
    """Let the file name a credential instead."""
    text = (folder / "dialerd.yaml").read_text()
    old = f"secret_file: {folder / 'ami.secret'}"
    (folder / "dialerd.yaml").write_text(text.replace(old, "secret_credential: ami.secret"))


def test_a_credential_is_found_where_the_service_manager_put_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_credential(folder)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))

    assert read_daemon(folder / "dialerd.yaml").secret() == "s3cret word!"


def test_a_credential_without_a_service_manager_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_credential(folder)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    assert told_of(folder) == (
        "DIR/dialerd.yaml:5:22: asterisk.secret_credential: there are no credentials "
        "(CREDENTIALS_DIRECTORY is not set); "
        "start dialerd as a service with `LoadCredential=`, or write `secret_file:` instead"
    )


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert told_of(tmp_path) == (
        "DIR/dialerd.yaml:1:1: the file cannot be read: No such file or directory; "
        "name the file with --config"
    )


def test_a_file_that_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "dialerd.yaml").mkdir()

    assert "the file cannot be read: Is a directory" in told_of(tmp_path)


def test_a_file_that_is_not_utf8_is_told_with_its_byte(folder: Path) -> None:
    with (folder / "dialerd.yaml").open("ab") as file:
        size = file.tell()
        file.write(b"# Ren\xe9\n")

    assert f"byte {size + 5} (0xe9) is not UTF-8" in told_of(folder)


def test_the_example_files_are_right_and_show_every_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ami-secret").write_text("word")
    (tmp_path / "ami-secret").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    config = read_daemon(ETC / "dialerd.yaml")
    example = (ETC / "campaigns" / "example.yaml").read_text()

    assert read_campaign(example, "example.yaml", config).name == "example"
    for schema, text in ((DaemonFile, (ETC / "dialerd.yaml").read_text()), (CampaignFile, example)):
        assert [key for key in keys_of(schema) if f"{key}:" not in text] == []


def test_the_examples_defaults_are_the_built_in_ones() -> None:
    shown = parse_daemon((ETC / "dialerd.yaml").read_text(), "dialerd.yaml")
    least = "asterisk: {secret_credential: ami-secret}\n"
    built_in = parse_daemon(least, "least.yaml")

    def campaign(config: DaemonConfig) -> Campaign:
        rules = "queue: sales\ntrunk: main\ncaller_ids: office\n"
        return read_campaign(f"name: a\nlist: b\n{rules}", "c.yaml", config)

    plant = "trunks: {main: {dial: 'PJSIP/{number}@a', channels: 1, calls_per_second: 1}}\n"
    plant += "queues: {sales: {}}\ncaller_ids: {office: {numbers: ['123']}}\n"
    assert campaign(shown) == campaign(parse_daemon(least + plant, "least.yaml"))
    assert (shown.state, shown.control, shown.log) == (built_in.state, built_in.control, built_in.log)
    assert shown.settings.channels == built_in.settings.channels
    assert shown.settings.calls_per_second == built_in.settings.calls_per_second
    assert shown.asterisk.model_copy(update={"trail": None}) == built_in.asterisk


def test_the_manual_is_what_the_schema_says() -> None:
    written = (ETC.parent / PAGE).read_text()

    assert written == page(), f"run: python -m dialerd.config.reference {PAGE}"


def test_the_manual_names_every_key() -> None:
    text = page()

    assert [
        key for schema in (DaemonFile, CampaignFile) for key in keys_of(schema) if f"{key}`" not in text
    ] == []


def test_naming_the_configuration_imports_neither_yaml_nor_pydantic() -> None:
    program = "import sys, dialerd.config; assert not {'yaml', 'pydantic'} & set(sys.modules), 'heavy'"

    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_campaign_is_read_from_bytes_as_from_text() -> None:
    assert read_campaign(CAMPAIGN.encode(), "c", daemon()) == read_campaign(CAMPAIGN, "c", daemon())
