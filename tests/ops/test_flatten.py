"""Flatten: the batch is no axis, so 0 takes everything."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "everything": ("flatten", {}, [(4, 5, 7)], (140,), {}, {}),
    "from the second axis on": ("flatten", {"start": 1}, [(4, 5, 7)], (4, 35), {}, {}),
    "from the end": ("flatten", {"start": -2}, [(4, 5, 7)], (4, 35), {}, {}),
    "a vector stays": ("flatten", {}, [(7,)], (7,), {}, {}),
    "by name, channels last": (
        "flatten", {"start": "width", "layout": "channels_last"}, [(4, 5, 7)], (4, 35), {}, {},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an axis there is not": (
        "flatten", {"start": 1}, [(7,)],
        "the input [7] has no axis 1", "axes count from 0; -1 is the last",
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
    """AlexNet's 256 channels of 6x6 are 9,216 features."""
    assert work("flatten", {}, (256, 6, 6)).steps == ["features = 256*6*6 = 9216"]
    assert work("flatten", {"start": 1}, (4, 5, 7)).steps == ["features = 5*7 = 35"]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
flatten:
  - why: everything in one row
    inputs: [[[1, 2], [3, 4]]]
    output: [1, 2, 3, 4]
  - why: from axis 1 on
    arguments: {start: 1}
    inputs: [[[[1], [2]], [[3], [4]]]]
    output: [[1, 2], [3, 4]]
"""
