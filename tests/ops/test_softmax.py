"""Softmax, by hand, for one row of d elements."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "the last axis": (
        # a row of 7: largest 6 compare; subtract it 7 add; 7 exp; sum 7 add; 7 div; 5 rows
        "softmax", {}, [(5, 7)],
        (5, 7), {}, {"compare": 30, "add": 70, "exp": 35, "div": 35},
    ),
    "the first axis has other rows": (
        # 7 rows of 5: 4 compare each
        "softmax", {"axis": 0}, [(5, 7)],
        (5, 7), {}, {"compare": 28, "add": 70, "exp": 35, "div": 35},
    ),
    "an axis in the middle": (
        # 3 * 4 = 12 rows of 5
        "softmax", {"axis": 1}, [(3, 5, 4)],
        (3, 5, 4), {}, {"compare": 48, "add": 120, "exp": 60, "div": 60},
    ),
    "the channels, which come last": (
        # 3 * 5 = 15 rows of 4
        "softmax", {"axis": "channels", "layout": "channels_last"}, [(3, 5, 4)],
        (3, 5, 4), {}, {"compare": 45, "add": 120, "exp": 60, "div": 60},
    ),
    "a row of one": (
        "softmax", {}, [(1,)],
        (1,), {}, {"add": 2, "exp": 1, "div": 1},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an axis there is not": (
        "softmax", {"axis": "height"}, [(5, 7)],
        "the input [5, 7] has no axis 'height'", "",
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
softmax:
  - why: 1 and 3 of 4
    inputs: [[0, 1.0986122886681098]]
    output: [0.25, 0.75]
  - why: large numbers do not overflow
    inputs: [[1000, 1000]]
    output: [0.5, 0.5]
  - why: along the first axis
    arguments: {axis: 0}
    inputs: [[[0, 0], [1.0986122886681098, 0]]]
    output: [[0.25, 0.5], [0.75, 0.5]]
"""
