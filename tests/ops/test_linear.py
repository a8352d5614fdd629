"""Linear layers, by hand: every position meets the whole matrix."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "a vector": (
        "linear", {"out": 3}, [(7,)],
        (3,), {"weight": (3, 7), "bias": (3,)}, {"mac": 21, "bias_add": 3},
    ),
    "every token is a position": (
        # 5 * 3 = 15 outputs of 7 products: 105
        "linear", {"out": 3}, [(5, 7)],
        (5, 3), {"weight": (3, 7), "bias": (3,)}, {"mac": 105, "bias_add": 15},
    ),
    "the last axis, whatever stands before it": (
        # 2 * 5 * 3 = 30 outputs of 7 products: 210
        "linear", {"out": 3, "bias": False}, [(2, 5, 7)],
        (2, 5, 3), {"weight": (3, 7)}, {"mac": 210},
    ),
    "the layout changes nothing": (
        "linear", {"out": 3, "bias": False, "layout": "channels_last"}, [(2, 5, 7)],
        (2, 5, 3), {"weight": (3, 7)}, {"mac": 210},
    ),
    "the head of ResNet-50 (torchvision, measured with hooks: 2,048,000)": (
        "linear", {"out": 1000}, [(2048,)],
        (1000,), {"weight": (1000, 2048), "bias": (1000,)}, {"mac": 2_048_000, "bias_add": 1_000},
    ),
}
# fmt: on


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
linear:
  - why: 1 + 20 + 300 + 0.5 and 1 - 3; 4 + 50 + 600 + 0.5 and 4 - 6
    arguments: {out: 2}
    inputs: [[[1, 2, 3], [4, 5, 6]]]
    weights: {weight: [[1, 10, 100], [1, 0, -1]], bias: [0.5, 0]}
    output: [[321.5, -2], [654.5, -2]]
  - why: a vector, without bias
    arguments: {out: 1, bias: false}
    inputs: [[1, 2]]
    weights: {weight: [[1, 10]]}
    output: [21]
"""
