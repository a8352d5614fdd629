"""The mask of shifted windows, by hand: a square of positions for every window."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "2 * 3 windows of 6 positions": (
        "shifted_window_mask", {"size": (4, 9), "window": (2, 3), "shift": (1, 2)}, [],
        (6, 1, 6, 6), {}, {},
    ),
    "the first stage of Swin-T: 56 / 7 = 8 windows along a side": (
        "shifted_window_mask", {"size": (56, 56), "window": (7, 7), "shift": 3}, [],
        (64, 1, 49, 49), {}, {},
    ),
    "no shift along one side": (
        "shifted_window_mask", {"size": (4, 9), "window": (2, 3), "shift": (0, 2)}, [],
        (6, 1, 6, 6), {}, {},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a window that does not divide the image": (
        "shifted_window_mask", {"size": (4, 8), "window": (2, 3), "shift": (1, 2)}, [],
        "the window [2, 3] must divide the size [4, 8]: 8 / 3 is not whole", "",
    ),
    "a shift by a whole window": (
        "shifted_window_mask", {"size": (4, 9), "window": (2, 3), "shift": (1, 3)}, [],
        "the shift [1, 3] must be smaller than the window [2, 3]", "",
    ),
    "sides that do not fit each other": (
        "shifted_window_mask", {"size": (4, 9), "window": (2, 3), "shift": (1, 2, 0)}, [],
        "the window [2, 3] and the shift [1, 2, 0] must fit the size [4, 9]", "",
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
shifted_window_mask:
  - why: after a shift by 1 the last window holds the end of the row and its beginning
    arguments: {size: [4], window: [2], shift: 1}
    inputs: []
    output: [[[[0, 0], [0, 0]]], [[[0, -100], [-100, 0]]]]
  - why: two windows of 1x2 in the upper row and two in the lower; only across is anything shifted
    arguments: {size: [2, 4], window: [1, 2], shift: [0, 1]}
    inputs: []
    output: [[[[0, 0], [0, 0]]], [[[0, -100], [-100, 0]]], [[[0, 0], [0, 0]]], [[[0, -100], [-100, 0]]]]
"""
