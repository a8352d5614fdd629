"""`run_exact`: a `Graph` calculated on integers and fractions, of which none is ever rounded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from costcalc.graph.model import Graph
from costcalc.reference.exact import check_exact, exact_kernels
from costcalc.reference.exact_values import draw_exact_weight, draw_integers
from costcalc.reference.rational import rational
from costcalc.reference.run import BUDGET, Arithmetic, Progress, Run, run

EXACT = Arithmetic(exact_kernels, rational, draw_integers, draw_exact_weight, exact=True)


def run_exact(
    graph: Graph,
    values: Mapping[str, Any] | None = None,
    seed: int = 0,
    only: Collection[str] | None = None,
    progress: Progress | None = None,
    budget: int = BUDGET,
) -> Run:
    """Calculate `graph` as `run` does, but exactly. A decimal that is given, 0.3, is 3/10; random values are integers.

    Raises:
        CostcalcError: a layer has no exact values, and is named; or given values do not fit, or it takes more than the
            budget.
    """
    check_exact(graph)
    return run(graph, values, seed, only, progress, EXACT, budget)
