"""The per-layer table, the roll-up and the totals of one report, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from costcalc.cost.extent import MOST_ROWS, Cut
from costcalc.cost.metrics import METRICS, totals
from costcalc.cost.model import Report, Row
from costcalc.cost.walk import has_row
from costcalc.graph.model import Block, Layer
from costcalc.report.columns import OF_LAYERS, chosen, of_blocks, table
from costcalc.report.description import remark, remark_on
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.numbers import exact, scaled_bytes, scaled_metric, shape

if TYPE_CHECKING:
    from costcalc.cost.account import Account

MACS = "MACs: multiply-accumulates of convolutions, matrix products and attention. FLOPs here = 2 x MACs."


def rolled_up(report: Report, depth: int | None, top: int | None = None) -> Cut | None:
    """The depth that a table with too many rows is rolled up to; None where it is not.

    The costliest rows are found without making the others.
    """
    return None if top is not None and top <= MOST_ROWS else report.extent.cut(depth)


def rolled_up_note(report: Report, depth: int | None, top: int | None = None) -> list[str]:
    """The sentence that says so."""
    cut = rolled_up(report, depth, top)
    if cut is None:
        return []
    return [
        f"{report.name} would have {exact(cut.rows)} rows, and {exact(MOST_ROWS)} can be printed: what lies deeper "
        f"than level {cut.depth} is rolled up into its block (--depth shows another level, {cut.deepest} at most)."
    ]


def layer_table(
    report: Report,
    *,
    depth: int | None,
    sort: str,
    top: int | None,
    title: str = "",
    account: Account | None = None,
    columns: Sequence[str] = (),
) -> Table:
    """One line a layer; with `top` the costliest, and the others in one line, so that columns still add up.

    Without chosen `columns` they are the usual ones, and remarks where there are any. With an `account` a column says
    what its convention makes of every layer. What cannot be printed is rolled up.
    """
    cut = rolled_up(report, depth, top)
    depth = depth if cut is None else cut.depth
    count = report.extent.printed(depth)
    shown = count if top is None else min(top, count)

    def rows() -> Iterator[Row]:
        return islice(report.ordered(sort, depth), shown)

    if not columns:
        remarks = any(map(remark, rows())) if shown < count else has_row(report, depth, _remarked)
        columns = (*OF_LAYERS, "remark") if remarks else OF_LAYERS
    return table(title, chosen(columns, account), rows, shown, count - shown, report.totals, account)


def _remarked(child: Layer | Block, stored: bool, run: bool) -> bool:
    return bool(remark_on(child, stored=stored, run=run))


def block_table(report: Report, *, title: str = "Blocks", account: Account | None = None) -> Table | None:
    """The outermost blocks and repeats with their totals; None where it has only layers and branches."""
    count = sum(1 for _ in report.rows(1))
    if all(isinstance(row.child, Layer) or row.op == "branch" for row in report.rows(1)):
        return None
    return table(title, of_blocks(account), lambda: report.rows(1), count, 0, report.totals, account)


def heading(report: Report) -> str:
    """The name of a network, and the sizes its numbers are for."""
    graph = report.graph
    shapes = ", ".join(
        shape(sizes) if name == "input" else f"{name} {shape(sizes)}" for name, sizes in graph.inputs.items()
    )
    layout = " channels last" if graph.layout == "channels_last" else ""
    return f"{report.name}: input {shapes}{layout}, batch {report.batch}, {graph.dtype}"


def total_lines(report: Report) -> list[tuple[str, int, str]]:
    """The totals by name: the exact number, and the scaled form."""
    numbers = totals(report)
    shown = [one for one in METRICS.values() if one.shown == "always" or (one.shown == "nonzero" and numbers[one.name])]
    return [(metric.label, numbers[metric.name], scaled_metric(metric.name, numbers[metric.name])) for metric in shown]


def show(
    report: Report,
    *,
    depth: int | None = None,
    sort: str = "position",
    top: int | None = None,
    account: Account | None = None,
    columns: Sequence[str] = (),
) -> Document:
    """The document that `costcalc show` prints: layers, blocks, totals. `columns` chooses those of the layers."""
    parts: list[Table | Text] = [Text(heading(report))]
    parts.append(layer_table(report, depth=depth, sort=sort, top=top, account=account, columns=columns))
    if depth != 1:
        blocks = block_table(report, account=account)
        if blocks is not None:
            parts.append(blocks)
    totals: list[tuple[Cell, ...]] = [*total_lines(report)]
    if account is not None:
        from costcalc.report.account import total_line

        totals.insert([line[0] for line in totals].index("Activations"), total_line(account))
    parts.append(Table("Totals", (Column("Number"), Column("Exact", right=True), Column("Scaled", right=True)), totals))
    if account is not None:
        from costcalc.report.account import notes as account_notes

        parts.extend(map(Text, account_notes(account)))
    parts.extend(map(Text, (*rolled_up_note(report, depth, top), *notes(report))))
    return tuple(parts)


def notes(report: Report) -> Sequence[str]:
    """Notes on the numbers: their meaning, and what was left out of them."""
    peak = report.peak()
    live = ", ".join(f"{path} {scaled_bytes(size)}" for path, size in peak.live) or "no tensor but weights"
    lines = [MACS, f"Peak at {peak.layer}: {live}."]
    if report.graph.not_run:
        names = ", ".join(report.graph.not_run)
        lines.append(f"Not run, because no output needs them (their params count): {names}.")
    return lines
