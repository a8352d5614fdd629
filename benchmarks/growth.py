"""In process: how reading, building, estimating and rendering grow, for layers all alike and all different.

    python benchmarks/growth.py

The exponent is the slope of a line through the logarithms: 0 is constant, 1 is linear.
"""

from __future__ import annotations

import argparse
import math
import platform
import resource
import statistics
import time
from collections.abc import Callable

from costcalc.conventions.load import load, names
from costcalc.cost.estimate import estimate
from costcalc.graph.build import build
from costcalc.reconcile.lines import reconcile
from costcalc.report.layers import show
from costcalc.report.plain import render
from costcalc.report.reconciliation import show as reconciled
from costcalc.spec.load import load_text

ALIKE = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
DIFFERENT = (10, 100, 1_000, 5_000, 20_000)


def alike(count: int) -> str:
    """One block of five layers, repeated."""
    body = "[{conv: {out: w, kernel: 3, padding: 1}}, batch_norm, relu]"
    return (
        f"input: [16, 9, 8]\nblocks:\n  unit(w):\n    - add: {{body: {body}, skip: []}}\n"
        f"layers:\n  - unit: {{w: 16}}\n    repeat: {count}\n    name: stage\n"
    )


def different(count: int) -> str:
    """As many layers, no two of the same width."""
    lines = [
        f"  - conv: {{out: {16 + k}, kernel: 1, bias: false}}" if k % 2 else f"  - linear: {{out: {8 + k}}}"
        for k in range(count)
    ]
    return "\n".join(["layout: channels_last", "input: [9, 8, 16]", "layers:", *lines, ""])


def measure(text: str, *, rendering: bool, rounds: int) -> list[float]:
    """Median seconds of load, build, estimate and render."""
    figures: list[list[float]] = [[], [], [], []]
    for _ in range(rounds):
        start = time.perf_counter()
        spec = load_text(text)
        loaded = time.perf_counter()
        graph = build(spec)
        built = time.perf_counter()
        report = estimate(graph)
        estimated = time.perf_counter()
        if rendering:
            for _line in render(show(report)):
                pass
        rendered = time.perf_counter()
        for figure, seconds in zip(
            figures, (loaded - start, built - loaded, estimated - built, rendered - estimated), strict=True
        ):
            figure.append(seconds)
    return [statistics.median(figure) for figure in figures]


def series(title: str, make: Callable[[int], str], counts: tuple[int, ...]) -> None:
    """A line for each size, and the exponents of growth."""
    print(f"\n{title}\n\n| layers | load | build | estimate | render |\n|---:|---:|---:|---:|---:|")
    rows = []
    for count in counts:
        rendering = count <= 20_000
        row = measure(make(count), rendering=rendering, rounds=5 if count <= 1_000 else 3)
        rows.append(row)
        cells = [f"{seconds * 1000:.2f} ms" for seconds in row]
        if not rendering:
            cells[3] = "-"
        print(f"| {count:,} | {' | '.join(cells)} |")
    exponents = [slope(counts, [row[part] for row in rows]) for part in range(3)]
    print("exponent of growth: " + ", ".join(f"{exponent:.2f}" for exponent in exponents))


def questions(count: int) -> None:
    """How long `reconcile` of all conventions takes beside the table of the same layers, tables included."""
    spec = load_text(different(count))
    start = time.process_time()
    for _line in render(show(estimate(build(spec)))):
        pass
    shown = time.process_time()
    report = estimate(build(spec))
    for _line in render(reconciled(reconcile(report, [load(name) for name in names()]))):
        pass
    asked = time.process_time()
    ratio = (asked - shown) / (shown - start)
    print(f"\n{count:,} different layers: reconcile takes {ratio:.2f} times as long as the table, both without reading")


def slope(counts: tuple[int, ...], seconds: list[float]) -> float:
    """The slope of the line through (log count, log seconds), by least squares."""
    return statistics.linear_regression([math.log(count) for count in counts], [math.log(s) for s in seconds]).slope


if __name__ == "__main__":
    argparse.ArgumentParser(description="How the time grows with the number of layers.").parse_args()
    print(f"Python {platform.python_version()}")
    measure(different(10), rendering=True, rounds=1)  # imports
    series("All alike: a block of five layers, repeated", alike, ALIKE)
    series("All different", different, DIFFERENT)
    questions(20_000)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB, tables included")
