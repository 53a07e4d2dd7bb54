"""dialerctl: asks the daemon, and shows the answer."""

import click

from dialerd.cli.generated import Words, common_options


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    del param
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"dialerctl {version('dialerd')}")
    ctx.exit()


cli = Words(
    name="dialerctl",
    help="Run campaigns of dialerd, and see why they call or not.",
    no_args_is_help=True,
    params=[
        *common_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help="Show the version.",
        ),
    ],
)
"""The whole command line."""


def main() -> None:
    """Run the command line; the console script."""
    cli(prog_name="dialerctl")


if __name__ == "__main__":
    main()
