"""Embeddings, by hand: a table, and nothing is computed."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "a row for every token": (
        "embedding", {"count": 11, "out": 4}, [(7,)],
        (7, 4), {"weight": (11, 4)}, {},
    ),
    "tokens in any shape": (
        "embedding", {"count": 11, "out": 4}, [(3, 5)],
        (3, 5, 4), {"weight": (11, 4)}, {},
    ),
    "the layout changes nothing": (
        "embedding", {"count": 11, "out": 4, "layout": "channels_last"}, [(3, 5)],
        (3, 5, 4), {"weight": (11, 4)}, {},
    ),
    "the tokens of GPT-2 (Radford et al. 2019: 50,257 of them, 768 features)": (
        "embedding", {"count": 50_257, "out": 768}, [(1024,)],
        (1024, 768), {"weight": (50_257, 768)}, {},
    ),
}
# fmt: on


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
embedding:
  - why: rows 2 and 0 of the table
    arguments: {count: 3, out: 2}
    inputs: [[2, 0]]
    weights: {weight: [[1, 2], [10, 20], [100, 200]]}
    output: [[100, 200], [1, 2]]
  - why: tokens in two rows
    arguments: {count: 3, out: 1}
    inputs: [[[1, 1], [0, 2]]]
    weights: {weight: [[1], [10], [100]]}
    output: [[[10], [10]], [[1], [100]]]
"""
