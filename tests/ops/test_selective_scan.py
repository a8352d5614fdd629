"""The state space of Mamba, by hand: c features with n numbers each, t steps."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "5 steps, 3 features, a state of 2": (
        # a step: 6 products delta * A and 6 exponentials; delta * x 3, times B 6; the state faded 6, taken in 6 add;
        # read out 6 mac; D * x 3 mul, added 3: 24 mul, 9 add. Before that A = -exp(A_log): 6 exponentials
        "selective_scan", {}, [(5, 3), (5, 3), (5, 2), (5, 2)],
        (5, 3), {"A_log": (3, 2), "D": (3,)}, {"mac": 30, "mul": 120, "add": 45, "exp": 36},
    ),
    "one step of Mamba 130M (Gu and Dao 2023: 1,536 inner features, a state of 16)": (
        # 24,576 numbers of state: 3 * 24,576 + 2 * 1,536 products, 24,576 + 1,536 additions
        "selective_scan", {}, [(1, 1536), (1, 1536), (1, 16), (1, 16)],
        (1, 1536), {"A_log": (1536, 16), "D": (1536,)}, {"mac": 24_576, "mul": 76_800, "add": 26_112, "exp": 49_152},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an image": (
        "selective_scan", {}, [(3, 4, 5), (3, 4, 5), (3, 2), (3, 2)],
        "selective_scan needs [steps, features], got [3, 4, 5]", "",
    ),
    "a delta that is not one a feature": (
        "selective_scan", {}, [(5, 3), (5, 1), (5, 2), (5, 2)],
        "delta [5, 1] must have the shape of x, [5, 3]", "",
    ),
    "a B for other steps": (
        "selective_scan", {}, [(5, 3), (5, 3), (4, 2), (4, 2)],
        "B [4, 2] must be [5, state]: a row for every step of x [5, 3]", "",
    ),
    "a C of another state": (
        "selective_scan", {}, [(5, 3), (5, 3), (5, 2), (5, 4)],
        "C [5, 4] must have the shape of B, [5, 2]", "",
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
selective_scan:
  - why: >-
      A = -e^0 = -1 and delta = ln 2: the state halves at every step; the first takes in ln 2 * 1 / ln 2 * 2 = 2; 2 * 3
      + 10 * 2 come out; then the state is 1, and 1 * 100 comes out
    inputs: [[[2], [0]], [[0.6931471805599453], [0.6931471805599453]], [[1.4426950408889634], [5]], [[3], [100]]]
    weights: {A_log: [[0]], D: [10]}
    output: [[26], [100]]
  - why: two states, taken in by 1 and 10, read out by 1 and 1/10 and 0 and 1; the second step brings nothing
    inputs: [[[1], [0]], [[0.6931471805599453], [0.6931471805599453]], [[1, 10], [0, 0]], [[1, 0.1], [0, 1]]]
    weights: {A_log: [[0, 0]], D: [0]}
    output: [[1.3862943611198906], [3.4657359027997265]]
"""
