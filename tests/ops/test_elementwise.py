"""Sum, product and difference, by hand: j - 1 operations an output element; shapes as PyTorch's broadcasting."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "add two": ("add", {}, [(4, 7, 10), (4, 7, 10)], (4, 7, 10), {}, {"add": 280}),
    "add three": ("add", {}, [(4, 7, 10)] * 3, (4, 7, 10), {}, {"add": 560}),
    "add one alone: nothing": ("add", {}, [(4, 7, 10)], (4, 7, 10), {}, {}),
    "mul by one number a channel (squeeze and excitation)": (
        "mul", {}, [(4, 7, 10), (4, 1, 1)], (4, 7, 10), {}, {"mul": 280},
    ),
    "mul four": ("mul", {}, [(5, 7)] * 4, (5, 7), {}, {"mul": 105}),
    "sub is an addition": ("sub", {}, [(5, 7), (5, 7)], (5, 7), {}, {"add": 35}),
    "a missing axis is repeated": ("add", {}, [(5, 7), (7,)], (5, 7), {}, {"add": 35}),
    "also in the first": ("sub", {}, [(7,), (5, 7)], (5, 7), {}, {"add": 35}),
    "each repeats where it has 1": ("mul", {}, [(4, 1, 10), (7, 1)], (4, 7, 10), {}, {"mul": 280}),
    "three that need each other": (
        # 3 * 4 * 5 = 60 elements, 2 operations each
        "add", {}, [(3, 1, 1), (4, 1), (5,)], (3, 4, 5), {}, {"add": 120},
    ),
    "the layout changes nothing": (
        "add", {"layout": "channels_last"}, [(7, 10, 4), (4,)], (7, 10, 4), {}, {"add": 280},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a shortcut that kept its channels": (
        "add", {}, [(64, 56, 56), (256, 56, 56)],
        "the branches do not fit together: [64, 56, 56] and [256, 56, 56] differ on axis 0 (64 and 256)", "",
    ),
    "the first two that differ are named": (
        "mul", {}, [(1, 7, 10), (4, 7, 10), (4, 7, 1), (4, 7, 9)],
        "the branches do not fit together: [1, 7, 10] and [4, 7, 9] differ on axis 2 (10 and 9)", "",
    ),
    "an axis that came from the second": (
        "add", {}, [(1, 7, 10), (4, 7, 10), (3, 7, 10)],
        "the branches do not fit together: [4, 7, 10] and [3, 7, 10] differ on axis 0 (4 and 3)", "",
    ),
    "shapes of unlike length": (
        "sub", {}, [(4, 7, 10), (4,)],
        "the branches do not fit together: [4, 7, 10] and [4] differ on axis 2 (10 and 4)",
        "shapes of unlike length are aligned at their last axes",
    ),
    "shapes of unlike length, the longer one second": (
        "add", {}, [(7, 9), (4, 7, 10)],
        "the branches do not fit together: [7, 9] and [4, 7, 10] differ on axis 2 (9 and 10)",
        "shapes of unlike length are aligned at their last axes",
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


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
add:
  - why: three tensors, one repeated along an axis of size 1 and one along a missing axis
    inputs: [[[1, 2], [3, 4]], [[10], [20]], [100, 200]]
    output: [[111, 212], [123, 224]]
mul:
  - why: a gate per channel
    inputs: [[[[1, 2]], [[3, 4]]], [[[10]], [[100]]]]
    output: [[[10, 20]], [[300, 400]]]
sub:
  - why: left minus right, both repeated
    inputs: [[[1], [2]], [[10, 20]]]
    output: [[-9, -19], [-8, -18]]
"""
