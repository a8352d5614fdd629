"""Pooling with the root of the sum of squares."""

from __future__ import annotations

from typing import Any

import pytest

# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    # 3 channels of 4 x 3 windows of 2 x 2: a square, an addition for each of 4 elements, a root for each window
    "windows side by side": (
        "lp_pool", {"kernel": 2}, [(3, 9, 6)], (3, 4, 3), {}, {"mul": 144, "add": 144, "sqrt": 36},
    ),
}  # fmt: skip


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


VALUES = """
lp_pool:
  - why: the lengths of (3, 4) and of (5, 12)
    arguments: {kernel: 2}
    inputs: [[[3, 4, 5, 12]]]
    output: [[5, 13]]
"""
