"""The catalogue of ops as text: the list, and a page for one op."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.ops.op import REQUIRED, Argument, Op
from costcalc.report.description import brief
from costcalc.report.document import Column, Document, Table, Text
from costcalc.text.values import plain


def listing(ops: Sequence[Op]) -> Document:
    """Every op in a line: name, arguments, what it is."""
    rows = [(op.name, ", ".join(argument.name for argument in op.arguments), op.about) for op in ops]
    columns = (Column("Op"), Column("Arguments", folds=True), Column("What it is", folds=True))
    return (Table("", columns, rows), Text("'costcalc ops NAME' shows arguments, formulas and source of one op."))


def op_page(op: Op) -> Document:
    """One op: arguments, shape rule, weights, tally, source."""
    parts: list[Table | Text] = [Text(op.name), Text(op.about), Text(f"Source: {op.source}")]
    if op.inputs == ("*",):
        parts.append(Text("Inputs: any number, as branches or with 'from'"))
    elif not op.inputs:
        parts.append(Text("Inputs: none; under a name or in a branch"))
    elif op.inputs != ("x",):
        parts.append(Text(f"Inputs: {', '.join(_input(name) for name in op.inputs)}"))
    if op.arguments:
        columns = (Column("Argument"), Column("Kind", folds=True), Column("Default"), Column("Meaning", folds=True))
        rows = [(item.name, item.kind.about, default(item), item.about) for item in op.arguments]
        parts.append(Table("Arguments", columns, rows))
    parts += [Text(""), Text(f"Shape: {op.rule}")]
    for weight in op.weights:
        shape = ", ".join(dim.text for dim in weight.dims)
        condition = f", with {weight.when.replace(' ', ' and ')}" if weight.when else ""
        kind = "" if weight.trainable else ", a buffer"
        parts.append(Text(f"Weight {weight.name}: [{shape}]{condition}{kind}"))
    if not op.weights:
        parts.append(Text("Weights: none"))
    for event, formula in op.tally.items():
        parts.append(Text(f"{'MACs' if event == 'mac' else event}: {formula.text}"))
    if not op.tally:
        parts.append(Text("Nothing is computed."))
    if op.view:
        parts.append(Text("The output is a view: it takes no memory of its own."))
    if op.is_weight:
        parts.append(Text("The output is the weight itself: it takes no memory beside it."))
    for quantity, formula in op.quantities.items():
        parts.append(Text(f"{quantity}, for conventions: {formula.text}"))
    if op.meanings:
        parts.append(Text("where " + "; ".join(f"{letter} = {text}" for letter, text in op.meanings.items())))
    return tuple(parts)


def _input(name: str) -> str:
    return f"{name.rstrip('?')} (optional)" if name.endswith("?") else name


def default(argument: Argument) -> str:
    """The default as a user would write it."""
    if argument.default is REQUIRED:
        return "required"
    if argument.default is None:
        return "-"
    value = argument.default
    return plain(value) if value.__class__ is tuple else brief(value)


def to_json(ops: Sequence[Op]) -> dict[str, Any]:
    """`costcalc.ops/1`."""
    return {"format": "costcalc.ops/1", "ops": [_op_json(op) for op in ops]}


def _op_json(op: Op) -> dict[str, Any]:
    return {
        "name": op.name,
        "about": op.about,
        "source": op.source,
        "inputs": list(op.inputs),
        "arguments": [
            {"name": item.name, "kind": item.kind.about, "default": default(item), "about": item.about}
            for item in op.arguments
        ],
        "shape": op.rule,
        "weights": [
            {
                "name": item.name,
                "shape": [dim.text for dim in item.dims],
                "when": item.when,
                "trainable": item.trainable,
            }
            for item in op.weights
        ],
        "tally": {event: formula.text for event, formula in op.tally.items()},
        "quantities": {name: formula.text for name, formula in op.quantities.items()},
        "symbols": dict(op.meanings),
        "view": op.view,
    }
