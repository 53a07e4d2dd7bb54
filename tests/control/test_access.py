"""Who is who on the socket."""

import os
import socket

from dialerd.control.access import Access, Peer, access_of, peer_of
from dialerd.control.spec import Role

ACCESS = Access(own_uid=900, admins=frozenset({1}), operators=frozenset({2}), viewers=frozenset({3}))


def peer(uid: int = 1000, *groups: int) -> Peer:
    return Peer(4711, uid, frozenset(groups))


def test_root_and_the_daemons_own_user_are_admins() -> None:
    assert ACCESS.role(peer(0)) is Role.ADMIN
    assert ACCESS.role(peer(900)) is Role.ADMIN


def test_a_group_gives_its_role_and_the_highest_counts() -> None:
    assert ACCESS.role(peer(1000, 1)) is Role.ADMIN
    assert ACCESS.role(peer(1000, 2)) is Role.OPERATOR
    assert ACCESS.role(peer(1000, 3)) is Role.VIEWER
    assert ACCESS.role(peer(1000, 3, 2, 77)) is Role.OPERATOR


def test_who_is_in_no_group_has_no_role() -> None:
    assert ACCESS.role(peer(1000)) is None
    assert ACCESS.role(peer(1000, 77)) is None
    assert Access(own_uid=900).role(peer(65534, 0)) is None


def test_the_kernel_says_who_connected() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        found = peer_of(here)
    assert (found.pid, found.uid) == (os.getpid(), os.getuid())
    assert found.groups == {os.getgid(), *os.getgroups()}


def test_groups_that_do_not_exist_are_named_and_give_nobody_a_role() -> None:
    access, missing = access_of(900, ["root"], ["no-such-group"], [])
    assert missing == ("no-such-group",)
    assert access == Access(900, frozenset({0}))
