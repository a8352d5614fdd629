"""Benchmarks as text: a line a layer, and how far from the limit of plain Python it is."""

from __future__ import annotations

from typing import Any

from costcalc.reference.bench import Benchmark, TimedLayer
from costcalc.report.description import in_short
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.json import value_of
from costcalc.report.numbers import duration, exact, measured, shape


def show(benchmark: Benchmark) -> Document:
    """The document that `costcalc bench` prints."""
    inputs = ", ".join(shape(sizes) for sizes in benchmark.graph.inputs.values())
    columns = (
        Column("Layer", folds=True),
        Column("Op", folds=True),
        Column("Alike", right=True),
        Column("Run at"),
        Column("MACs", right=True),
        Column("Median", right=True),
        Column("Spread"),
        Column("ns/MAC", right=True),
        Column("Of limit", right=True),
    )
    total = (
        "Total", "", None, "", benchmark.macs, duration(benchmark.seconds), "",
        _figure(benchmark.ns_per_mac), _share(benchmark.share),
    )  # fmt: skip
    times = "once" if benchmark.repeats == 1 else f"{exact(benchmark.repeats)} times"
    parts: list[Table | Text] = [
        Text(f"{benchmark.graph.name}: input {inputs}; {benchmark.backend.version}; every layer run {times}"),
        Table("", columns, [_cells(row) for row in benchmark.rows], total),
        Text("Alike: layers with the same op, arguments and channels; one of them was run."),
        Text("Total: of the runs in this table, one for each line: not the time of the network."),
        Text("Run at: the input it was run at; 'smaller' where the network's own is larger (--budget)."),
        Text(
            f"Median and spread (fastest to slowest) of one run, {benchmark.backend.clock_name}. "
            "ns/MAC in the total: of the layers that have MACs."
        ),
        Text(
            f"Of limit: how fast against bare {benchmark.limit_name} of rows as long as the layer's sums, in Python "
            f"{benchmark.python}, measured in turn with it."
        ),
    ]
    parts += [Text(f"{row.path} was not timed: {row.reason}") for row in benchmark.rows if row.run is None]
    return tuple(parts)


def _cells(row: TimedLayer) -> tuple[Cell, ...]:
    if row.run is None:
        return (row.path, in_short(row.layer.op, row.layer.arguments), row.layers, "", None, "not timed", "", "", "")
    at = " ".join(shape(sizes) for sizes in row.run.inputs if sizes is not None) + (" smaller" if row.shrunk else "")
    return (
        row.path,
        in_short(row.run.op, row.run.arguments),
        row.layers,
        at,
        row.macs,
        duration(row.median),
        f"{duration(min(row.seconds))} to {duration(max(row.seconds))}",
        _figure(row.ns_per_mac),
        _share(row.share),
    )


def flat(benchmark: Benchmark) -> Document:
    """One table for CSV, times in whole nanoseconds."""
    columns = (
        "Layer",
        "Op",
        "Alike",
        "Run at",
        "MACs",
        "Median ns",
        "Fastest ns",
        "Slowest ns",
        "ns per MAC",
        "Of limit",
    )
    rows: list[tuple[Cell, ...]] = []
    for row in benchmark.rows:
        nanoseconds: list[int | None] = [None, None, None]
        if row.run is not None:
            nanoseconds = [round(seconds * 10**9) for seconds in (row.median, min(row.seconds), max(row.seconds))]
        share = "" if row.share is None else measured(row.share)
        rows.append((*_cells(row)[:5], *nanoseconds, _figure(row.ns_per_mac), share))
    return (Table("", tuple(map(Column, columns)), rows),)


def _figure(value: float | None) -> str:
    return "" if value is None else measured(value)


def _share(value: float | None) -> str:
    return "" if value is None else f"{measured(value)}x"


def to_json(benchmark: Benchmark) -> dict[str, Any]:
    """`costcalc.benchmark/1`. Times are floats, in seconds; counts are exact."""
    return {
        "format": "costcalc.benchmark/1",
        "name": benchmark.graph.name,
        "spec": benchmark.graph.path,
        "variant": benchmark.graph.variant,
        "input": {name: list(sizes) for name, sizes in benchmark.graph.inputs.items()},
        "backend": {"name": benchmark.backend.name, "version": benchmark.backend.version},
        "limit": benchmark.limit_name,
        "python": benchmark.python,
        "repeats": benchmark.repeats,
        "budget": benchmark.budget,
        "totals": {
            "macs": benchmark.macs,
            "seconds": benchmark.seconds,
            "ns_per_mac": benchmark.ns_per_mac,
            "of_limit": benchmark.share,
        },
        "layers": [_layer(row) for row in benchmark.rows],
    }


def _layer(row: TimedLayer) -> dict[str, Any]:
    run = row.run
    return {
        "path": row.path,
        "op": row.layer.op.name,
        "count": row.layers,
        "arguments": {name: value_of(value) for name, value in row.layer.arguments.items()},
        "input": [None if sizes is None else list(sizes) for sizes in row.layer.inputs],
        "run": run is not None,
        "smaller": row.shrunk,
        "run_arguments": None if run is None else {name: value_of(value) for name, value in run.arguments.items()},
        "run_input": None if run is None else [None if sizes is None else list(sizes) for sizes in run.inputs],
        "macs": row.macs,
        "row_length": row.length,
        "seconds": list(row.seconds),
        "median": row.median if row.seconds else None,
        "ns_per_mac": row.ns_per_mac,
        "of_limit": row.share,
        "reason": row.reason,
    }
