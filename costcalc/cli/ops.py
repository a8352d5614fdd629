"""`costcalc ops`."""

from __future__ import annotations

import click

from costcalc.cli.choices import complete_op
from costcalc.cli.options import output_options


@click.command("ops", epilog="Example:  costcalc ops conv")
@click.argument("op", required=False, shell_complete=complete_op)
@output_options
def command(op: str | None, form: str, output: str | None) -> None:
    """List the ops, or show the arguments, formulas and source of one OP."""
    from costcalc.cli.output import deliver
    from costcalc.errors import UnknownChoice
    from costcalc.ops import catalogue
    from costcalc.ops.absent import did_you_mean
    from costcalc.report.catalogue import listing, op_page, to_json
    from costcalc.report.view import View

    ops = catalogue()
    if op is not None and op not in ops:
        from costcalc.spec.library import blocks

        hint = f"it is a bundled block: 'costcalc blocks {op}' shows it" if op in blocks() else did_you_mean(op, ops)
        raise UnknownChoice(f"there is no op '{op}': {hint or 'see costcalc ops'}")
    chosen = list(ops.values()) if op is None else [ops[op]]
    view = View(lambda: listing(chosen) if op is None else op_page(chosen[0]), lambda: to_json(chosen))
    deliver(view, form, output)
