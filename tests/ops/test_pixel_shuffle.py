"""Pixel shuffle: factor * factor channels become a square."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "factor 2": (
        # 12 / 4 = 3, 5 * 2 = 10, 7 * 2 = 14
        "pixel_shuffle", {"factor": 2}, [(12, 5, 7)], (3, 10, 14), {}, {},
    ),
    "factor 3, channels last": (
        # 18 / 9 = 2, 5 * 3 = 15, 7 * 3 = 21
        "pixel_shuffle", {"factor": 3, "layout": "channels_last"}, [(5, 7, 18)], (15, 21, 2), {}, {},
    ),
    "factor 1": ("pixel_shuffle", {"factor": 1}, [(12, 5, 7)], (12, 5, 7), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "channels that make no square": (
        "pixel_shuffle", {"factor": 3}, [(12, 5, 7)],
        "factor * factor = 3 * 3 = 9 must divide the 12 channels", "",
    ),
    "a signal": ("pixel_shuffle", {"factor": 2}, [(12, 5)], "pixel_shuffle needs [C, H, W], got [12, 5]", ""),
    "a volume, channels last": (
        "pixel_shuffle", {"factor": 2, "layout": "channels_last"}, [(3, 5, 7, 12)],
        "pixel_shuffle needs [H, W, C], got [3, 5, 7, 12]", "",
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
    assert work("pixel_shuffle", {"factor": 2}, (12, 5, 7)).steps == [
        "channels = 12 / (2 * 2) = 3",
        "height = 5 * 2 = 10",
        "width = 7 * 2 = 14",
    ]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
pixel_shuffle:
  - why: channel 2i + j is row i, column j of every square
    arguments: {factor: 2}
    inputs: [[[[1, 5]], [[2, 6]], [[3, 7]], [[4, 8]]]]
    output: [[[1, 2, 5, 6], [3, 4, 7, 8]]]
"""
