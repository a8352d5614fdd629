"""Group and instance normalisation, by hand, step by step for one group of d elements."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "groups of two channels": (
        # a group of 2 * 20 = 40: mean 40 add, 1 div; centre 40 add; variance 40 mul, 40 add, 1 div; eps 1 add; 1 sqrt;
        # 40 div; weight 40 mul; bias 40 bias_add: 80 mul, 121 add, 42 div; 3 groups
        "group_norm", {"groups": 3}, [(6, 5, 4)],
        (6, 5, 4), {"weight": (6,), "bias": (6,)},
        {"mul": 240, "add": 363, "bias_add": 120, "sqrt": 3, "div": 126},
    ),
    "without weight and bias": (
        "group_norm", {"groups": 3, "affine": False}, [(6, 5, 4)],
        (6, 5, 4), {}, {"mul": 120, "add": 363, "sqrt": 3, "div": 126},
    ),
    "channels last": (
        "group_norm", {"groups": 3, "layout": "channels_last"}, [(5, 4, 6)],
        (5, 4, 6), {"weight": (6,), "bias": (6,)},
        {"mul": 240, "add": 363, "bias_add": 120, "sqrt": 3, "div": 126},
    ),
    "a vector in groups": (
        # 2 groups of 3: 6 mul, 10 add, 5 div
        "group_norm", {"groups": 2}, [(6,)],
        (6,), {"weight": (6,), "bias": (6,)}, {"mul": 12, "add": 20, "bias_add": 6, "sqrt": 2, "div": 10},
    ),
    "instance norm: every channel is a group, and there are no weights": (
        # a group of 20: 20 mul, 61 add, 22 div; 3 channels
        "instance_norm", {}, [(3, 5, 4)],
        (3, 5, 4), {}, {"mul": 60, "add": 183, "sqrt": 3, "div": 66},
    ),
    "instance norm with weights": (
        "instance_norm", {"affine": True}, [(3, 5, 4)],
        (3, 5, 4), {"weight": (3,), "bias": (3,)},
        {"mul": 120, "add": 183, "bias_add": 60, "sqrt": 3, "div": 66},
    ),
    "instance norm of a signal, channels last": (
        # 3 channels of 5: 5 mul, 16 add, 7 div
        "instance_norm", {"layout": "channels_last"}, [(5, 3)],
        (5, 3), {}, {"mul": 15, "add": 48, "sqrt": 3, "div": 21},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "groups that do not divide the channels": (
        "group_norm", {"groups": 4}, [(6, 5, 4)],
        "groups=4 must divide the 6 channels", "",
    ),
    "instance norm of a vector": (
        "instance_norm", {}, [(6,)],
        "instance_norm needs [C, L], [C, H, W] or [C, D, H, W], got [6]", "",
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
    assert work("group_norm", {"groups": 3}, (6, 5, 4)).quantities == {"scale_shift": 120}
    assert work("instance_norm", {}, (6, 5, 4)).quantities == {}


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
group_norm:
  - why: mean 2 and variance 1 of the first two channels, 20 and 100 of the others
    arguments: {groups: 2, eps: 0}
    inputs: [[[1], [3], [10], [30]]]
    weights: {weight: [1, 2, 3, 4], bias: [0, 0, 1, 1]}
    output: [[-1], [2], [-2], [5]]
instance_norm:
  - why: every channel on its own; mean 2 and variance 1 or 4
    arguments: {eps: 0}
    inputs: [[[1, 3], [0, 4]]]
    output: [[-1, 1], [-1, 1]]
  - why: with a weight and a bias per channel
    arguments: {eps: 0, affine: true}
    inputs: [[[1, 3], [0, 4]]]
    weights: {weight: [2, 3], bias: [1, 0]}
    output: [[-1, 3], [-3, 3]]
"""
