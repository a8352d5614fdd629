"""`costcalc completion`."""

from __future__ import annotations

import click


@click.command(
    "completion",
    epilog='Example:  eval "$(costcalc completion bash)"',
    short_help="A script that completes commands in the shell.",
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print the script that completes commands, options, specs and ops in SHELL."""
    from click.shell_completion import get_completion_class

    from costcalc.cli import group
    from costcalc.cli.output import emit

    script = get_completion_class(shell)
    assert script is not None
    emit(script(group, {}, "costcalc", "_COSTCALC_COMPLETE").source().splitlines())
