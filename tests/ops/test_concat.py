"""Concatenation: sizes along the axis add up, nothing is computed."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "channels": ("concat", {}, [(64, 5, 7), (128, 5, 7), (32, 5, 7)], (224, 5, 7), {}, {}),
    "channels last": ("concat", {"layout": "channels_last"}, [(5, 7, 64), (5, 7, 3)], (5, 7, 67), {}, {}),
    "tokens: a class token before 196 patches": ("concat", {"axis": 0}, [(1, 768), (196, 768)], (197, 768), {}, {}),
    "features, by name": ("concat", {"axis": "features"}, [(5, 7), (5, 4)], (5, 11), {}, {}),
    "from the end": ("concat", {"axis": -2}, [(4, 5, 7), (4, 2, 7)], (4, 7, 7), {}, {}),
    "vectors": ("concat", {}, [(3,), (4,)], (7,), {}, {}),
    "one alone": ("concat", {}, [(3, 5, 7)], (3, 5, 7), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "another side": (
        "concat", {}, [(64, 28, 28), (32, 28, 28), (32, 28, 14)],
        "the branches do not fit together: [64, 28, 28] and [32, 28, 14] differ on axis 2 (28 and 14)",
        "only axis 0, along which they are joined, may differ",
    ),
    "another number of axes": (
        "concat", {}, [(64, 28, 28), (64,)],
        "the branches do not fit together: [64, 28, 28] and [64] differ in their number of axes (3 and 1)", "",
    ),
    "an axis there is not": (
        "concat", {"axis": 3}, [(64, 28, 28), (64, 28, 28)],
        "the input [64, 28, 28] has no axis 3", "axes count from 0; -1 is the last",
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
    """GoogLeNet's inception 3a joins 64, 128, 32 and 32 channels: 256 (Szegedy et al. 2014, table 1)."""
    branches = [(64, 28, 28), (128, 28, 28), (32, 28, 28), (32, 28, 28)]
    assert work("concat", {}, *branches).steps == ["channels = 64 + 128 + 32 + 32 = 256"]
    assert work("concat", {"axis": 1}, (4, 5, 7), (4, 2, 7)).steps == ["axis 1 = 5 + 2 = 7"]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
concat:
  - why: along the channels
    inputs: [[[1, 2]], [[3, 4], [5, 6]]]
    output: [[1, 2], [3, 4], [5, 6]]
  - why: along the channels, which come last
    layout: channels_last
    inputs: [[[1], [2]], [[3], [4]]]
    output: [[1, 3], [2, 4]]
  - why: along the last axis
    arguments: {axis: -1}
    inputs: [[[1], [2]], [[3, 4], [5, 6]]]
    output: [[1, 3, 4], [2, 5, 6]]
"""
