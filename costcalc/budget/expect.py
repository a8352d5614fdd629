"""The numbers from outside that a spec states under `expect`, judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from costcalc.budget.verdict import Judgement, Value
from costcalc.cost.metrics import total
from costcalc.graph.model import Layer
from costcalc.text.nodes import Node
from costcalc.versions.match_networks import Model
from costcalc.versions.snapshot import Measured


def expectations(model: Model) -> Iterator[Judgement]:
    """One judgement for every number, and for the shape of every output."""
    report = model.now.report
    for metric, (expected, node) in report.graph.expect.items():
        if metric != "output":
            yield _judgement(model, metric, expected, total(report, metric), node)
        elif isinstance(expected, dict):
            for name, shape in expected.items():
                yield _judgement(model, f"output {name}", shape, report.output.get(name, ()), node)
        else:
            shapes = list(report.output.values())
            yield _judgement(model, "output", expected, shapes[0] if len(shapes) == 1 else (), node)


def _judgement(model: Model, metric: str, expected: Any, value: Value, node: Node) -> Judgement:
    difference = value - expected if isinstance(value, int) else 0
    return Judgement(
        model=model,
        budget="expect",
        metric=metric,
        kind="expect",
        limit="",
        allowed=expected,
        value=value,
        whole=value if isinstance(value, int) else 0,
        status="pass" if value == expected else "fail",
        location=node.location(),
        written=node.location(),
        remark=_coincidence(model.now.plain, metric, abs(difference)) if difference else "",
    )


def _coincidence(now: Measured, metric: str, difference: int) -> str:
    """A layer or a weight that is as large as the difference: perhaps one side counts it and the other does not."""
    for piece in now.layers:
        if piece.numbers.get(metric) == difference:
            return f"the difference is as large as {piece.path}"
        layer = piece.row.child if piece.row is not None else None
        for weight in layer.weights if metric == "params" and isinstance(layer, Layer) else ():
            if weight.size == difference:
                return f"the difference is as large as the {weight.name} of {piece.path}"
    return ""
