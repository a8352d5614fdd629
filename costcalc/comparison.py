"""`compare`: reports -> a `Comparison`: totals side by side, ratios to the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costcalc.cost.metrics import METRICS, total
from costcalc.cost.model import Report

if TYPE_CHECKING:
    from costcalc.cost.account import Account


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two or more reports; `metrics` is metric -> one exact number per report; `accounts` one per report, or none."""

    reports: tuple[Report, ...]
    metrics: dict[str, tuple[int, ...]]
    accounts: tuple[Account, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """One label per report: its name, or its address where names repeat."""
        names = [report.name for report in self.reports]
        return tuple(
            report.name if names.count(report.name) == 1 else f"{report.graph.address} ({position + 1})"
            for position, report in enumerate(self.reports)
        )


def compare(reports: Sequence[Report], accounts: Sequence[Account] = ()) -> Comparison:
    """Put reports side by side, and what a convention makes of each of them.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(reports) < 2:
        raise ValueError("a comparison takes at least two reports")
    compared = (metric.name for metric in METRICS.values() if metric.shown == "always")
    metrics = {metric: tuple(total(report, metric) for report in reports) for metric in compared}
    return Comparison(tuple(reports), metrics, tuple(accounts))


def channels(report: Report) -> tuple[int, int]:
    """Channels going in and coming out (first input, first output)."""
    graph = report.graph
    shapes = (next(iter(graph.inputs.values())), next(iter(graph.outputs.values()))[1])
    axis = 0 if graph.layout == "channels_first" else -1
    return shapes[0][axis], shapes[1][axis]
