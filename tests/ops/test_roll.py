"""Shifts round the end: elements move, nothing is computed."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "one axis": ("roll", {"shift": 2, "axis": 0}, [(5, 7)], (5, 7), {}, {}),
    "both axes of an image, each its own way": (
        "roll", {"shift": (-3, 4), "axis": ("height", "width")}, [(4, 7, 10)], (4, 7, 10), {}, {},
    ),
    "one shift for two axes": ("roll", {"shift": -3, "axis": (0, 1)}, [(5, 7)], (5, 7), {}, {}),
    "further than the axis is long": ("roll", {"shift": 9, "axis": -1}, [(5, 7)], (5, 7), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a shift too many": (
        "roll", {"shift": (1, 2, 3), "axis": (0, 1)}, [(5, 7)],
        "the shift [1, 2, 3] must be one number, or one for each axis of [0, 1]", "",
    ),
    "two shifts for one axis": (
        "roll", {"shift": (1, 2), "axis": 0}, [(5, 7)],
        "the shift [1, 2] must be one number, or one for each axis of 0", "",
    ),
    "an axis there is not": (
        "roll", {"shift": 1, "axis": "height"}, [(5, 7)], "the input [5, 7] has no axis 'height'", "",
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
roll:
  - why: the last of every row comes first
    arguments: {shift: 1, axis: 1}
    inputs: [[[1, 2, 3], [4, 5, 6]]]
    output: [[3, 1, 2], [6, 4, 5]]
  - why: rows one up, columns one to the right
    arguments: {shift: [-1, 1], axis: [0, 1]}
    inputs: [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]
    output: [[6, 4, 5], [9, 7, 8], [3, 1, 2]]
"""
