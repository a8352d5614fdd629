"""T5's relative positions, by hand: a table of buckets."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "as many keys as queries": (
        "relative_attention_bias", {"heads": 3, "queries": 7}, [],
        (3, 7, 7), {"weight": (32, 3)}, {},
    ),
    "one query after many keys": (
        "relative_attention_bias", {"heads": 3, "queries": 1, "keys": 9, "bidirectional": False}, [],
        (3, 1, 9), {"weight": (32, 3)}, {},
    ),
    "other buckets": (
        "relative_attention_bias", {"heads": 2, "queries": 4, "buckets": 8, "max_distance": 20}, [],
        (2, 4, 4), {"weight": (8, 2)}, {},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "too few buckets for both directions": (
        "relative_attention_bias", {"heads": 2, "queries": 4, "buckets": 3}, [],
        "buckets=3 must be at least 4", "half of them are for near distances",
    ),
    "too few buckets": (
        "relative_attention_bias", {"heads": 2, "queries": 4, "buckets": 1, "bidirectional": False}, [],
        "buckets=1 must be at least 2", "half of them are for near distances",
    ),
    "far is nearer than near": (
        # 32 buckets, 16 a direction, 8 of them for the distances 0 to 7
        "relative_attention_bias", {"heads": 2, "queries": 4, "max_distance": 8}, [],
        "max_distance=8 must be above the 8 distances with their own bucket", "",
    ),
    "the same in one direction": (
        "relative_attention_bias", {"heads": 2, "queries": 4, "max_distance": 16, "bidirectional": False}, [],
        "max_distance=16 must be above the 16 distances with their own bucket", "",
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
relative_attention_bias:
  - why: of 4 buckets two are for keys after the query; 0 is the query's own place, 1 before it, 3 after it
    arguments: {heads: 1, queries: 3, buckets: 4, max_distance: 3}
    inputs: []
    weights: {weight: [[1], [10], [100], [1000]]}
    output: [[[1, 1000, 1000], [10, 1, 1000], [10, 10, 1]]]
  - why: the last query is at place 4; distance 0 and 1 have a bucket each, 2 and 3 share one, 4 has half of the way to 8
    arguments: {heads: 1, queries: 1, keys: 5, buckets: 4, max_distance: 8, bidirectional: false}
    inputs: []
    weights: {weight: [[1], [10], [100], [1000]]}
    output: [[[1000, 100, 100, 10, 1]]]
  - why: what comes after the query is all in bucket 0
    arguments: {heads: 2, queries: 2, buckets: 2, max_distance: 2, bidirectional: false}
    inputs: []
    weights: {weight: [[1, 3], [2, 4]]}
    output: [[[1, 1], [2, 1]], [[3, 3], [4, 3]]]
  - why: 8 steps from the first key; bucket 4 + floor(4 ln(8/4) / ln(16/4)) = 6, then 5 5 4 4 3 2 1 0
    arguments: {heads: 1, queries: 1, keys: 9, buckets: 8, max_distance: 16, bidirectional: false}
    inputs: []
    weights: {weight: [[0], [1], [2], [3], [4], [5], [6], [7]]}
    output: [[[6, 5, 5, 4, 4, 3, 2, 1, 0]]]
"""
