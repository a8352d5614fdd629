"""Padding: size' = size + before + after."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "all around": ("pad", {"padding": 1}, [(4, 5, 7)], (4, 7, 9), {}, {}),
    "by axis": ("pad", {"padding": (1, 2)}, [(4, 5, 7)], (4, 7, 11), {}, {}),
    "before and after": ("pad", {"padding": ((0, 1), (2, 3))}, [(4, 5, 7)], (4, 6, 12), {}, {}),
    "channels last": ("pad", {"padding": ((0, 1), (2, 3)), "layout": "channels_last"}, [(5, 7, 4)], (6, 12, 4), {}, {}),
    "a pair for every axis pads the channels (the free shortcut of He et al. 2015)": (
        "pad", {"padding": ((8, 8), (0, 0), (0, 1))}, [(16, 5, 7)], (32, 5, 8), {}, {},
    ),
    "one axis": ("pad", {"padding": ((1, 2),)}, [(4, 5)], (4, 8), {}, {}),
    "three axes": ("pad", {"padding": (0, 1, 2)}, [(2, 3, 4, 5)], (2, 3, 6, 9), {}, {}),
    "a vector": ("pad", {"padding": ((1, 2),)}, [(5,)], (8,), {}, {}),
    "the value changes nothing": ("pad", {"padding": 1, "value": -1}, [(4, 5)], (4, 7), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "one number for a vector": (
        "pad", {"padding": 1}, [(5,)],
        "pad needs [C, L], [C, H, W] or [C, D, H, W], got [5]", "",
    ),
    "two pairs for three axes": (
        "pad", {"padding": ((1, 2), (0, 0))}, [(2, 3, 4, 5)],
        "padding [[1, 2], [0, 0]] does not fit the input [2, 3, 4, 5] (spatial axes: depth, height, width)", "",
    ),
    "a number for every axis: only pairs may pad channels": (
        "pad", {"padding": (1, 2)}, [(4, 5)],
        "padding [1, 2] does not fit the input [4, 5] (spatial axes: width)", "",
    ),
    "padding same": (
        "pad", {"padding": "same"}, [(4, 5, 7)],
        "expected a padding, got the word 'same'", "a number, one per axis, or pairs",
    ),
    "less than nothing": (
        "pad", {"padding": ((0, -1), (0, 0))}, [(4, 5, 7)],
        "expected a whole number of at least 0, got -1", "",
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


def test_the_arithmetic_is_shown(work: Any) -> None:
    assert work("pad", {"padding": ((0, 1), (2, 3))}, (4, 5, 7)).steps == [
        "height = 5 + 0 + 1 = 6",
        "width = 7 + 2 + 3 = 12",
    ]
    assert work("pad", {"padding": ((8, 8), (0, 1))}, (16, 5)).steps == [
        "axis 0 = 16 + 8 + 8 = 32",
        "axis 1 = 5 + 0 + 1 = 6",
    ]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
pad:
  - why: one row after, two columns before
    arguments: {padding: [[0, 1], [2, 0]], value: 7}
    inputs: [[[[1, 2]]]]
    output: [[[7, 7, 1, 2], [7, 7, 7, 7]]]
  - why: a pair for every axis, the channels too
    arguments: {padding: [[1, 0], [0, 1]]}
    inputs: [[[1, 2]]]
    output: [[0, 0, 0], [1, 2, 0]]
  - why: one on every side, channels last
    layout: channels_last
    arguments: {padding: 1}
    inputs: [[[1, 2]]]
    output: [[0, 0], [1, 2], [0, 0]]
"""
