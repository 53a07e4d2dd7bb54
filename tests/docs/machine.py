"""The machine of the tutorial: an Asterisk that knows nothing of dialerd yet, telephones, and a carrier."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dialerd.control.client import Client, Unreachable
from tests.docs.blocks import ROOT
from tests.lab.asterisk import RTP_PORTS
from tests.lab.ports import free_tcp_port, free_udp_port
from tests.lab.process import ChildProcess
from tests.lab.programs import LAB, Programs
from tests.lab.sipp import Carrier, Phones

OWN_FILES = {
    "extensions.conf": "[from-trunk]\n",
    "pjsip.conf": "[phone](!)\ntype = endpoint\ntransport = transport-udp\ncontext = from-trunk\n"
    "disallow = all\nallow = ulaw\n",
}
"""What this Asterisk has of the files that the tutorial adds to."""

TUTORIALS = ("manager.conf", "queues.conf", "extensions.conf", "pjsip.conf")
"""Files of the lab that are not taken: what the tutorial tells to do must be enough."""

SHIMS = {
    "asterisk": 'exec "{asterisk}" -C "{root}/etc/asterisk/asterisk.conf" "$@"',
    "install": "args=()\n"
    'while [ $# -gt 0 ]; do case $1 in -o|-g) shift;; *) args+=("$1");; esac; shift; done\n'
    'exec /usr/bin/install "${{args[@]}}"',
    "runuser": 'shift 3; exec "$@"',
    "usermod": "exit 0",
    "systemd-sysusers": "exit 0",
    "systemd-tmpfiles": 'mkdir -p "{root}/etc/dialerd" "{root}/var/log/asterisk/cel-custom"',
}
"""Programs that would need root, or find the machine's own Asterisk."""


class Machine:
    """Folders in place of the root of the file system, with what the tutorial takes for granted."""

    def __init__(self, programs: Programs, folder: Path) -> None:
        self.root = folder
        self._programs = programs
        self._carrier = Carrier(programs, folder / "carrier")
        self._phones = Phones(programs, folder / "phones")
        self._asterisk: ChildProcess | None = None
        self.ami_port, self.sip_port = free_tcp_port(), free_udp_port()
        self._lay_out()

    @property
    def replaced(self) -> Mapping[str, str]:
        """What is other here than on the reader's machine."""
        paths = (
            "/etc/",
            "/var/lib/dialerd",
            "/run/dialerd",
            "/var/log/asterisk",
            "/opt/dialerd",
            "/usr/local/bin",
        )
        return {
            **{path: f"{self.root}{path}" for path in paths},
            "198.51.100.7": "127.0.0.1",
            "5038": str(self.ami_port),
        }

    @property
    def environ(self) -> Mapping[str, str]:
        """The reader's shell."""
        path = f"{self.root}/usr/local/bin:{self.root}/shims:{os.environ['PATH']}"
        return {"PATH": path, "DIALERD_SOCKET": f"{self.root}/run/dialerd/control.sock"}

    def start(self) -> None:
        """Start telephones and carrier; Asterisk is started by the tutorial."""
        self._carrier.start()
        self._phones.start()

    def restart_asterisk(self) -> None:
        """Do what `systemctl restart asterisk` does."""
        self._stop_asterisk()
        config = self.root / "etc/asterisk/asterisk.conf"
        self._asterisk = ChildProcess(
            [self._programs.asterisk, "-C", config, "-f"], self.root, "asterisk.txt"
        )
        self._asterisk.await_true(self._is_booted, "Asterisk's start")

    def is_dialerd_there(self) -> bool:
        """Say whether the daemon takes commands."""
        try:
            with Client(self.environ["DIALERD_SOCKET"]) as client:
                return bool(client.ask("status", {}))
        except Unreachable:
            return False

    def asterisk_log(self) -> str:
        """Return Asterisk's warnings and errors."""
        return (self.root / "var/log/asterisk/messages.log").read_text(errors="replace")

    def stop(self) -> None:
        """Stop all three."""
        self._stop_asterisk()
        self._carrier.stop()
        self._phones.stop()

    def _stop_asterisk(self) -> None:
        if self._asterisk is not None:
            self._asterisk.stop()
            self._asterisk = None

    def _is_booted(self) -> bool:
        command = [str(self.root / "shims/asterisk"), "-rx", "core waitfullybooted"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return "fully booted" in done.stdout

    def _lay_out(self) -> None:
        folders = "etc/asterisk", "var/log/asterisk", "lib", "spool", "run", "cache", "usr/local/bin", "shims"
        for name in (*folders, "opt/dialerd", "etc/sysusers.d", "etc/tmpfiles.d"):
            (self.root / name).mkdir(parents=True)
        (self.root / "opt/dialerd/bin").symlink_to(Path(sys.executable).parent)
        for name, text in SHIMS.items():
            shim = self.root / "shims" / name
            shim.write_text(
                "#!/bin/bash\n" + text.format(asterisk=self._programs.asterisk, root=self.root) + "\n"
            )
            shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
        self._configure_asterisk()
        self._check_out()

    def _configure_asterisk(self) -> None:
        rtp = free_udp_port(run=RTP_PORTS)
        values = {
            "RUN": self.root,
            "MODULES": self._programs.modules,
            "DATA": self._programs.data,
            "RTP_START": rtp,
            "RTP_END": rtp + RTP_PORTS - 1,
        }
        for source in (LAB / "etc").glob("*.conf"):
            text = source.read_text()
            for name, value in values.items():
                text = text.replace(f"@{name}@", str(value))
            text = text.replace(f"{self.root}/etc", f"{self.root}/etc/asterisk")
            text = text.replace(f"{self.root}/log", f"{self.root}/var/log/asterisk")
            if source.name not in TUTORIALS:
                (self.root / "etc/asterisk" / source.name).write_text(text)
        phones = "".join(_phone(extension, self._phones.port) for extension in ("1001", "1002"))
        for name, text in OWN_FILES.items():
            (self.root / "etc/asterisk" / name).write_text(text + (phones if name == "pjsip.conf" else ""))

    def _check_out(self) -> None:
        """Lay out the files of a checkout that the tutorial uses, the samples with the ports of here."""
        checkout = self.root / "checkout"
        for name in ("asterisk", "systemd", "etc"):
            shutil.copytree(ROOT / name, checkout / name)
        manager, trunk = checkout / "asterisk/manager.conf", checkout / "asterisk/pjsip.conf"
        _replace(manager, {"port = 5038": f"port = {self.ami_port}"})
        _replace(
            trunk,
            {
                "bind = 0.0.0.0:5060": f"bind = 127.0.0.1:{self.sip_port}",
                "contact = sip:203.0.113.10:5060": f"contact = sip:203.0.113.10:{self._carrier.port}",
                "rtp_timeout = 60": "rtp_timeout = 0",  # nobody sends sound in the lab
                "qualify_frequency = 15": "qualify_frequency = 0",  # who is busy must not look dead
            },
        )


def _phone(extension: str, port: int) -> str:
    contact = f"contact = sip:{extension}@127.0.0.1:{port}"
    return f"[{extension}](phone)\naors = {extension}\n[{extension}]\ntype = aor\n{contact}\n"


def _replace(path: Path, replacements: Mapping[str, str]) -> None:
    text = path.read_text()
    for theirs, ours in replacements.items():
        if text.count(theirs) != 1:
            raise ValueError(f"{path.name} does not say {theirs!r} exactly once")
        text = text.replace(theirs, ours)
    path.write_text(text)
