"""Batch normalisation at inference, by hand: c scales and shifts, then one product and sum an element."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "scale and shift are worked out once a channel": (
        # 4 channels of 70: scale = weight / sqrt(var + eps): 4 add, 4 sqrt, 4 div; shift = bias - mean * scale: 4 mul,
        # 4 bias_add; 280 elements: mul, add
        "batch_norm", {}, [(4, 7, 10)],
        (4, 7, 10), {"weight": (4,), "bias": (4,)},
        {"mul": 284, "add": 284, "bias_add": 4, "sqrt": 4, "div": 4},
    ),
    "without weight and bias a shift is a change of sign": (
        "batch_norm", {"affine": False}, [(4, 7, 10)],
        (4, 7, 10), {}, {"mul": 284, "add": 284, "sqrt": 4, "div": 4},
    ),
    "a vector: every feature is a channel": (
        # 5 elements: 5 + 5 = 10
        "batch_norm", {}, [(5,)],
        (5,), {"weight": (5,), "bias": (5,)}, {"mul": 10, "add": 10, "bias_add": 5, "sqrt": 5, "div": 5},
    ),
    "channels last": (
        "batch_norm", {"layout": "channels_last"}, [(7, 10, 4)],
        (7, 10, 4), {"weight": (4,), "bias": (4,)},
        {"mul": 284, "add": 284, "bias_add": 4, "sqrt": 4, "div": 4},
    ),
    "three axes": (
        # 2 * 60 = 120 elements: 122
        "batch_norm", {}, [(2, 3, 4, 5)],
        (2, 3, 4, 5), {"weight": (2,), "bias": (2,)},
        {"mul": 122, "add": 122, "bias_add": 2, "sqrt": 2, "div": 2},
    ),
}
# fmt: on


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


def test_statistics_are_buffers_with_and_without_weights(work: Any) -> None:
    for affine in (True, False):
        done = work("batch_norm", {"affine": affine}, (4, 7, 10))
        assert done.buffers == {"running_mean": (4,), "running_var": (4,)}


def test_scale_and_shift_touch_every_element_when_there_are_weights(work: Any) -> None:
    """thop 0.1.1 counts 4 an element with weights and 2 without: 2 an element and 2 an element scaled and shifted."""
    assert work("batch_norm", {}, (4, 7, 10)).quantities == {"scale_shift": 280}
    assert work("batch_norm", {"affine": False}, (4, 7, 10)).quantities == {}


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
batch_norm:
  - why: (x - 1) * 3 / sqrt(3 + 1) + 1 and (x - 2) / sqrt(8 + 1) - 1
    arguments: {eps: 1}
    inputs: [[[1, 3], [2, 5]]]
    weights: {weight: [3, 1], bias: [1, -1], running_mean: [1, 2], running_var: [3, 8]}
    output: [[1, 4], [-1, 0]]
  - why: (x - 1) / 2 and (x - 2) / 3, channels last
    layout: channels_last
    arguments: {eps: 1, affine: false}
    inputs: [[[1, 2], [3, 5]]]
    weights: {running_mean: [1, 2], running_var: [3, 8]}
    output: [[0, 0], [1, 1]]
"""
