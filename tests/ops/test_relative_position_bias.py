"""Relative positions in a window, by hand: 2 * side - 1 distances along a side."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "a window of unequal sides": (
        # 2*2 - 1 = 3 distances down, 2*3 - 1 = 5 across: 15 rows; 6 positions
        "relative_position_bias", {"window": (2, 3), "heads": 4}, [],
        (4, 6, 6), {"weight": (15, 4)}, {},
    ),
    "one axis": (
        "relative_position_bias", {"window": (5,), "heads": 2}, [],
        (2, 5, 5), {"weight": (9, 2)}, {},
    ),
    "three axes (Video Swin)": (
        # 3 * 5 * 7 = 105 distances, 2 * 3 * 4 = 24 positions
        "relative_position_bias", {"window": (2, 3, 4), "heads": 1}, [],
        (1, 24, 24), {"weight": (105, 1)}, {},
    ),
    "the first stage of Swin-T (torchvision: relative_position_bias_table [169, 3])": (
        "relative_position_bias", {"window": (7, 7), "heads": 3}, [],
        (3, 49, 49), {"weight": (169, 3)}, {},
    ),
    "a table that other layers made is no weight": (
        "relative_position_bias", {"window": (2, 3), "heads": 4}, [(15, 4)],
        (4, 6, 6), {}, {},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a table of another window": (
        "relative_position_bias", {"window": (2, 3), "heads": 4}, [(16, 4)],
        "the window [2, 3] and heads=4 need a table [15, 4], got [16, 4]", "a row for every distance: 3*5 = 15",
    ),
    "a table of other heads": (
        "relative_position_bias", {"window": (2, 3), "heads": 4}, [(15, 3)],
        "the window [2, 3] and heads=4 need a table [15, 4], got [15, 3]", "a row for every distance: 3*5 = 15",
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
relative_position_bias:
  - why: the distances -1, 0, 1 from key to query are the rows 0, 1, 2
    arguments: {window: [2], heads: 1}
    inputs: []
    weights: {weight: [[1], [10], [100]]}
    output: [[[10, 1], [100, 10]]]
  - why: a side of 1 has one distance; a column of the table is a head
    arguments: {window: [1, 2], heads: 2}
    inputs: []
    weights: {weight: [[1, 2], [10, 20], [100, 200]]}
    output: [[[10, 1], [100, 10]], [[20, 2], [200, 20]]]
  - why: the row of a table that is given says 10 * (distance down + 1) + distance across + 1
    arguments: {window: [2, 2], heads: 1}
    inputs: [[[0], [1], [2], [10], [11], [12], [20], [21], [22]]]
    output: [[[11, 10, 1, 0], [12, 11, 2, 1], [21, 20, 11, 10], [22, 21, 12, 11]]]
"""
