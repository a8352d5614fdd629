"""Verifications as text: for one spec a line a layer, for several a line a spec, and every disagreement in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.graph.model import Layer
from costcalc.ops.op import Shape
from costcalc.reference.verify import Verification, VerifiedLayer
from costcalc.report.description import in_short
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.json import value_of
from costcalc.report.numbers import exact, shape


def show(verifications: Sequence[Verification]) -> Document:
    """The document that `costcalc verify` prints."""
    parts: list[Table | Text] = []
    if len(verifications) == 1:
        parts += _one(verifications[0])
    else:
        parts.append(_summary(verifications))
    for verification in verifications:
        for row in verification.disagreements:
            parts.append(Text(f"{verification.address}: {row.path} ({in_short(row.layer.op, row.layer.arguments)})"))
            parts += [Text(f"  {difference.text}") for difference in row.differences]
        parts += [Text(f"{verification.address}: {row.path} was not run: {row.reason}") for row in verification.not_run]
    parts.append(Text(_sentence(verifications)))
    return tuple(parts)


def _one(verification: Verification) -> list[Table | Text]:
    inputs = ", ".join(shape(sizes) for sizes in verification.inputs.values())
    section = ", the size of its 'verify' section" if verification.section else ""
    columns = (
        Column("Layer", folds=True),
        Column("Op", folds=True),
        Column("Alike", right=True),
        Column("Run at"),
        Column("Came out"),
        Column("Weights read", right=True),
        Column("Events", right=True),
        Column("Result"),
    )
    rows = [_cells(row) for row in verification.rows]
    return [
        Text(f"{verification.name}: input {inputs}{section}; budget {exact(verification.budget)} multiply-adds"),
        Table("", columns, rows),
        Text("Alike: layers with the same op, arguments and channels; one of them was run."),
        Text("Run at: the input it was run at; 'smaller' where the network's own is larger."),
        Text("Events: additions, multiplications, comparisons, ... that happened, each as often as the formula says."),
    ]


def _cells(row: VerifiedLayer) -> tuple[Cell, ...]:
    if row.run is None:
        return (row.path, in_short(row.layer.op, row.layer.arguments), row.layers, "", "", None, None, "not run")
    at = " ".join(shape(sizes) for sizes in row.run.inputs if sizes is not None) + (" smaller" if row.shrunk else "")
    came = "nothing" if row.output is None else shape(row.output)
    result = "disagrees" if row.differences else "agrees"
    read = sum(_size(sizes) for sizes in row.read_weights.values())
    return (
        row.path,
        in_short(row.run.op, row.run.arguments),
        row.layers,
        at,
        came,
        read,
        sum(row.found.values()),
        result,
    )


def _size(sizes: Shape) -> int:
    count = 1
    for size in sizes:
        count *= size
    return count


def _summary(verifications: Sequence[Verification]) -> Table:
    columns = (
        Column("Spec", folds=True),
        Column("Layers", right=True),
        Column("Distinct", right=True),
        Column("Run smaller", right=True),
        Column("Not run", right=True),
        Column("Disagree", right=True),
    )
    rows: list[tuple[str, int, int, int, int, int]] = [
        (
            item.address,
            item.layers,
            len(item.rows),
            sum(row.shrunk for row in item.rows),
            len(item.not_run),
            len(item.disagreements),
        )
        for item in verifications
    ]
    sums = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
    return Table("", columns, rows, ("Total", *sums))


def _sentence(verifications: Sequence[Verification]) -> str:
    spent = sum(item.spent for item in verifications)
    wrong = sum(len(item.disagreements) for item in verifications)
    missing = sum(len(item.not_run) for item in verifications)
    rows = {_identity(row.run): row for item in verifications for row in item.rows if row.run is not None}
    text = f"{exact(len(rows))} different layers were run, about {exact(spent)} events counted: "
    text += f"{exact(wrong)} disagree with their formulas." if wrong else "formulas and arithmetic agree."
    return f"{text} {exact(missing)} were not run." if missing else text


def _identity(layer: Layer) -> tuple[Any, ...]:
    return (layer.op.name, tuple(layer.arguments.items()), layer.inputs, layer.layout)


def to_json(verifications: Sequence[Verification]) -> dict[str, Any]:
    """`costcalc.verification/1`."""
    return {
        "format": "costcalc.verification/1",
        "agreed": all(item.agreed for item in verifications),
        "specs": [_spec(item) for item in verifications],
    }


def _spec(item: Verification) -> dict[str, Any]:
    return {
        "name": item.name,
        "spec": item.address,
        "agreed": item.agreed,
        "budget": item.budget,
        "spent": item.spent,
        "seed": item.seed,
        "verify_section": item.section,
        "args": {name: value_of(value) for name, value in item.args.items()},
        "input": {name: list(sizes) for name, sizes in item.inputs.items()},
        "layers": [_layer(row) for row in item.rows],
    }


def _layer(row: VerifiedLayer) -> dict[str, Any]:
    return {
        "path": row.path,
        "op": row.layer.op.name,
        "arguments": _arguments(row.layer.arguments),
        "count": row.layers,
        "input": [None if sizes is None else list(sizes) for sizes in row.layer.inputs],
        "run": row.run is not None,
        "smaller": row.shrunk,
        "run_arguments": None if row.run is None else _arguments(row.run.arguments),
        "run_input": None if row.run is None else [None if sizes is None else list(sizes) for sizes in row.run.inputs],
        "output": None if row.run is None else list(row.run.output),
        "output_found": None if row.output is None else list(row.output),
        "tally": dict(row.stated),
        "tally_found": dict(row.found),
        "weights": {name: list(sizes) for name, sizes in row.stated_weights.items()},
        "weights_read": {name: list(sizes) for name, sizes in row.read_weights.items()},
        "differences": [difference.text for difference in row.differences],
        "reason": row.reason,
    }


def _arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value_of(value) for name, value in arguments.items()}
