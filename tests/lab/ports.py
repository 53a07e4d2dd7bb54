"""Free ports of the loopback interface."""

import socket


def free_tcp_port() -> int:
    """A TCP port nobody listens at now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_udp_port(run: int = 1) -> int:
    """A UDP port nobody uses now; with `run`, the first of so many in a row, and even."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        if run == 1:
            return first
        first = 10_000 + first % 40_000 // 2 * 2
        if first + run < 65_000 and _all_free(range(first, first + run)):
            return first


def _all_free(ports: range) -> bool:
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
