"""`load -> build -> estimate` for a command: an address and the options of size -> a report."""

from __future__ import annotations

from collections.abc import Sequence

from costcalc.cost.model import Report
from costcalc.errors import Problem, SpecError

Assignments = Sequence[tuple[str, str]]
Shapes = Sequence[tuple[str, tuple[int, ...]]]


def report_of(address: str, assignments: Assignments = (), inputs: Shapes = (), batch: int = 1) -> Report:
    """The report of one spec at the size that the options give; warnings go to standard error."""
    from costcalc.cli.failure import say
    from costcalc.cost.estimate import estimate
    from costcalc.graph.build import build
    from costcalc.spec.load import load
    from costcalc.text.snippets import render

    spec = load(address)
    first = spec.inputs[0][0]
    graph = build(spec, dict(assignments), {name or first: shape for name, shape in inputs})
    for warning in graph.warnings:
        say(render(warning))
    return estimate(graph, batch)


def reports_of(
    addresses: Sequence[str], assignments: Assignments = (), inputs: Shapes = (), batch: int = 1
) -> list[Report]:
    """Several reports; the problems of all specs are raised together."""
    reports: list[Report] = []
    problems: list[Problem] = []
    for address in addresses:
        try:
            reports.append(report_of(address, assignments, inputs, batch))
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    return reports
