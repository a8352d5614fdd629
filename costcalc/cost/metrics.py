"""The totals of a report by name, and which of them are bytes or belong to the whole network alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter

from costcalc.cost.model import Cost, Report

Number = int | Fraction
"""A count: costcalc's own are integers, another convention's need not be whole."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A number of a report. `of_blocks` is whether parts of a network have it too."""

    name: str
    bytes: bool = False
    of_blocks: bool = True


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("params"),
        Metric("params_active"),
        Metric("buffers"),
        Metric("macs"),
        Metric("flops"),
        Metric("activations"),
        Metric("activation_bytes", bytes=True),
        Metric("peak_activation_bytes", bytes=True, of_blocks=False),
        Metric("weight_bytes", bytes=True),
        Metric("layers"),
    )
}
ADDITIVE = tuple(metric.name for metric in METRICS.values() if metric.of_blocks)

COUNTED_BY = ("costcalc", 2)
"""The convention that counts them, and its version: raised when a spec would give other numbers than before."""


METRIC_OF_UNIT = {"mac": "macs", "flop": "flops", "activation": "activations"}
"""The metric that a convention counts, by the unit of the convention."""


def total(report: Report, metric: str) -> int:
    """A metric of a whole network. Budgets and differences get their numbers here."""
    return report.peak().bytes if metric == "peak_activation_bytes" else part(report.totals, metric)


def part(cost: Cost, metric: str) -> int:
    """A metric of a layer or block."""
    number: int = getattr(cost, metric)
    return number


_all_parts = attrgetter(*ADDITIVE)


def metrics_of(cost: Cost, many: int = 1) -> dict[str, Number]:
    """Every metric of a layer or block, or of one of `many` alike that have this cost together."""
    numbers = _all_parts(cost)
    return dict(zip(ADDITIVE, numbers if many == 1 else (number // many for number in numbers), strict=True))
