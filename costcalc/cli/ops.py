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
    from costcalc.cli.output import emit, emit_document
    from costcalc.errors import UnknownChoice
    from costcalc.ops import catalogue
    from costcalc.ops.absent import did_you_mean
    from costcalc.report.catalogue import listing, op_page, to_json

    ops = catalogue()
    if op is not None and op not in ops:
        from costcalc.spec.library import blocks

        hint = f"it is a bundled block: 'costcalc blocks {op}' shows it" if op in blocks() else did_you_mean(op, ops)
        raise UnknownChoice(f"there is no op '{op}': {hint or 'see costcalc ops'}")
    chosen = list(ops.values()) if op is None else [ops[op]]
    if form == "json":
        from costcalc.report.json import dump

        emit(dump(to_json(chosen)), output)
        return
    emit_document(listing(chosen) if op is None else op_page(chosen[0]), form, output)
