"""Whatever the service needs is there: made by the unit itself, by tmpfiles or by sysusers."""

import re
from pathlib import Path, PurePosixPath

from dialerd.config.schema import StateSection
from dialerd.control.wire import DEFAULT_SOCKET
from tests.systemd.unit import FOLDER, SYSUSERS, TMPFILES, one, rows, settings

OF_THE_SYSTEM = {"/bin/kill", "/var/log", "/usr/sbin/nologin"}
INSTALLED = {"/opt/dialerd/bin/dialerd"}
WRITTEN_BY_PEOPLE = {"/etc/dialerd/dialerd.yaml", "/etc/dialerd/ami.secret"}
MADE_BELOW = {
    "StateDirectory": "/var/lib",
    "RuntimeDirectory": "/run",
    "ConfigurationDirectory": "/etc",
}


def made_by_the_unit() -> set[str]:
    return {f"{root}/{one(name)}" for name, root in MADE_BELOW.items()}


def made_by_tmpfiles() -> set[str]:
    return {line.split()[1] for line in rows(TMPFILES) if line.startswith("d ")}


def paths_of_the_unit() -> set[str]:
    """Every absolute path in the unit; a leading minus marks those that may be missing."""
    text = " ".join(value for values in settings().values() for value in values)
    return set(re.findall(r"(?:^|[\s:=])(-?/[\w./-]+)", text))


def test_every_path_in_the_unit_is_made_by_something() -> None:
    made = made_by_the_unit() | made_by_tmpfiles()
    needed = {path for path in paths_of_the_unit() if not path.startswith("-")}
    assert needed - made - OF_THE_SYSTEM - INSTALLED - WRITTEN_BY_PEOPLE == set()


def test_database_and_control_socket_lie_where_the_unit_lets_the_daemon_write() -> None:
    writable = {f"/var/lib/{one('StateDirectory')}", f"/run/{one('RuntimeDirectory')}"}
    used = {str(StateSection().database.parent), str(PurePosixPath(DEFAULT_SOCKET).parent)}
    assert used == writable


def test_files_that_people_write_have_a_directory_before_the_first_start() -> None:
    folders = {str(PurePosixPath(path).parent) for path in WRITTEN_BY_PEOPLE}
    assert folders <= made_by_tmpfiles()


def test_the_trail_is_bound_from_the_directory_that_tmpfiles_makes_and_asterisk_writes() -> None:
    trail = one("BindReadOnlyPaths").removeprefix("-")
    assert trail in made_by_tmpfiles()
    asterisk = (FOLDER.parent / "asterisk" / "cel_custom.conf").read_text(encoding="utf-8")
    assert trail in asterisk


def test_the_secret_belongs_to_root_alone_and_comes_as_a_credential() -> None:
    name, source = one("LoadCredential").split(":")
    assert name == "ami-secret"
    assert f"z {source} 0600 root root - -" in set(rows(TMPFILES))


def test_user_and_groups_are_made_by_sysusers() -> None:
    kinds = {(line.split()[0], line.split()[1]) for line in rows(SYSUSERS)}
    assert ("u", one("User")) in kinds
    assert one("User") == one("Group") == "dialerd"
    assert {("g", group) for group in one("SupplementaryGroups").split()} <= kinds


def test_asterisk_secrets_and_command_socket_are_out_of_reach_of_the_group_asterisk() -> None:
    hidden = {path.removeprefix("-") for path in one("InaccessiblePaths").split()}
    assert {"/etc/asterisk", "/run/asterisk", "/var/spool/asterisk"} <= hidden


def test_peer_credentials_still_name_the_user_who_asks() -> None:
    assert one("PrivateUsers") == "no"


def test_a_wrong_configuration_and_a_taken_database_are_not_tried_again() -> None:
    assert set(one("RestartPreventExitStatus").split()) == {"78", "75"}


def test_nothing_is_installed_where_other_software_of_the_same_name_lies() -> None:
    taken = ("/usr/", "/opt/issabel/", "/opt/elastix/")
    used = {path.removeprefix("-") for path in paths_of_the_unit()} | made_by_the_unit()
    assert [path for path in sorted(used) if path.startswith(taken)] == []
    assert Path(one("ExecStart").split()[0]).name == "dialerd"
