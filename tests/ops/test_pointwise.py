"""Exponentials, bounds and factors, by hand for n elements."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "exp": ("exp", {}, [(5, 7)], (5, 7), {}, {"exp": 35}),
    "rescale": ("rescale", {"factor": 16}, [(5, 7)], (5, 7), {}, {"mul": 35}),
    "rescale by nothing is a product still": ("rescale", {"factor": 1}, [(5, 7)], (5, 7), {}, {"mul": 35}),
    "clamp below": ("clamp", {"min": 0}, [(5, 7)], (5, 7), {}, {"compare": 35}),
    "clamp above": ("clamp", {"max": 3}, [(5, 7)], (5, 7), {}, {"compare": 35}),
    "clamp on both sides": ("clamp", {"min": -1, "max": 1}, [(5, 7)], (5, 7), {}, {"compare": 70}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "no bound": ("clamp", {}, [(5, 7)], "clamp needs a min, a max, or both", ""),
    "bounds the wrong way round": ("clamp", {"min": 2, "max": 1}, [(5, 7)], "min 2 is above max 1", ""),
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
exp:
  - why: e^0, e^(ln 3)
    inputs: [[0, 1.0986122886681098]]
    output: [1, 3]
rescale:
  - why: times 16
    arguments: {factor: 16}
    inputs: [[1, -2]]
    output: [16, -32]
clamp:
  - why: not below -1 and not above 2
    arguments: {min: -1, max: 2}
    inputs: [[-3, 0, 5]]
    output: [-1, 0, 2]
  - why: not above 2
    arguments: {max: 2}
    inputs: [[-3, 5]]
    output: [-3, 2]
"""
