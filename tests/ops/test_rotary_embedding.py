"""Rotary positions, by hand: two products and an addition for every turned element."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "two heads of 6": (
        # 5 * 12 = 60 elements
        "rotary_embedding", {"heads": 2}, [(5, 12)],
        (5, 12), {}, {"mul": 120, "add": 60},
    ),
    "some features of a head only": (
        # 5 positions, 2 heads, 4 of 6 features: 40 elements
        "rotary_embedding", {"heads": 2, "dims": 4, "theta": 500_000}, [(5, 12)],
        (5, 12), {}, {"mul": 80, "add": 40},
    ),
    "axes before the tokens": (
        # 3 * 5 * 4 = 60 elements
        "rotary_embedding", {"heads": 1}, [(3, 5, 4)],
        (3, 5, 4), {}, {"mul": 120, "add": 60},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a vector": ("rotary_embedding", {"heads": 2}, [(12,)],
        "rotary_embedding needs [..., tokens, features], got [12]", "",
    ),
    "heads that do not divide": ("rotary_embedding", {"heads": 5}, [(5, 12)],
        "heads=5 must divide the 12 features", "",
    ),
    "an odd number of features": ("rotary_embedding", {"heads": 4}, [(5, 12)],
        "the 3 features that are turned must be an even number: they are turned two by two", "",
    ),
    "an odd part of a head": ("rotary_embedding", {"heads": 2, "dims": 5}, [(5, 12)],
        "the 5 features that are turned must be an even number: they are turned two by two", "",
    ),
    "more than a head has": ("rotary_embedding", {"heads": 2, "dims": 8}, [(5, 12)],
        "dims=8 is more than the 6 features of a head", "",
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
rotary_embedding:
  - why: not turned at place 0; (cos 1, sin 1) at place 1; (-sin 2, cos 2) at place 2
    arguments: {heads: 1}
    inputs: [[[5, 7], [1, 0], [0, 1]]]
    output: [[5, 7], [0.5403023058681398, 0.8414709848078965], [-0.9092974268256817, -0.4161468365471424]]
  - why: feature 1 belongs to feature 3, and is turned by 100^(-1/2) = 0.1
    arguments: {heads: 1, theta: 100}
    inputs: [[[0, 0, 0, 0], [0, 1, 0, 0]]]
    output: [[0, 0, 0, 0], [0, 0.9950041652780258, 0, 0.09983341664682815]]
  - why: two heads of three features, of which the third stays
    arguments: {heads: 2, dims: 2}
    inputs: [[[1, 2, 3, 4, 5, 6], [1, 0, 7, 0, 1, 9]]]
    output:
      - [1, 2, 3, 4, 5, 6]
      - [0.5403023058681398, 0.8414709848078965, 7, -0.8414709848078965, 0.5403023058681398, 9]
"""
