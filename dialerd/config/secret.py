"""The AMI secret: it lies in a file of its own, is read when it is needed, and is never shown."""

import os
import re
import stat
from pathlib import Path

from dialerd.config.kinds import Wrong
from dialerd.config.schema import AsteriskSection

CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""The environment variable in which systemd names the folder of a service's credentials."""

_MOST_BYTES = 256
_SECRET = re.compile(rb"[!-~]([ -~]{0,126}[!-~])?")


def key_of_secret(section: AsteriskSection) -> str:
    """Return the key of the section that names the secret."""
    return "secret_file" if section.secret_file else "secret_credential"


def read_secret(section: AsteriskSection) -> str:
    """Return the secret that the section names; raises Wrong, which holds nothing of the content."""
    path = _path_of(section)
    try:
        content, mode = _content(path)
    except OSError as error:
        raise Wrong(
            f"{path} cannot be read: {error.strerror}", "dialerd itself must be able to read it"
        ) from None
    if not stat.S_ISREG(mode):
        raise Wrong(f"{path} is not a file", "name a file that holds the secret and nothing else")
    if mode & stat.S_IRWXO:
        raise Wrong(f"{path} is open to everyone (mode {stat.S_IMODE(mode):04o})", f"run `chmod 0600 {path}`")
    line = content.removesuffix(b"\n").removesuffix(b"\r")
    if _SECRET.fullmatch(line) is None:
        cure = "write one line of 1 to 128 letters, digits and signs of ASCII, without a space at its ends"
        raise Wrong(f"{path} holds no secret that can be sent", cure)
    return line.decode("ascii")


def _path_of(section: AsteriskSection) -> Path:
    if section.secret_file:
        return section.secret_file
    folder = os.environ.get(CREDENTIALS)
    if not folder or not section.secret_credential:
        cure = "start dialerd as a service with `LoadCredential=`, or write `secret_file:` instead"
        raise Wrong(f"there are no credentials ({CREDENTIALS} is not set)", cure)
    return Path(folder) / section.secret_credential


def _content(path: Path) -> tuple[bytes, int]:
    """Return the beginning of the file and its mode; a pipe is not waited for."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        return (file.read(_MOST_BYTES) if stat.S_ISREG(mode) else b""), mode
