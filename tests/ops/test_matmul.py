"""Matrix products of two tensors, by hand: every output element is a sum of k products."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "two matrices": (
        # 3 * 5 outputs of 4 products
        "matmul", {}, [(3, 4), (4, 5)], (3, 5), {}, {"mac": 60},
    ),
    "a batch of matrices": ("matmul", {}, [(7, 3, 4), (7, 4, 5)], (7, 3, 5), {}, {"mac": 420}),
    "one right side for all": ("matmul", {}, [(7, 3, 4), (4, 5)], (7, 3, 5), {}, {"mac": 420}),
    "one left side for all": ("matmul", {}, [(3, 4), (7, 4, 5)], (7, 3, 5), {}, {"mac": 420}),
    "each is repeated where it has 1": (
        # 2 * 7 products of matrices
        "matmul", {}, [(2, 1, 3, 4), (7, 4, 5)], (2, 7, 3, 5), {}, {"mac": 840},
    ),
    "the layout changes nothing": ("matmul", {"layout": "channels_last"}, [(3, 4), (4, 5)], (3, 5), {}, {"mac": 60}),
    "PyTorch's test of its flop counter: 4x5 times 5x6, 240 flops": (
        "matmul", {}, [(4, 5), (5, 6)], (4, 6), {}, {"mac": 120},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a vector": ("matmul", {}, [(4,), (4, 5)], "matmul needs two axes on either side, got left [4]", ""),
    "columns that are no rows": (
        "matmul", {}, [(3, 4), (5, 6)],
        "the columns of left [3, 4] must be the rows of right [5, 6]: 4 and 5", "",
    ),
    "a side to be turned": (
        "matmul", {}, [(3, 4), (5, 4)],
        "the columns of left [3, 4] must be the rows of right [5, 4]: 4 and 5", "did you mean to transpose right?",
    ),
    "batches that do not fit": (
        "matmul", {}, [(2, 3, 4), (7, 4, 5)],
        "left [2, 3, 4] and right [7, 4, 5] do not fit together before their last two axes", "",
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
matmul:
  - why: 1*1 + 2*100, 1*10 + 2*1000, 3*1 + 4*100, 3*10 + 4*1000
    inputs: [[[1, 2], [3, 4]], [[1, 10], [100, 1000]]]
    output: [[201, 2010], [403, 4030]]
  - why: one right side for two left ones
    inputs: [[[[1, 2]], [[3, 4]]], [[1], [10]]]
    output: [[[21]], [[43]]]
  - why: two left sides, three right ones, every pair
    inputs: [[[[[1]]], [[[2]]]], [[[1]], [[10]], [[100]]]]
    output: [[[[1]], [[10]], [[100]]], [[[2]], [[20]], [[200]]]]
"""
