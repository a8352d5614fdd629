"""The command line. Only this package prints and exits; every command is `load -> build -> estimate -> render`."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any

import click

from costcalc import __version__

COMMANDS = {
    "show": "The layers and blocks of one network and its totals.",
    "compare": "Two or more networks side by side.",
    "reconcile": "What other tools would print and why.",
    "explain": "Where the numbers of one layer come from.",
    "zoo": "The bundled networks as a table.",
    "verify": "Run every layer and count its operations to check the formulas.",
    "run": "The values of a small network and the products behind one of them.",
    "bench": "How long the layers take in plain Python or in PyTorch.",
    "validate": "Check specs and report every problem.",
    "check": "Fail where a network exceeds its budget.",
    "diff": "What changed between two versions of a network.",
    "ops": "The catalogue of ops or one of them.",
    "blocks": "The bundled blocks or one of them.",
    "schema": "A JSON Schema for editors.",
    "completion": "A script that completes commands in the shell.",
}
"""Command -> what it does. The modules are imported when they are called, so that `--help` is quick."""

EPILOG = "Example:  costcalc compare specs/basic.yaml specs/bottleneck.yaml"


class LazyGroup(click.Group):
    """A group whose commands are modules of this package, imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"costcalc.cli.{cmd_name}").command
        command.short_help = COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from costcalc.text.suggest import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            raise click.UsageError(f"{error.message} {hint[:1].upper()}{hint[1:]}", ctx) from None


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="costcalc", message="%(prog)s %(version)s")
def group() -> None:
    """Exact shapes, parameters, multiply-adds and memory of neural networks written in YAML.

    SPEC is a file, FILE@VARIANT, the name of a bundled network such as resnet50, or - for standard input.
    """


def main() -> int:
    """Run the command line: 0 done, 1 a judgement failed, 2 misuse, 3 an input or output cannot be used."""
    gc.set_threshold(1_000_000)  # what commands make stays to their end: looking for garbage takes a tenth
    open_streams()
    if "COSTCALC_COMPLETE" in os.environ:
        from costcalc.cli.completing import answer

        return answer(os.environ)
    from costcalc.cli.failure import code_of

    try:
        result = group.main(standalone_mode=False, prog_name="costcalc")
        code = result if isinstance(result, int) else 0
    except BaseException as error:
        code = code_of(error)
    return finish(code)


def open_streams() -> None:
    """Open the standard streams that whoever started us has closed: nobody listens, and no file takes their place."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  open to the end


def finish(code: int) -> int:
    """Write what waits and return the exit code; a reader that closed the pipe is not an error and changes nothing."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError) as error:
        from costcalc.cli.failure import say

        say(f"error: cannot write the output: {getattr(error, 'strerror', None) or error}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 3
    return code
