"""Layer normalisation, by hand, step by step for one group of d elements."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "the last axis": (
        # a group of 7: mean 7 add, 1 div; centre 7 add; variance 7 mul, 7 add, 1 div; eps 1 add; 1 sqrt; 7 div;
        # weight 7 mul; bias 7 bias_add: 14 mul, 22 add, 9 div; 5 groups
        "layer_norm", {}, [(5, 7)],
        (5, 7), {"weight": (7,), "bias": (7,)}, {"mul": 70, "add": 110, "bias_add": 35, "sqrt": 5, "div": 45},
    ),
    "from an axis to the end": (
        # 3 groups of 35: 70 mul, 106 add, 37 div
        "layer_norm", {"axis": 1}, [(3, 5, 7)],
        (3, 5, 7), {"weight": (5, 7), "bias": (5, 7)},
        {"mul": 210, "add": 318, "bias_add": 105, "sqrt": 3, "div": 111},
    ),
    "everything is one group": (
        # 1 group of 105: 210 mul, 316 add, 107 div
        "layer_norm", {"axis": -3}, [(3, 5, 7)],
        (3, 5, 7), {"weight": (3, 5, 7), "bias": (3, 5, 7)},
        {"mul": 210, "add": 316, "bias_add": 105, "sqrt": 1, "div": 107},
    ),
    "a weight without a bias": (
        "layer_norm", {"bias": False}, [(5, 7)],
        (5, 7), {"weight": (7,)}, {"mul": 70, "add": 110, "sqrt": 5, "div": 45},
    ),
    "there is no bias without a weight": (
        "layer_norm", {"affine": False}, [(5, 7)],
        (5, 7), {}, {"mul": 35, "add": 110, "sqrt": 5, "div": 45},
    ),
    "an axis by its name": (
        # on [H, W, C] the width is axis 1
        "layer_norm", {"axis": "width", "layout": "channels_last"}, [(3, 5, 7)],
        (3, 5, 7), {"weight": (5, 7), "bias": (5, 7)},
        {"mul": 210, "add": 318, "bias_add": 105, "sqrt": 3, "div": 111},
    ),
    "the layout changes nothing": (
        "layer_norm", {"layout": "channels_last"}, [(5, 7)],
        (5, 7), {"weight": (7,), "bias": (7,)}, {"mul": 70, "add": 110, "bias_add": 35, "sqrt": 5, "div": 45},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an axis there is not": (
        "layer_norm", {"axis": 2}, [(5, 7)],
        "the input [5, 7] has no axis 2", "axes count from 0; -1 is the last",
    ),
}
# fmt: on


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


@pytest.mark.parametrize("fact", REFUSED)
def test_refused(refuse: Any, fact: str) -> None:
    op, arguments, inputs, *expected = REFUSED[fact]
    assert list(refuse(op, arguments, *inputs)) == expected


def test_elements_scaled_and_shifted(work: Any) -> None:
    """fvcore counts 5 an element with weights and 4 without: 4 an element and 1 an element scaled and shifted."""
    assert work("layer_norm", {}, (5, 7)).quantities == {"scale_shift": 35}
    assert work("layer_norm", {"affine": False}, (5, 7)).quantities == {}


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
layer_norm:
  - why: mean 2, variance 1, sqrt(1 + 3) = 2; then 2 * -0.5 + 1 and 4 * 0.5 + 1
    arguments: {eps: 3}
    inputs: [[1, 3]]
    weights: {weight: [2, 4], bias: [1, 1]}
    output: [0, 3]
  - why: all four together have mean 4, variance (9 + 1 + 1 + 9) / 4 = 5, sqrt(5 + 4) = 3
    arguments: {eps: 4, axis: 0, affine: false}
    inputs: [[[1, 3], [5, 7]]]
    output: [[-1, -0.3333333333333333], [0.3333333333333333, 1]]
  - why: rows on their own, weight without bias
    arguments: {eps: 0, bias: false}
    inputs: [[[1, 3], [10, 30]]]
    weights: {weight: [1, 10]}
    output: [[-1, 10], [-1, 10]]
"""
