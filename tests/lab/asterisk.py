"""A real Asterisk with the shipped samples, on free ports, in a folder of its own."""

import shutil
import socket
from pathlib import Path

from tests.lab.ports import free_tcp_port, free_udp_port
from tests.lab.process import ChildProcess
from tests.lab.programs import LAB, SAMPLES, Programs

SECRET = "lab-secret"
RTP_PORTS = 1000
QUEUES: dict[str, tuple[str, ...]] = {
    "sales": tuple(f"Local/{extension}@lab-agents" for extension in range(2001, 2021)),
    "support": tuple(f"Local/{extension}@lab-agents" for extension in range(2101, 2106)),
    "wrap": tuple(f"Local/{extension}@lab-agents" for extension in range(2201, 2203)),
    "stay": tuple(f"Local/{extension}@lab-agents" for extension in range(2501, 2506)),
    "screen": ("Local/2401@lab-agents",),
    "slow": ("Local/2601@lab-agents",),
    "deaf": ("Local/2701@lab-agents",),
    "phones": ("PJSIP/1001", "PJSIP/1002"),
    "deafphones": ("PJSIP/1301",),
}
PHONES = tuple(
    member.removeprefix("PJSIP/") for names in QUEUES.values() for member in names if "PJSIP" in member
)


class AsteriskProcess:
    """One Asterisk from start() to stop() or kill(); restart() keeps its ports and its folder."""

    def __init__(
        self,
        programs: Programs,
        folder: Path,
        *,
        carrier_port: int,
        phones_port: int = 9,
        talk_s: float = 3.0,
        samples: Path = SAMPLES,
    ) -> None:
        self.ami_port = free_tcp_port()
        self.sip_port = free_udp_port()
        self.cel_file = folder / "log/cel-custom/dialerd.csv"
        self._programs = programs
        self._folder = folder
        self._samples = samples
        self._child: ChildProcess | None = None
        self._render(carrier_port, phones_port, talk_s)

    def start(self) -> None:
        """Start and return when Asterisk takes orders (FullyBooted)."""
        self._child = ChildProcess(
            [self._programs.asterisk, "-C", self._folder / "etc/asterisk.conf", "-f"],
            self._folder,
            "console.txt",
        )
        self._child.await_true(self._takes_orders, "FullyBooted")

    def stop(self) -> None:
        """End in order: calls are hung up, clients told."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """End at once (SIGKILL), as in a crash: nobody is told anything."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def restart(self) -> None:
        """Start again with the same ports and files, after stopping if it runs."""
        self.stop()
        self.start()

    def log(self) -> str:
        """Asterisk's warnings and errors so far."""
        log = self._folder / "log/messages.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _takes_orders(self) -> bool:
        login = f"Action: Login\r\nUsername: lab\r\nSecret: {SECRET}\r\n\r\n".encode()
        try:
            with socket.create_connection(("127.0.0.1", self.ami_port), timeout=5) as connection:
                connection.sendall(login)
                heard = b""
                while b"FullyBooted" not in heard:
                    if not (more := connection.recv(4096)):
                        return False
                    heard += more
        except OSError:
            return False
        return True

    def _render(self, carrier_port: int, phones_port: int, talk_s: float) -> None:
        for name in ("etc", "lib", "spool", "run", "log/cel-custom", "cache"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        rtp = free_udp_port(run=RTP_PORTS)
        values = {
            "RUN": self._folder,
            "SAMPLES": self._samples,
            "MODULES": self._programs.modules,
            "DATA": self._programs.data,
            "AMI_PORT": self.ami_port,
            "RTP_START": rtp,
            "RTP_END": rtp + RTP_PORTS - 1,
            "SECRET": SECRET,
            "TALK_S": talk_s,
            "DEAD_PORT": free_udp_port(),
            "PHONE_ENDPOINTS": "\n".join(_phone(extension, phones_port) for extension in PHONES),
        }
        values |= {queue.upper(): _member_lines(members) for queue, members in QUEUES.items()}
        for source in (LAB / "etc").glob("*.conf"):
            (self._folder / "etc" / source.name).write_text(_filled(source.read_text(), values))
        for name in ("cel.conf", "cel_custom.conf"):
            shutil.copy(self._samples / name, self._folder / "etc" / name)
        trunk = _on_loopback((self._samples / "pjsip.conf").read_text(), self.sip_port, carrier_port)
        (self._folder / "etc/pjsip-sample.conf").write_text(trunk)


def _filled(text: str, values: dict[str, object]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def _member_lines(members: tuple[str, ...]) -> str:
    return "\n".join(f"member => {member}" for member in members)


def _phone(extension: str, port: int) -> str:
    contact = f"contact = sip:{extension}@127.0.0.1:{port}"
    return f"[{extension}](phone)\naors = {extension}\n[{extension}]\ntype = aor\n{contact}\n"


def _on_loopback(sample: str, sip_port: int, carrier_port: int) -> str:
    """The sample trunk with the lab's addresses; no qualify: a busy machine must not look like a dead one."""
    replacements = {
        "bind = 0.0.0.0:5060": f"bind = 127.0.0.1:{sip_port}",
        "contact = sip:203.0.113.10:5060": f"contact = sip:127.0.0.1:{carrier_port}",
        "match = 203.0.113.10": f"match = 127.0.0.1:{carrier_port}",
        "qualify_frequency = 15": "qualify_frequency = 0",
        "rtp_timeout = 60": "rtp_timeout = 0",
    }
    for theirs, ours in replacements.items():
        if sample.count(theirs) != 1:
            raise ValueError(f"asterisk/pjsip.conf does not say {theirs!r} exactly once")
        sample = sample.replace(theirs, ours)
    return sample
