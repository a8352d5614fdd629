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
