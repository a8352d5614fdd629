"""Errors as a message on standard error and an exit code (design, section 7)."""

from __future__ import annotations

import sys

import click

from costcalc.errors import CostcalcError, SpecError

MOST_SHOWN = 100
"""So many problems are printed; who mends these sees the rest in the next run."""


def code_of(error: BaseException) -> int:
    """Print what `error` says and return the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        say("interrupted")
        return 130
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, SpecError):
        say_problems(error)
        return 3
    if isinstance(error, CostcalcError):
        say(f"error: {error}")
        return 3
    if isinstance(error, BrokenPipeError):
        return 0
    if isinstance(error, OSError):
        say(f"error: {error.filename or 'input or output'}: {error.strerror or error}")
        return 3
    if isinstance(error, MemoryError):
        say("error: this needs more memory than there is: try a smaller size, with --set or --input")
        return 3
    return bug(error)


def say_problems(error: SpecError) -> None:
    """Every problem on standard error, sorted, and how many there are."""
    from costcalc.text.snippets import render

    for problem in error.problems[:MOST_SHOWN]:
        say(render(problem))
    if len(error.problems) > MOST_SHOWN:
        say(f"... and {len(error.problems) - MOST_SHOWN:,} more")
    if len(error.problems) > 1:
        say(f"{len(error.problems)} problems")


def say(line: str) -> None:
    """A line on standard error, as far as its encoding goes; no log takes it for a command."""
    from costcalc.text.printable import inert

    line = "\n".join(map(inert, line.split("\n")))
    from costcalc.cli.actions import guarded

    encoding = sys.stderr.encoding or "ascii"
    line = "\n".join(guarded(line.split("\n")))
    try:
        sys.stderr.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except (OSError, ValueError):
        return  # nobody listens


def bug(error: BaseException) -> int:
    """A mistake of ours: one line, and with COSTCALC_DEBUG the traceback to paste into a report."""
    import os
    import traceback

    from costcalc import __version__

    if os.environ.get("COSTCALC_DEBUG"):
        say("".join(traceback.format_exception(error)))
    where = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f" at {where.filename.rpartition('costcalc/')[2]}:{where.lineno}" if where else ""
    say(f"bug in costcalc {__version__}: {type(error).__name__}: {error}{place}")
    say("please report it with the spec; COSTCALC_DEBUG=1 shows the traceback")
    return 70
