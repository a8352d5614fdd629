"""Root mean square normalisation, by hand, step by step for one group of d elements."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "the last axis": (
        # a group of 7: squares 7 mul, 7 add, 1 div; eps 1 add; 1 sqrt; 7 div; weight 7 mul: 14 mul, 8 add, 8 div;
        # 5 groups
        "rms_norm", {}, [(5, 7)],
        (5, 7), {"weight": (7,)}, {"mul": 70, "add": 40, "sqrt": 5, "div": 40},
    ),
    "from an axis to the end": (
        # 3 groups of 35: 70 mul, 36 add, 36 div
        "rms_norm", {"axis": 1}, [(3, 5, 7)],
        (3, 5, 7), {"weight": (5, 7)}, {"mul": 210, "add": 108, "sqrt": 3, "div": 108},
    ),
    "without a weight": (
        "rms_norm", {"affine": False}, [(5, 7)],
        (5, 7), {}, {"mul": 35, "add": 40, "sqrt": 5, "div": 40},
    ),
    "the layout changes nothing": (
        "rms_norm", {"layout": "channels_last"}, [(5, 7)],
        (5, 7), {"weight": (7,)}, {"mul": 70, "add": 40, "sqrt": 5, "div": 40},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an axis there is not": (
        "rms_norm", {"axis": -3}, [(5, 7)],
        "the input [5, 7] has no axis -3", "axes count from 0; -1 is the last",
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


def test_elements_scaled(work: Any) -> None:
    assert work("rms_norm", {}, (5, 7)).quantities == {"scale_shift": 35}
    assert work("rms_norm", {"affine": False}, (5, 7)).quantities == {}


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
rms_norm:
  - why: mean square (1 + 49) / 2 = 25
    arguments: {eps: 0}
    inputs: [[1, 7]]
    weights: {weight: [10, 5]}
    output: [2, 7]
  - why: mean square (1 + 49 + 1 + 49) / 4 + 11 = 36
    arguments: {eps: 11, axis: 0, affine: false}
    inputs: [[[1, 7], [-1, -7]]]
    output: [[0.16666666666666666, 1.1666666666666667], [-0.16666666666666666, -1.1666666666666667]]
"""
