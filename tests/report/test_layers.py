"""The table of layers: what its rows say about ops, repeats and shared weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from costcalc.report.layers import show
from costcalc.report.plain import render

REPEATED = """
    input: [6, 10, 8]
    layers:
      - conv: {out: 6, kernel: 1}
        repeat: 2
        name: mix
"""
SHARED = """
    input: [6, 10, 8]
    layers:
      - conv: {out: 6, kernel: 3, padding: 1, bias: false}
        repeat: 4
        share: loop
        name: loop
"""


def lines(report: Any, **options: Any) -> list[str]:
    return list(render(show(report, **options)))


@pytest.mark.parametrize("options", [{}, {"depth": 1}, {"top": 1, "sort": "macs"}])
def test_a_repeated_op_with_arguments_is_rolled_up(cost: Callable[..., Any], options: dict[str, Any]) -> None:
    """Two 1x1 convolutions of 6 channels: 2 * (6 * 6 + 6) = 84 params, 2 * 36 * 80 = 5,760 multiply-adds."""
    text = lines(cost(REPEATED), **options)
    assert any(line.split() == ["Total", "84", "5,760", "100.0%"] for line in text)
    if options == {"depth": 1}:
        assert any("conv out=6 kernel=1 x2" in line for line in text)


@pytest.mark.parametrize("depth", [None, 1, 2])
def test_a_repeat_that_shares_its_weights(cost: Callable[..., Any], depth: int | None) -> None:
    """Four rounds of one 3x3 convolution: 6 * 6 * 9 = 324 params once, 4 * 324 * 80 = 103,680 multiply-adds."""
    text = lines(cost(SHARED), depth=depth)
    assert any(line.split()[:4] == ["Total", "324", "103,680", "100.0%"] for line in text)
    assert any("shared weights" in line for line in text) is (depth != 1)
