"""One layer explained: its shape, params and multiply-adds as formulas, with the numbers put in."""

from __future__ import annotations

from collections.abc import Mapping

from costcalc.cost.model import Report, Row
from costcalc.graph.model import Block, Layer
from costcalc.ops.formula import Symbols
from costcalc.ops.op import Setting
from costcalc.report.description import describe, in_short, remark
from costcalc.report.document import Column, Document, Table, Text
from costcalc.report.numbers import exact, shape, share
from costcalc.text.values import product

EVENTS = {"mac": "MACs", "bias_add": "bias additions"}


def show(report: Report, row: Row) -> Document:
    """The document that `costcalc explain` prints about a layer, or about a block as the sum of its parts."""
    parts: list[Table | Text] = [Text(f"{report.name}: {row.path}"), Text(f"written at {row.location}")]
    if row.note:
        parts.append(Text(f"note: {row.note}"))
    text = remark(row)
    if text:
        parts.append(Text(f"remark: {text}"))
    if isinstance(row.child, Block):
        return (*parts, *_block(report, row))
    return (*parts, *_layer(report, row, row.child))


def _layer(report: Report, row: Row, layer: Layer) -> list[Text]:
    op = layer.op
    setting = Setting(layer.arguments, layer.inputs, layer.layout)
    lines = ["", in_short(op, layer.arguments), op.about, f"definition: {op.source}", "", "Shape"]
    names = [name.rstrip("?") for name in op.inputs] if op.inputs != ("*",) else [""] * len(layer.inputs)
    for name, sizes in zip(names, layer.inputs, strict=True):
        if sizes is not None:
            label = f"input {name}" if name and len(layer.inputs) > 1 else "input"
            lines.append(f"  {label} {shape(sizes)}, {layer.layout.replace('_', ' ')}")
    lines.append(f"  rule: {op.rule}")
    for step in op.steps(setting, layer.output) if op.steps is not None else []:
        lines += _worked(f"  {step.name}", step.formula.text, step.formula.substitute(step.symbols), step.result)
    lines.append(f"  output {shape(layer.output)}")
    lines += ["", "Params"]
    shown = 0
    for weight in op.weights:
        stored = next((item for item in layer.weights if item.name == weight.name), None)
        if stored is None:
            continue
        shown += stored.size * stored.trainable
        symbols = " * ".join(dim.text if " " not in dim.text else f"({dim.text})" for dim in weight.dims) or "1"
        numbers = "*".join(map(str, stored.shape)) or "1"
        kind = "" if weight.trainable else " (a buffer, not a param)"
        lines.append(f"  {weight.name} = {symbols} = {numbers} = {exact(stored.size)}{kind}")
    if not layer.weights:
        lines.append("  none")
    elif len(layer.weights) > 1:
        lines.append(f"  params = {exact(shown)}")
    lines += ["", "What happens, for one item of the batch"]
    counts = layer.tally()
    for event, formula in op.tally.items():
        if event in counts:
            label = f"  {EVENTS.get(event, event)}"
            lines += _worked(label, formula.text, formula.substitute(layer.symbols), counts[event])
    if not counts:
        lines.append("  nothing is computed: elements are only moved or kept")
    if op.meanings and (counts or layer.weights):
        used = op.letters((*(dim for weight in op.weights for dim in weight.dims), *op.tally.values()))
        lines += ["", "where", *_meanings(used, layer.symbols)]
    words = op.in_words(layer.symbols) if op.in_words is not None else ()
    lines += ["", *words] if words else []
    total = report.totals
    lines += ["", f"Share of {report.name}: {share(row.params, total.params) or '0%'} of the params, "
              f"{share(row.macs, total.macs) or '0%'} of the MACs"]  # fmt: skip
    if row.count > 1 or report.batch > 1:
        lines.append(
            f"For {exact(row.count)} of them and a batch of {exact(report.batch)}: {exact(row.params)} params, "
            f"{exact(row.macs)} MACs"
        )
    return [Text(line) for line in lines]


def _worked(label: str, symbols: str, numbers: str, result: int) -> list[str]:
    pad = " " * len(label)
    return [f"{label} = {symbols}", f"{pad} = {numbers}", f"{pad} = {exact(result)}"]


def _meanings(meanings: Mapping[str, str], symbols: Symbols) -> list[str]:
    lines = []
    for letter, meaning in meanings.items():
        value = symbols[letter]
        if isinstance(value, int):
            lines.append(f"  {letter} = {exact(value)}: {meaning}")
        else:
            factors = "*".join(map(str, value)) or "1"
            lines.append(f"  {letter} = {factors} = {exact(product(value))}: {meaning}")
    return lines


def _block(report: Report, row: Row) -> list[Table | Text]:
    """A block: what it is made of, one level down."""
    columns = (
        Column("Part", folds=True),
        Column("Of", folds=True),
        Column("Output"),
        Column("Params", right=True),
        Column("MACs", right=True),
    )
    rows = [
        (part.path[len(row.path) :].lstrip("."), describe(part), shape(part.output), part.params, part.macs)
        for part in report.parts(row.path)
    ]
    return [
        Text(f"{row.op}: {', '.join(shape(sizes) for sizes in row.input)} -> {shape(row.output)}"),
        Table("A block costs what its parts cost", columns, rows, ("Total", "", "", row.params, row.macs)),
    ]
