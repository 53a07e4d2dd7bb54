"""Who is calling, and what they may do: by the kernel's word on the other end of the socket."""

import array
import errno
import grp
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from dialerd.control.spec import Role

_PEER_GROUPS = 59
"""SO_PEERGROUPS, for which Python has no name: the supplementary groups of the other end."""

_MOST_GROUPS_BYTES = 1024
"""As much as Python asks the kernel for: 256 groups. Of who is in more, only the first group counts."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end, as it was when it connected."""

    pid: int
    uid: int
    groups: frozenset[int]


def peer_of(connection: socket.socket) -> Peer:
    """Return who connected."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, gid = struct.unpack("3i", packed)
    return Peer(pid, uid, frozenset((gid, *_supplementary_groups(connection))))


def _supplementary_groups(connection: socket.socket) -> Iterable[int]:
    try:
        packed = connection.getsockopt(socket.SOL_SOCKET, _PEER_GROUPS, _MOST_GROUPS_BYTES)
    except OSError as fault:
        if fault.errno != errno.ERANGE:
            raise
        return ()
    return array.array("I", packed)


@dataclass(frozen=True, slots=True)
class Access:
    """Roles by the numbers of groups; who is in none of them may do nothing.

    root and the daemon's own user (`own_uid`) are administrators.
    """

    own_uid: int
    admins: frozenset[int] = field(default=frozenset())
    operators: frozenset[int] = field(default=frozenset())
    viewers: frozenset[int] = field(default=frozenset())

    def role(self, peer: Peer) -> Role | None:
        """Return the highest role that the caller has."""
        if peer.uid in (0, self.own_uid) or peer.groups & self.admins:
            return Role.ADMIN
        if peer.groups & self.operators:
            return Role.OPERATOR
        return Role.VIEWER if peer.groups & self.viewers else None


def access_of(
    own_uid: int, admins: Iterable[str], operators: Iterable[str], viewers: Iterable[str]
) -> tuple[Access, tuple[str, ...]]:
    """Return the access that groups by these names have, and the names of which there is no group."""
    numbers, missing = zip(*(_numbers(names) for names in (admins, operators, viewers)), strict=True)
    return Access(own_uid, *numbers), tuple(name for names in missing for name in names)


def _numbers(names: Iterable[str]) -> tuple[frozenset[int], tuple[str, ...]]:
    numbers, missing = set(), []
    for name in names:
        try:
            numbers.add(grp.getgrnam(name).gr_gid)
        except KeyError:
            missing.append(name)
    return frozenset(numbers), tuple(missing)
