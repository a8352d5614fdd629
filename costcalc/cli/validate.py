"""`costcalc validate`."""

from __future__ import annotations

import click

from costcalc.cli.options import spec_arguments


@click.command(
    "validate",
    epilog="Example:  costcalc validate specs/*.yaml",
)
@spec_arguments
@click.option("--strict", is_flag=True, help="Warnings fail too (exit code 1).")
def command(specs: tuple[str, ...], strict: bool) -> int:
    """Read every SPEC and all its variants, build them, and report every problem of every file in one run.

    A file that has only blocks is read as a spec that includes it reads it.
    """
    from costcalc.cli.failure import say, say_problems
    from costcalc.cli.output import emit
    from costcalc.cli.validation import validate
    from costcalc.errors import Problem, SpecError
    from costcalc.text.snippets import render

    lines: list[str] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for address in specs:
        checked = validate(address)
        problems.extend(checked.problems)
        warnings.extend(checked.warnings)
        if not checked.problems:
            count = f" and {checked.variants} variant{'s' * (checked.variants != 1)}" if checked.variants else ""
            lines.append(f"{address}: valid{count if checked.variants is not None else ', a file of blocks'}")
    for warning in sorted(dict.fromkeys(warnings), key=lambda warning: warning.order):
        say(render(warning))
    emit(lines)
    if problems:
        say_problems(SpecError(problems))
        return 3
    return 1 if strict and warnings else 0
