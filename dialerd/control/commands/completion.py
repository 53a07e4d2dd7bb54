"""Completion in the shell."""

from dialerd.control.spec import argument, choice, command


@command(
    "completion",
    example='eval "$(dialerctl completion bash)"',
    reply={"script": "the shell's completion script"},
)
class Completion:
    """Print a script that completes dialerctl's commands, options and campaign names in the shell."""

    shell: str = argument(choice("bash", "zsh", "fish"), "The shell.")
