"""The daemon's configuration."""

from dialerd.control.spec import PATH, Role, argument, command, flag


@command(
    "config check",
    example="dialerctl config check /etc/dialerd/dialerd.yaml",
    reply={
        "file": "the file",
        "ok": "whether it can be used",
        "problems": "each problem: `file`, `line`, `column`, `path`, `text`, `cure`",
    },
)
class ConfigCheck:
    """Check a configuration file and report all its problems at once; needs no daemon."""

    file: str = argument(
        PATH, "The file. Default: /etc/dialerd/dialerd.yaml.", default="/etc/dialerd/dialerd.yaml"
    )
    secret: bool = flag("Read the AMI secret as well, as the daemon does when it starts.")


@command(
    "config reload",
    role=Role.ADMIN,
    changes=True,
    example="dialerctl config reload",
    reply={"reloaded": "true", "needs_restart": "what changed but is only read when the daemon starts"},
)
class ConfigReload:
    """Read the configuration again: all of it is checked, then it takes over, or the old one stays."""
