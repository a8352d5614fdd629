"""Local response normalisation, by hand, for one element with a window of s channels."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "five channels": (
        # squares 1 mul; window 5 add; mean 1 div; alpha 1 mul; k 1 add; power 1 pow; 1 div; 6 * 20 = 120 elements
        "local_response_norm", {"size": 5}, [(6, 5, 4)],
        (6, 5, 4), {}, {"mul": 240, "add": 720, "pow": 120, "div": 240},
    ),
    "an even window, wider than the channels there are": (
        # 8 + 1 = 9 add
        "local_response_norm", {"size": 8, "k": 2}, [(6, 5, 4)],
        (6, 5, 4), {}, {"mul": 240, "add": 1_080, "pow": 120, "div": 240},
    ),
    "a signal, channels last": (
        # 5 * 3 = 15 elements: 2 + 1 = 3 add
        "local_response_norm", {"size": 2, "layout": "channels_last"}, [(5, 3)],
        (5, 3), {}, {"mul": 30, "add": 45, "pow": 15, "div": 30},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "no spatial axis": (
        "local_response_norm", {"size": 5}, [(6,)],
        "local_response_norm needs [C, L], [C, H, W] or [C, D, H, W], got [6]", "",
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
local_response_norm:
  - why: alone in its window; 1 / (1 + 1), 2 / (1 + 4), 3 / (1 + 9)
    arguments: {size: 1, alpha: 1, beta: 1}
    inputs: [[[1], [2], [3]]]
    output: [[0.5], [0.4], [0.3]]
  - why: with the channel before; squares 0 1, 1 4, 4 9 have means 0.5, 2.5, 6.5; times 2 plus 1
    arguments: {size: 2, alpha: 2, beta: 1}
    inputs: [[[1], [2], [3]]]
    output: [[0.5], [0.3333333333333333], [0.21428571428571427]]
  - why: beta 0.5 is a root; the window is 0 9 0, 3 / sqrt(7 + 3 * 9 / 3)
    arguments: {size: 3, alpha: 3, beta: 0.5, k: 7}
    inputs: [[[3]]]
    output: [[0.75]]
"""
