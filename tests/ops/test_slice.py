"""Slices: indices as in Python, but never beyond the ends."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "from the third on": ("slice", {"axis": 0, "start": 2}, [(7, 10)], (5, 10), {}, {}),
    "up to, without, the fifth": ("slice", {"axis": 0, "end": 4}, [(7, 10)], (4, 10), {}, {}),
    "without the last": ("slice", {"axis": 1, "end": -1}, [(7, 10)], (7, 9), {}, {}),
    "the last three": ("slice", {"axis": 0, "start": -3}, [(7, 10)], (3, 10), {}, {}),
    "one element keeps the axis": ("slice", {"axis": 0, "end": 1}, [(197, 768)], (1, 768), {}, {}),
    "every second of seven: 0 2 4 6": ("slice", {"axis": 0, "step": 2}, [(7, 10)], (4, 10), {}, {}),
    "every second of ten: 0 2 4 6 8": ("slice", {"axis": 1, "step": 2}, [(7, 10)], (7, 5), {}, {}),
    "1 4 and no 7": ("slice", {"axis": 1, "start": 1, "end": 7, "step": 3}, [(7, 10)], (7, 2), {}, {}),
    "1 4 7": ("slice", {"axis": 1, "start": 1, "end": 8, "step": 3}, [(7, 10)], (7, 3), {}, {}),
    "half of the channels": ("slice", {"axis": "channels", "end": 3}, [(6, 5, 7)], (3, 5, 7), {}, {}),
    "half of the channels, which come last": (
        "slice", {"axis": "channels", "end": 3, "layout": "channels_last"}, [(5, 7, 6)], (5, 7, 3), {}, {},
    ),
    "all of it": ("slice", {"axis": 0, "start": -7, "end": 7}, [(7, 10)], (7, 10), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an end beyond the end": (
        "slice", {"axis": 0, "end": 8}, [(7, 10)],
        "end 8 is outside axis 0 of [7, 10]", "from -7 to 7",
    ),
    "a start before the beginning": (
        "slice", {"axis": -1, "start": -11}, [(7, 10)],
        "start -11 is outside axis 1 of [7, 10]", "from -10 to 10",
    ),
    "nothing left": (
        "slice", {"axis": 0, "start": -2, "end": 5}, [(7, 10)],
        "nothing is left: start 5 is not before end 5 (axis 0 of [7, 10])", "",
    ),
    "an axis there is not": (
        "slice", {"axis": 2}, [(7, 10)],
        "the input [7, 10] has no axis 2", "axes count from 0; -1 is the last",
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
    arguments = {"axis": 1, "start": 1, "end": -2, "step": 3}
    assert work("slice", arguments, (7, 10)).steps == ["axis 1 = (8 - 1 - 1) // 3 + 1 = 3"]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
slice:
  - why: from 1 up to the last, every second
    arguments: {axis: 0, start: 1, end: -1, step: 2}
    inputs: [[0, 1, 2, 3, 4, 5]]
    output: [1, 3]
  - why: the first column; the axis stays
    arguments: {axis: width, end: 1}
    inputs: [[[1, 2], [3, 4]]]
    output: [[1], [3]]
"""
