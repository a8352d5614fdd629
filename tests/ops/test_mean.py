"""Means, by hand: an addition for every element, a division for every mean."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "over the tokens": ("mean", {"axis": 0}, [(5, 7)], (7,), {}, {"add": 35, "div": 7}),
    "over the features": ("mean", {"axis": -1}, [(5, 7)], (5,), {}, {"add": 35, "div": 5}),
    "over an image": (
        # as global_avg_pool and flatten: 4 means of 70
        "mean", {"axis": ("height", "width")}, [(4, 7, 10)], (4,), {}, {"add": 280, "div": 4},
    ),
    "the axes may stay": (
        "mean", {"axis": (1, 2), "keep": True}, [(4, 7, 10)], (4, 1, 1), {}, {"add": 280, "div": 4},
    ),
    "every axis, kept": ("mean", {"axis": (0, 1), "keep": True}, [(5, 7)], (1, 1), {}, {"add": 35, "div": 1}),
    "channels last": (
        "mean", {"axis": "channels", "layout": "channels_last"}, [(7, 10, 4)], (7, 10), {}, {"add": 280, "div": 70},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an axis there is not": (
        "mean", {"axis": 2}, [(5, 7)], "the input [5, 7] has no axis 2", "axes count from 0; -1 is the last",
    ),
    "an axis twice": (
        "mean", {"axis": (1, -1)}, [(5, 7)], "the axes [1, -1] name an axis of [5, 7] twice", "",
    ),
    "nothing is left": (
        "mean", {"axis": (0, 1)}, [(5, 7)],
        "the mean over every axis of [5, 7] leaves no axis", "keep them with 'keep: true'",
    ),
    "a word that is no axis": (
        "mean", {"axis": ("height", "same")}, [(4, 7, 10)],
        "there is no axis 'same'", "choose from: channels, features, height, width",
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
mean:
  - why: (1 + 5) / 2, (3 + 7) / 2
    arguments: {axis: 0}
    inputs: [[[1, 3], [5, 7]]]
    output: [3, 5]
  - why: (1 + 3) / 2, (5 + 7) / 2
    arguments: {axis: -1, keep: true}
    inputs: [[[1, 3], [5, 7]]]
    output: [[2], [6]]
  - why: the first and the last axis; (1 + 2 + 5 + 6) / 4, (3 + 4 + 7 + 8) / 4
    arguments: {axis: [0, 2]}
    inputs: [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]
    output: [3.5, 5.5]
"""
