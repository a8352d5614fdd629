"""`costcalc completion`."""

from __future__ import annotations

import click


@click.command(
    "completion",
    epilog='Example:  eval "$(costcalc completion bash)"',
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print the script that completes commands, options, specs, layers, metrics and other names in SHELL."""
    from pathlib import Path

    from costcalc.cli.output import emit

    emit(Path(__file__).with_name("shells").joinpath(shell).read_text(encoding="utf-8").splitlines())
