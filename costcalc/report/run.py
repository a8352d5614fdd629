"""Values of a run as text: tensors row by row, and the products behind one output pixel."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from costcalc.reference.run import Run, RunLayer
from costcalc.reference.tensor import Tensor
from costcalc.reference.trace import Trace
from costcalc.report.description import in_short
from costcalc.report.document import Column, Document, Table, Text
from costcalc.report.numbers import decimal, exact, shape, value

MOST_ROWS = 64
MOST_NUMBERS = 256
"""So many rows of a tensor are printed, and so many numbers of a row; `--format json` has them all."""


def show_run(run: Run, layer: str | None) -> Document:
    """The values of one layer, or the outputs of the network."""
    if layer is None:
        parts: list[Table | Text] = []
        for name, tensor in run.outputs.items():
            parts += [Text(f"output {name} {shape(tensor.shape)}"), *_tensor(tensor)]
        return tuple(parts)
    ran = run.layer(layer)
    parts = [Text(f"{ran.path}: {in_short(ran.layer.op, ran.layer.arguments)}")]
    for number, tensor_in in enumerate(ran.inputs):
        if tensor_in is not None:
            label = "input" if len(ran.inputs) == 1 else f"input {number + 1}"
            parts += [Text(f"{label} {shape(tensor_in.shape)}"), *_tensor(tensor_in)]
    for name, weight in ran.weights.items():
        parts += [Text(f"{name} {shape(weight.shape)}"), *_tensor(weight)]
    return (*parts, Text(f"output {shape(ran.output.shape)}"), *_tensor(ran.output))


def _tensor(tensor: Tensor) -> list[Table | Text]:
    lines = tensor.lines()
    rows = []
    for number, line in enumerate(lines[:MOST_ROWS]):
        rest = f" ... {exact(len(line) - MOST_NUMBERS)} more" if len(line) > MOST_NUMBERS else ""
        numbers = " ".join(map(value, line[:MOST_NUMBERS]))
        rows.append(Text(f"  {shape(_place(number, tensor.shape[:-1]))} {numbers}{rest}"))
    if len(lines) > MOST_ROWS:
        rows.append(Text(f"  ... {exact(len(lines) - MOST_ROWS)} more rows (--format json has them all)"))
    return [*rows]


def _place(number: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The indices of row `number` of a tensor whose axes but the last have these sizes."""
    place: list[int] = []
    for size in reversed(sizes):
        number, index = divmod(number, size)
        place.append(index)
    return tuple(reversed(place))


def show_pixel(ran: RunLayer, traces: Sequence[Trace]) -> Document:
    """For every output channel at a position: the products that were added up, and their sum."""
    parts: list[Table | Text] = [
        Text(f"{ran.path}: {in_short(ran.layer.op, ran.layer.arguments)}"),
        Text(
            f"input {' '.join(shape(x.shape) for x in ran.inputs if x is not None)} -> output {shape(ran.output.shape)}"
        ),
    ]
    columns = (
        Column("Weight at"),
        Column("Weight", right=True),
        Column("Input at"),
        Column("Input", right=True),
        Column("Product", right=True),
    )
    for trace in traces:
        rows = [
            (
                shape(term.weight_place),
                decimal(term.weight),
                "padding" if term.place is None else shape(term.place),
                decimal(term.number),
                decimal(term.value),
            )
            for term in trace.terms
        ]
        if trace.bias is not None:
            rows.append(("bias", "", "", "", decimal(trace.bias)))
        parts.append(Table(f"y{shape(trace.place)}", columns, rows, ("Sum", "", "", "", decimal(trace.value))))
        parts.append(Text(_in_a_line(trace)))
    return tuple(parts)


def _in_a_line(trace: Trace) -> str:
    terms = [f"{decimal(term.weight)}*{decimal(term.number)}" for term in trace.terms[:8]]
    if len(trace.terms) > 8:
        terms.append(f"... {exact(len(trace.terms) - 8)} more products")
    if trace.bias is not None:
        terms.append(decimal(trace.bias))
    return f"y{shape(trace.place)} = {' + '.join(terms)} = {decimal(trace.value)}".replace("+ -", "- ")


def values_of(run: Run, layer: str | None) -> Document:
    """For CSV: every number of the outputs, or of what one layer takes, has and gives, in a row of its own."""
    if layer is None:
        tensors: list[tuple[str, Tensor]] = list(run.outputs.items())
    else:
        ran = run.layer(layer)
        inputs = [tensor for tensor in ran.inputs if tensor is not None]
        names = ["input"] if len(inputs) == 1 else [f"input {number + 1}" for number in range(len(inputs))]
        tensors = [*zip(names, inputs, strict=True), *ran.weights.items(), ("output", ran.output)]
    columns = (Column("Tensor"), Column("At"), Column("Value", right=True))
    rows = [
        (name, shape(_place(number, tensor.shape)), str(value))
        for name, tensor in tensors
        for number, value in enumerate(tensor.numbers)
    ]
    return (Table("Values", columns, rows),)


def products_of(traces: Sequence[Trace]) -> Document:
    """For CSV: the products behind every output of `traces`, and the bias where there is one."""
    columns = tuple(map(Column, ("Output at", "Weight at", "Weight", "Input at", "Input", "Product")))
    rows: list[tuple[str, ...]] = []
    for trace in traces:
        at = shape(trace.place)
        for term in trace.terms:
            place = "padding" if term.place is None else shape(term.place)
            row = (at, shape(term.weight_place), str(term.weight), place, str(term.number), str(term.value))
            rows.append(row)
        if trace.bias is not None:
            rows.append((at, "bias", "", "", "", str(trace.bias)))
    return (Table("Products", columns, rows),)


def to_json(run: Run, layer: str | None) -> dict[str, Any]:
    """`costcalc.run/1`. Integers are exact; a fraction, which JSON does not know, is a text: `"3/49"`."""
    found: dict[str, Any] = {
        "format": "costcalc.run/1",
        "name": run.graph.name,
        "exact": run.exact,
        "input": {name: _tensor_json(tensor) for name, tensor in run.inputs.items()},
        "output": {name: _tensor_json(tensor) for name, tensor in run.outputs.items()},
    }
    if layer is not None:
        ran = run.layer(layer)
        found["layer"] = {
            "path": ran.path,
            "op": ran.layer.op.name,
            "inputs": [None if tensor is None else _tensor_json(tensor) for tensor in ran.inputs],
            "weights": {name: _tensor_json(tensor) for name, tensor in ran.weights.items()},
            "output": _tensor_json(ran.output),
        }
    return found


def _tensor_json(tensor: Tensor) -> dict[str, Any]:
    return {"shape": list(tensor.shape), "values": tensor.map(_number).rows()}


def _number(number: Any) -> Any:
    """A number as JSON has it: fractions, infinities and what is no number are texts there."""
    return number if isinstance(number, int) or (isinstance(number, float) and isfinite(number)) else str(number)


def pixel_json(traces: Sequence[Trace]) -> dict[str, Any]:
    """`costcalc.pixel/1`."""
    return {
        "format": "costcalc.pixel/1",
        "pixels": [
            {
                "path": trace.path,
                "at": list(trace.place),
                "products": [
                    {
                        "weight_at": list(term.weight_place),
                        "weight": _number(term.weight),
                        "input_at": None if term.place is None else list(term.place),
                        "input": _number(term.number),
                        "product": _number(term.value),
                    }
                    for term in trace.terms
                ],
                "bias": None if trace.bias is None else _number(trace.bias),
                "value": _number(trace.value),
            }
            for trace in traces
        ],
    }
