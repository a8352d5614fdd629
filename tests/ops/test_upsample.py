"""Upsampling, by hand: nothing for nearest, three interpolations of 2 additions and a product for bilinear."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "nearest, twice the sides": ("upsample", {"scale": 2}, [(4, 5, 7)], (4, 10, 14), {}, {}),
    "bilinear, twice the sides": (
        # 4 * 140 = 560 elements: 3 * 2 add, 3 * 1 mul
        "upsample", {"scale": 2, "mode": "bilinear"}, [(4, 5, 7)],
        (4, 10, 14), {}, {"add": 3_360, "mul": 1_680},
    ),
    "align_corners moves the positions, not the work": (
        "upsample", {"scale": 2, "mode": "bilinear", "align_corners": True}, [(4, 5, 7)],
        (4, 10, 14), {}, {"add": 3_360, "mul": 1_680},
    ),
    "one and a half times, rounded down": (
        # floor(7.5) = 7, floor(10.5) = 10
        "upsample", {"scale": Fraction(3, 2)}, [(4, 5, 7)], (4, 7, 10), {}, {},
    ),
    "a scale for each axis, one of them down": (
        # 5 * 3 = 15, floor(7 / 2) = 3
        "upsample", {"scale": (3, Fraction(1, 2))}, [(4, 5, 7)], (4, 15, 3), {}, {},
    ),
    "down to a single row": (
        # floor(5 / 4) = 1, floor(7 / 4) = 1
        "upsample", {"scale": Fraction(1, 4)}, [(4, 5, 7)], (4, 1, 1), {}, {},
    ),
    "to a size": (
        # 4 * 36 = 144 elements
        "upsample", {"size": (9, 4), "mode": "bilinear"}, [(4, 5, 7)], (4, 9, 4), {}, {"add": 864, "mul": 432},
    ),
    "bilinear, channels last": (
        "upsample", {"scale": 2, "mode": "bilinear", "layout": "channels_last"}, [(5, 7, 4)],
        (10, 14, 4), {}, {"add": 3_360, "mul": 1_680},
    ),
    "one axis": ("upsample", {"scale": 3}, [(4, 5)], (4, 15), {}, {}),
    "three axes": ("upsample", {"size": 6}, [(2, 3, 4, 5)], (2, 6, 6, 6), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "neither scale nor size": ("upsample", {}, [(4, 5, 7)], "upsample needs a scale or a size", ""),
    "both": ("upsample", {"scale": 2, "size": 10}, [(4, 5, 7)], "upsample takes a scale or a size, not both", ""),
    "bilinear on one axis": (
        "upsample", {"scale": 2, "mode": "bilinear"}, [(4, 5)],
        "bilinear needs two spatial axes, got the input [4, 5]", "",
    ),
    "align_corners without corners to align": (
        "upsample", {"scale": 2, "align_corners": True}, [(4, 5, 7)],
        "align_corners is for mode: bilinear alone", "",
    ),
    "a scale of 0": ("upsample", {"scale": 0}, [(4, 5, 7)], "a scale must be above 0, got 0", ""),
    "a scale below 0": (
        "upsample", {"scale": (2, Fraction(-1, 3))}, [(4, 5, 7)], "a scale must be above 0, got -1 / 3", "",
    ),
    "nothing left": (
        "upsample", {"scale": Fraction(1, 6)}, [(4, 5, 7)], "output height would be 0 = 5 * 1 // 6", "",
    ),
    "no spatial axis": (
        "upsample", {"scale": 2}, [(7,)],
        "upsample needs [C, L], [C, H, W] or [C, D, H, W], got [7]", "",
    ),
    "three scales for two axes": (
        "upsample", {"scale": (1, 2, 3)}, [(4, 5, 7)],
        "scale [1, 2, 3] does not fit the input [4, 5, 7] (spatial axes: height, width)", "",
    ),
    "a mode there is not": (
        "upsample", {"scale": 2, "mode": "bilinaer"}, [(4, 5, 7)],
        "expected nearest or bilinear, got the word 'bilinaer'", "did you mean 'bilinear'?",
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
    assert work("upsample", {"scale": (3, Fraction(3, 2))}, (4, 5, 7)).steps == [
        "height = 5 * 3 = 15",
        "width = 7 * 3 // 2 = 10",
    ]
    assert work("upsample", {"size": 9}, (4, 5, 7)).steps == []


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
upsample:
  - why: every element twice in both directions
    arguments: {scale: 2}
    inputs: [[[[1, 2]]]]
    output: [[[1, 1, 2, 2], [1, 1, 2, 2]]]
  - why: floor(i / 1.5) is 0 0 1
    arguments: {scale: 1.5}
    inputs: [[[1, 2]]]
    output: [[1, 1, 2]]
  - why: floor(i * 3 / 2) is 0 1
    arguments: {size: 2}
    inputs: [[[1, 2, 3]]]
    output: [[1, 2]]
  - why: the middles lie at -0.25 0.25 0.75 1.25; nothing lies beyond the ends
    arguments: {scale: [1, 2], mode: bilinear}
    inputs: [[[[1, 3]]]]
    output: [[[1, 1.5, 2.5, 3]]]
  - why: corners keep their place; between them the mean
    arguments: {size: [3, 3], mode: bilinear, align_corners: true}
    inputs: [[[[0, 2], [4, 10]]]]
    output: [[[0, 1, 2], [2, 4, 6], [4, 7, 10]]]
"""
