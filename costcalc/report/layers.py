"""The per-layer table, the roll-up and the totals of one report, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costcalc.cost.model import Cost, Report, Row
from costcalc.graph.model import Layer
from costcalc.ops.op import Op
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.numbers import decimal, exact, scaled, scaled_bytes, shape, share
from costcalc.text.values import plain

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
    """What a row is: an op with its arguments, or a block that is rolled up."""
    text = in_short(row.child.op, row.arguments) if isinstance(row.child, Layer) else row.op
    return f"{text} x{exact(row.count)}" if row.count > 1 else text


def remark(row: Row) -> str:
    """What is particular about a row: shared weights, not run."""
    if row.run == 0:
        return "not run"
    return "shared weights" if row.stored == 0 and has_weights(row) else ""


def has_weights(row: Row) -> bool:
    """Whether the layer of a row has weights at all."""
    return bool(row.child.weights) if isinstance(row.child, Layer) else True


def layer_table(
    report: Report, *, depth: int | None, sort: str, top: int | None, title: str = "", account: Account | None = None
) -> Table:
    """One line a layer; with `top` the costliest, and the others in one line, so that columns still add up.

    With an `account` a column says what its convention makes of every layer.
    """
    rows = list(report.rows(depth))
    total = report.totals
    if sort == "path":
        rows.sort(key=lambda row: row.path)
    elif sort != "position":
        rows.sort(key=lambda row: -getattr(row.cost, sort))
    others = rows[top:] if top is not None else []
    rows = rows[:top] if top is not None else rows
    cells = [_layer_cells(row, total) for row in rows]
    if others:
        rest = sum((row.cost for row in others), Cost())
        name = f"[{exact(len(others))} others]"
        cells.append((name, "", "", rest.params, rest.macs, share(rest.macs, total.macs), "", rest.activations)[:-1])
    if account is not None:
        amounts = [account.of(row) for row in rows]
        if others:
            amounts.append(account.total - sum(amounts))
        cells = [(*row[:-1], amount, row[-1]) for row, amount in zip(cells, amounts, strict=True)]
    remarks = any(row[-1] for row in cells)
    columns: tuple[Column, ...] = (
        Column("Layer", folds=True),
        Column("Op", folds=True),
        Column("Output"),
        Column("Params", right=True),
        Column("MACs", right=True),
        Column("Share", right=True),
    )
    ending: tuple[Cell, ...] = ("Total", "", "", total.params, total.macs, share(total.macs, total.macs))
    if account is not None:
        from costcalc.report.account import label

        columns = (*columns, Column(label(account.convention), right=True))
        ending = (*ending, account.total)
    if remarks:
        return Table(title, (*columns, Column("Remark")), cells, (*ending, ""))
    return Table(title, columns, [row[:-1] for row in cells], ending)


def _layer_cells(row: Row, total: Cost) -> tuple[Cell, ...]:
    return (
        row.path,
        describe(row),
        shape(row.output),
        row.params,
        row.macs,
        share(row.macs, total.macs),
        remark(row),
    )


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
    """What `costcalc show` prints: layers, blocks, totals."""
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
    parts.extend(map(Text, notes(report)))
    return tuple(parts)


def notes(report: Report) -> Sequence[str]:
    """What the numbers mean and what was left out of them."""
    peak = report.peak()
    live = ", ".join(f"{path} {scaled_bytes(size)}" for path, size in peak.live) or "no tensor but weights"
    lines = [MACS, f"Peak at {peak.layer}: {live}."]
    if report.graph.not_run:
        names = ", ".join(report.graph.not_run)
        lines.append(f"Not run, because no output needs them (their params count): {names}.")
    return lines
