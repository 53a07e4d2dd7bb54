"""Where each command is defined; modules are imported only when one of their commands is wanted."""

from importlib import import_module

from dialerd.control.spec import SPECS, Spec

MODULES = {
    "agent": "agents",
    "attempts": "history",
    "campaign": "campaigns",
    "completion": "completion",
    "config": "configuration",
    "journal": "history",
    "list": "lists",
    "report": "history",
    "status": "status",
    "target": "targets",
}
"""The first word of a command, and the module that defines it."""

GROUPS = {
    "agent": "Queue members, and what each is doing.",
    "campaign": "Campaigns: their rules, their state, and why they call or not.",
    "config": "The daemon's configuration.",
    "list": "Lists of people to call.",
    "target": "One person, by number.",
}
"""First words that are followed by a second one."""


def load(word: str) -> dict[str, Spec]:
    """Return the commands that begin with the word, by their whole names; none for an unknown word."""
    if word not in MODULES:
        return {}
    import_module(f"dialerd.control.commands.{MODULES[word]}")
    return {name: spec for name, spec in SPECS.items() if name.split(" ")[0] == word}


def load_all() -> dict[str, Spec]:
    """Return every command, by name."""
    return {name: spec for word in MODULES for name, spec in load(word).items()}


def by_method() -> dict[str, Spec]:
    """Return every command that the daemon answers, by its name on the wire."""
    return {spec.method: spec for spec in load_all().values() if spec.role is not None}
