"""`costcalc show`."""

from __future__ import annotations

import click

from costcalc.cli.options import output_options, row_options, size_options, spec_argument


@click.command(
    "show",
    epilog="Example:  costcalc show resnet50 --depth 1 --input 3x320x320",
    short_help="Layers, blocks and totals of one network.",
)
@spec_argument
@size_options
@row_options
@output_options
def command(
    spec: str,
    assignments: tuple[tuple[str, str], ...],
    inputs: tuple[tuple[str, tuple[int, ...]], ...],
    batch: int,
    depth: int | None,
    top: int | None,
    sort: str | None,
    form: str,
    output: str | None,
) -> None:
    """Print every layer of SPEC with its shape, params and multiply-adds, the blocks, and the totals."""
    from costcalc.cli.output import emit, emit_document
    from costcalc.cli.pipeline import report_of

    report = report_of(spec, assignments, inputs, batch)
    if form == "json":
        from costcalc.report.json import dump
        from costcalc.report.json import report as to_json

        emit(dump(to_json(report, depth=depth)).splitlines(), output, [report.graph.path])
        return
    from costcalc.report.layers import show

    document = show(report, depth=depth, sort=sort or ("macs" if top else "position"), top=top)
    emit_document(document if form != "csv" else document[1:2], form, output, [report.graph.path])
