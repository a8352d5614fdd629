"""`compare`: totals side by side, as exact numbers, in the order given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from costcalc.comparison import channels, compare
from costcalc.cost.model import Report

Cost = Callable[..., Report]


def test_totals_side_by_side(cost: Cost) -> None:
    """By hand: 3 x 4 + 4 params, 12 macs, and a peak of 3 + 4 numbers; beside 3 x 5 + 5, 15 and 8."""
    reports = [cost(f"{{name: net{out}, input: [3], layers: [{{linear: {{out: {out}}}}}]}}") for out in (4, 5)]
    comparison = compare(reports)
    assert comparison.names == ("net4", "net5")
    assert comparison.reports == tuple(reports)
    assert comparison.metrics == {
        "params": (16, 20),
        "macs": (12, 15),
        "flops": (24, 30),
        "activations": (4, 5),
        "activation_bytes": (16, 20),
        "peak_activation_bytes": (28, 32),
        "weight_bytes": (64, 80),
        "layers": (1, 1),
    }


def test_reports_of_one_name_are_told_apart(cost: Cost) -> None:
    """By their address and their place."""
    report = cost("{name: net, input: [3], layers: [relu]}")
    other = cost("{name: other, input: [3], layers: [relu]}")
    assert compare([report, other, report]).names == ("<text> (1)", "other", "<text> (3)")


def test_one_report_is_no_comparison(cost: Cost) -> None:
    with pytest.raises(ValueError, match="at least two"):
        compare([cost("{input: [3], layers: [relu]}")])


@pytest.mark.parametrize(
    ("layout", "shape", "expected"), [("channels_first", "[3, 4, 6]", (3, 5)), ("channels_last", "[4, 6, 3]", (3, 5))]
)
def test_channels_follow_the_layout(cost: Cost, layout: str, shape: str, expected: tuple[int, int]) -> None:
    report = cost(f"{{layout: {layout}, input: {shape}, layers: [{{conv: {{out: 5, kernel: 1}}}}]}}")
    assert channels(report) == expected
