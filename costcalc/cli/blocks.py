"""`costcalc blocks`."""

from __future__ import annotations

import click

from costcalc.cli.choices import complete_block
from costcalc.cli.options import output_options


@click.command("blocks", epilog="Example:  costcalc blocks squeeze_excite")
@click.argument("block", required=False, shell_complete=complete_block)
@output_options
def command(block: str | None, form: str, output: str | None) -> None:
    """List the bundled blocks with their signatures, or show one BLOCK in YAML.

    A spec takes them in by the name of their file: include: [attention]
    """
    from costcalc.cli.output import deliver
    from costcalc.errors import UnknownChoice
    from costcalc.report.blocks import block_page, listing, to_json
    from costcalc.report.view import View
    from costcalc.spec.library import blocks
    from costcalc.text.suggest import did_you_mean

    known = blocks()
    if block is not None and block not in known:
        raise UnknownChoice(
            f"there is no bundled block '{block}': {did_you_mean(block, known) or 'see costcalc blocks'}"
        )
    chosen = list(known.values()) if block is None else [known[block]]
    view = View(lambda: listing(chosen) if block is None else block_page(chosen[0]), lambda: to_json(chosen))
    deliver(view, form, output)
