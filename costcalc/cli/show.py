"""`costcalc show`."""

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
    spec_argument,
)

if TYPE_CHECKING:
    from costcalc.graph.size import Size


@click.command(
    "show",
    epilog="Example:  costcalc show resnet50 --depth 1 --input 3x320x320",
)
@spec_argument
@size_options
@row_options
@column_option
@click.option(
    "--phase", type=click.Choice(("prefill", "decode")), help="A language model: a whole prompt, or one more token."
)
@convention_option
@output_options
def command(
    spec: str,
    size: Size,
    depth: int | None,
    top: int | None,
    sort: str | None,
    columns: tuple[str, ...] | None,
    phase: str | None,
    convention: str | None,
    form: str,
    output: str | None,
) -> None:
    """Print every layer of SPEC with its shape, params and multiply-adds, the blocks, and the totals."""
    refuse_columns(columns, form, convention)
    from costcalc.cli.output import deliver
    from costcalc.cli.pipeline import accounts_of, language_report_of, report_of
    from costcalc.report.network import view

    language = None
    if phase or size.sequence:
        report, language = language_report_of(spec, size, phase or "prefill")
    else:
        report = report_of(spec, size)
    account = next(iter(accounts_of([report], convention)), None)
    shown = view(report, depth=depth, sort=sort, top=top, account=account, columns=columns or (), language=language)
    deliver(shown, form, output, [report.graph.path])
