"""`costcalc explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costcalc.cli.choices import complete_layer, complete_spec
from costcalc.cli.options import size_options

if TYPE_CHECKING:
    from costcalc.graph.size import Size


@click.command(
    "explain",
    epilog="Example:  costcalc explain resnet50 'stage1[0].body.conv_norm.conv'",
)
@click.argument("spec", shell_complete=complete_spec)
@click.argument("layer", shell_complete=complete_layer)
@size_options
def command(
    spec: str,
    layer: str,
    size: Size,
) -> None:
    """Explain the LAYER (or block) of SPEC at a path: shape, params and MACs as formulas, with the numbers put in."""
    from costcalc.cli.output import print_document
    from costcalc.cli.pipeline import report_of
    from costcalc.report.explanation import show

    report = report_of(spec, size)
    print_document(show(report, report.find(layer)))
