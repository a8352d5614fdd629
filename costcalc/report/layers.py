"""The per-layer table, the roll-up and the totals of one report, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from costcalc.cost.extent import MOST_ROWS, Cut
from costcalc.cost.model import Report, Row
from costcalc.cost.walk import has_row
from costcalc.graph.model import Block, Layer
from costcalc.ops.op import Op
from costcalc.report.document import Cell, Column, Document, Rows, Table, Text
from costcalc.report.numbers import decimal, exact, scaled, scaled_bytes, shape, share
from costcalc.text.values import plain, whole

if TYPE_CHECKING:
    from costcalc.cost.account import Account

SORTS = ("position", "params", "macs", "activations", "path")
MACS = "MACs: multiply-accumulates of convolutions, matrix products and attention. FLOPs here = 2 x MACs."


def in_short(op: Op, arguments: Mapping[str, Any]) -> str:
    """The op with the arguments that differ from their defaults: `conv out=64 kernel=7 stride=2`."""
    given = (
        f"{argument.name}={brief(arguments[argument.name])}"
        for argument in op.arguments
        if arguments[argument.name] != argument.default
        or (arguments[argument.name].__class__ is bool) is not (argument.default.__class__ is bool)
    )
    return " ".join((op.name, *given))


def brief(value: Any) -> str:
    """An argument without blanks; a rational that is no short decimal is rounded to one."""
    if hasattr(value, "denominator") and value.__class__ not in (int, bool) and value.denominator > 1:
        return decimal(float(value))
    return plain(value).replace(" ", "")


def describe(row: Row) -> str:
    """Describe a row: an op with its arguments, or a block that is rolled up."""
    text = in_short(row.child.op, row.arguments) if isinstance(row.child, Layer) else row.op
    return f"{text} x{exact(row.count)}" if row.count > 1 else text


def remark(row: Row) -> str:
    """A remark on a row: shared weights, not run."""
    return _remark(row.child, stored=row.stored > 0, run=row.run > 0)


def _remark(child: Layer | Block, *, stored: bool, run: bool) -> str:
    if not run:
        return "not run"
    return "" if stored or (isinstance(child, Layer) and not child.weights) else "shared weights"


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
    report: Report, *, depth: int | None, sort: str, top: int | None, title: str = "", account: Account | None = None
) -> Table:
    """One line a layer; with `top` the costliest, and the others in one line, so that columns still add up.

    With an `account` a column says what its convention makes of every layer. What cannot be printed is rolled up.
    """
    cut = rolled_up(report, depth, top)
    depth = depth if cut is None else cut.depth
    count, total = report.extent.printed(depth), report.totals
    shown = count if top is None else min(top, count)
    if shown < count:
        remarks = any(map(remark, islice(report.ordered(sort, depth), shown)))
    else:
        remarks = has_row(report, depth, _remarked)
    whole_account = 0 if account is None else account.total

    def line(cells: tuple[Cell, ...], counted: Cell, remark: str = "") -> tuple[Cell, ...]:
        return (*cells, *([] if account is None else [counted]), *([remark] if remarks else []))

    texts: dict[tuple[Layer | Block, int], tuple[str, str]] = {}  # of every object once, as there are fewer than rows

    def lines() -> Iterator[tuple[Cell, ...]]:
        params, macs, counted = total.params, total.macs, whole_account
        for row in islice(report.ordered(sort, depth), shown):
            amount = 0 if account is None else account.of(row)
            params, macs, counted = params - row.params, macs - row.macs, whole(counted - amount)
            text = texts.get((row.child, row.count))
            if text is None:
                text = texts[row.child, row.count] = describe(row), shape(row.output)
            cells = (row.path, *text, row.params, row.macs, share(row.macs, total.macs))
            yield line(cells, amount, remark(row))
        if shown < count:
            yield line((f"[{exact(count - shown)} others]", "", "", params, macs, share(macs, total.macs)), counted)

    columns: tuple[Column, ...] = (
        Column("Layer", folds=True),
        Column("Op", folds=True),
        Column("Output"),
        Column("Params", right=True),
        Column("MACs", right=True),
        Column("Share", right=True),
    )
    if account is not None:
        from costcalc.report.account import label

        columns = (*columns, Column(label(account.convention), right=True))
    columns = (*columns, Column("Remark")) if remarks else columns
    ending = line(("Total", "", "", total.params, total.macs, share(total.macs, total.macs)), whole_account)
    return Table(title, columns, Rows(lines, shown + (shown < count)), ending)


def _remarked(child: Layer | Block, stored: bool, run: bool) -> bool:
    return bool(_remark(child, stored=stored, run=run))


def block_table(report: Report, *, title: str = "Blocks", account: Account | None = None) -> Table | None:
    """The outermost blocks and repeats with their totals; None where it has only layers and branches."""
    total = report.totals
    rows: list[tuple[Cell, ...]] = [
        (
            row.path,
            describe(row),
            row.params,
            share(row.params, total.params),
            row.macs,
            share(row.macs, total.macs),
            row.cost.activations,
        )
        for row in report.rows(1)
    ]
    if all(isinstance(row.child, Layer) or row.op == "branch" for row in report.rows(1)):
        return None
    columns: tuple[Column, ...] = (
        Column("Block", folds=True),
        Column("Of", folds=True),
        Column("Params", right=True),
        Column("Share", right=True),
        Column("MACs", right=True),
        Column("Share of MACs", right=True),
        Column("Activations", right=True),
    )
    ending: tuple[Cell, ...] = ("Total", "", total.params, share(total.params, total.params), total.macs,
                                share(total.macs, total.macs), total.activations)  # fmt: skip
    if account is not None:
        from costcalc.report.account import label

        columns = (*columns, Column(label(account.convention), right=True))
        rows = [(*cells, account.of(row)) for cells, row in zip(rows, report.rows(1), strict=True)]
        ending = (*ending, account.total)
    return Table(title, columns, rows, ending)


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
    total = report.totals
    peak = report.peak()
    lines = [
        ("Params", total.params, scaled(total.params)),
        ("Buffers", total.buffers, scaled(total.buffers)),
        ("MACs", total.macs, scaled(total.macs)),
        ("FLOPs (2 x MACs)", total.flops, scaled(total.flops)),
        ("Activations", total.activations, scaled(total.activations)),
        ("Activation bytes", total.activation_bytes, scaled_bytes(total.activation_bytes)),
        ("Peak activation bytes", peak.bytes, scaled_bytes(peak.bytes)),
        ("Weight bytes", total.weight_bytes, scaled_bytes(total.weight_bytes)),
        ("Layers", total.layers, ""),
    ]
    return [line for line in lines if line[1] or line[0] != "Buffers"]


def show(
    report: Report,
    *,
    depth: int | None = None,
    sort: str = "position",
    top: int | None = None,
    account: Account | None = None,
) -> Document:
    """The document that `costcalc show` prints: layers, blocks, totals."""
    parts: list[Table | Text] = [Text(heading(report))]
    parts.append(layer_table(report, depth=depth, sort=sort, top=top, account=account))
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
