"""Transpose: axis i of the output is axis order[i] of the input."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "two axes": ("transpose", {"order": (1, 0)}, [(5, 7)], (7, 5), {}, {}),
    "three in a circle": ("transpose", {"order": (1, 2, 0)}, [(4, 5, 7)], (5, 7, 4), {}, {}),
    "from the end": ("transpose", {"order": (0, -1, -2)}, [(4, 5, 7)], (4, 7, 5), {}, {}),
    "by name": ("transpose", {"order": ("width", "channels", "height")}, [(4, 5, 7)], (7, 4, 5), {}, {}),
    "by name, channels last": (
        "transpose", {"order": ("channels", "height", "width"), "layout": "channels_last"}, [(5, 7, 4)],
        (4, 5, 7), {}, {},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an axis twice": (
        "transpose", {"order": (0, 1, -2)}, [(4, 5, 7)],
        "the order [0, 1, -2] must name every axis of the input [4, 5, 7] once", "",
    ),
    "an axis forgotten": (
        "transpose", {"order": (1, 0)}, [(4, 5, 7)],
        "the order [1, 0] must name every axis of the input [4, 5, 7] once", "",
    ),
    "an axis there is not": (
        "transpose", {"order": (0, 1, "height")}, [(4, 5)],
        "the input [4, 5] has no axis 'height'", "",
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
transpose:
  - why: y[k, i, j] = x[i, j, k]
    arguments: {order: [2, 0, 1]}
    inputs: [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]
    output: [[[1, 3], [5, 7]], [[2, 4], [6, 8]]]
"""
