"""Rows of length 1, by hand, for a row of d elements."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "the last axis": (
        # a row of 7: 7 squares, 7 additions, a root, a comparison with eps, 7 divisions; 5 rows
        "normalize", {}, [(5, 7)],
        (5, 7), {}, {"mul": 35, "add": 35, "sqrt": 5, "compare": 5, "div": 35},
    ),
    "the first axis has other rows": (
        "normalize", {"axis": 0}, [(5, 7)],
        (5, 7), {}, {"mul": 35, "add": 35, "sqrt": 7, "compare": 7, "div": 35},
    ),
    "channels last": (
        "normalize", {"axis": "channels", "layout": "channels_last"}, [(3, 5, 4)],
        (3, 5, 4), {}, {"mul": 60, "add": 60, "sqrt": 15, "compare": 15, "div": 60},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an axis there is not": (
        "normalize", {"axis": "height"}, [(5, 7)], "the input [5, 7] has no axis 'height'", "",
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
normalize:
  - why: a length of 5; a length of 0 is taken as eps
    inputs: [[[3, 4], [0, 0]]]
    output: [[0.6, 0.8], [0, 0]]
  - why: columns of length 5 and 1
    arguments: {axis: 0}
    inputs: [[[3, 0], [4, 1]]]
    output: [[0.6, 0], [0.8, 1]]
"""
