"""`costcalc compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costcalc.cli.options import (
    column_option,
    convention_option,
    output_options,
    refuse_columns,
    row_options,
    size_options,
    spec_arguments,
)

if TYPE_CHECKING:
    from costcalc.graph.size import Size


@click.command(
    "compare",
    epilog="Example:  costcalc compare specs/basic.yaml specs/bottleneck.yaml --summary",
)
@spec_arguments
@size_options
@row_options
@column_option
@convention_option
@click.option("--summary", is_flag=True, help="The totals alone.")
@output_options
def command(
    specs: tuple[str, ...],
    size: Size,
    depth: int | None,
    top: int | None,
    sort: str | None,
    columns: tuple[str, ...] | None,
    convention: str | None,
    summary: bool,
    form: str,
    output: str | None,
) -> None:
    """Put two or more SPECs side by side: their layers, their totals, and the ratios to the first."""
    if len(specs) < 2:
        raise click.UsageError("compare takes at least two SPECs; 'costcalc show' prints one")
    refuse_columns(columns, form, convention, layers=not summary)
    from costcalc.cli.output import deliver
    from costcalc.cli.pipeline import accounts_of, reports_of
    from costcalc.comparison import compare
    from costcalc.report.comparison import view

    reports = reports_of(specs, size)
    comparison = compare(reports, accounts_of(reports, convention))
    shown = view(comparison, depth=depth, sort=sort, top=top, summary=summary, columns=columns or ())
    deliver(shown, form, output, [report.graph.path for report in comparison.reports])
