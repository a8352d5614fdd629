"""Cropping: a window of a given size, or as large as a second input."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "out of the middle": ("crop", {"size": (8, 17)}, [(4, 21, 30)], (4, 8, 17), {}, {}),
    "a square": ("crop", {"size": 8}, [(4, 21, 30)], (4, 8, 8), {}, {}),
    "at an offset that just fits": (
        # 13 + 8 = 21, 0 + 8
        "crop", {"size": 8, "offset": (13, 0)}, [(4, 21, 30)], (4, 8, 8), {}, {},
    ),
    "as large as the second input": ("crop", {}, [(4, 21, 30), (9, 12, 15)], (4, 12, 15), {}, {}),
    "as large as the second input, at Caffe's offset for FCN-16s": (
        "crop", {"offset": 5}, [(4, 21, 30), (9, 12, 15)], (4, 12, 15), {}, {},
    ),
    "as large as the second input, channels last": (
        "crop", {"layout": "channels_last"}, [(21, 30, 4), (12, 15, 9)], (12, 15, 4), {}, {},
    ),
    "the beginning": ("crop", {"size": (8, 17), "offset": 0}, [(4, 21, 30)], (4, 8, 17), {}, {}),
    "the whole of it": ("crop", {"size": (21, 30)}, [(4, 21, 30)], (4, 21, 30), {}, {}),
    "one axis": ("crop", {"size": 5}, [(4, 12)], (4, 5), {}, {}),
    "three axes": ("crop", {"size": (1, 2, 3)}, [(2, 3, 4, 5)], (2, 1, 2, 3), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "beyond the end": (
        "crop", {"size": 8, "offset": (14, 0)}, [(4, 21, 30)],
        "the crop does not fit: height 14 + 8 = 22 is beyond 21", "",
    ),
    "larger than the input": (
        "crop", {"size": (8, 31)}, [(4, 21, 30)],
        "the crop does not fit: width 0 + 31 = 31 is beyond 30", "",
    ),
    "a second input larger than the first": (
        "crop", {}, [(4, 21, 30), (4, 22, 30)],
        "the crop does not fit: height 0 + 22 = 22 is beyond 21", "",
    ),
    "no size": ("crop", {}, [(4, 21, 30)], "crop needs a size, or a second input 'like' that has it", ""),
    "two sizes": (
        "crop", {"size": 8}, [(4, 21, 30), (9, 12, 15)],
        "crop takes a size or a second input 'like', not both", "",
    ),
    "a second input of another rank": (
        "crop", {}, [(4, 21, 30), (4, 21)],
        "crop cannot cut [4, 21, 30] to the size of [4, 21]: another number of axes", "",
    ),
    "no spatial axis": (
        "crop", {"size": 2}, [(7,)],
        "crop needs [C, L], [C, H, W] or [C, D, H, W], got [7]", "",
    ),
    "three sizes for two axes": (
        "crop", {"size": (1, 2, 3)}, [(4, 21, 30)],
        "size [1, 2, 3] does not fit the input [4, 21, 30] (spatial axes: height, width)", "",
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
crop:
  - why: in the middle, rounded down to (5 - 2) // 2 = 1
    arguments: {size: 2}
    inputs: [[[0, 1, 2, 3, 4]]]
    output: [[1, 2]]
  - why: from 3 on
    arguments: {size: 2, offset: 3}
    inputs: [[[0, 1, 2, 3, 4]]]
    output: [[3, 4]]
  - why: as large as the second input, whatever its channels
    inputs: [[[0, 1, 2, 3, 4]], [[9, 9, 9], [9, 9, 9]]]
    output: [[1, 2, 3]]
"""
