"""Adaptive pooling, by hand: every window written out."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "avg: windows overlap where the sizes do not divide": (
        # rows [0, 3) [2, 5) [4, 7): 9; columns [0, 4) [3, 7) [6, 10): 12; 4 * 9 * 12 = 432; 4 * 9 = 36 outputs
        "adaptive_avg_pool", {"out": 3}, [(4, 7, 10)],
        (4, 3, 3), {}, {"add": 432, "div": 36},
    ),
    "max: one comparison less than elements, a window": (
        # 432 - 36
        "adaptive_max_pool", {"out": 3}, [(4, 7, 10)],
        (4, 3, 3), {}, {"compare": 396},
    ),
    "avg: windows tile where they do": (
        # rows [0, 4) [3, 7): 8; columns five times 2: 10; 4 * 80 = 320; 4 * 10 = 40 outputs
        "adaptive_avg_pool", {"out": (2, 5)}, [(4, 7, 10)],
        (4, 2, 5), {}, {"add": 320, "div": 40},
    ),
    "avg: more outputs than inputs": (
        # rows [0, 1) [0, 2) [1, 2) [1, 3) [2, 3): 7; columns four times 1; 2 * 28 = 56; 2 * 20 = 40 outputs
        "adaptive_avg_pool", {"out": (5, 4)}, [(2, 3, 4)],
        (2, 5, 4), {}, {"add": 56, "div": 40},
    ),
    "max: more outputs than inputs": (
        "adaptive_max_pool", {"out": (5, 4)}, [(2, 3, 4)],
        (2, 5, 4), {}, {"compare": 16},
    ),
    "max: a size that is there already takes nothing": (
        "adaptive_max_pool", {"out": 7}, [(512, 7, 7)],
        (512, 7, 7), {}, {},
    ),
    "avg: one axis": (
        # 4 * 12 = 48
        "adaptive_avg_pool", {"out": 3}, [(4, 10)],
        (4, 3), {}, {"add": 48, "div": 12},
    ),
    "avg: three axes": (
        # 3; 4; [0, 2) [1, 4) [3, 5): 7; 2 * 84 = 168; 2 * 6 = 12 outputs
        "adaptive_avg_pool", {"out": (1, 2, 3)}, [(2, 3, 4, 5)],
        (2, 1, 2, 3), {}, {"add": 168, "div": 12},
    ),
    "avg: channels last": (
        "adaptive_avg_pool", {"out": (2, 5), "layout": "channels_last"}, [(7, 10, 4)],
        (2, 5, 4), {}, {"add": 320, "div": 40},
    ),
    "avg: 8x8 to 3x3 (ultralytics/thop: windows and outputs, 3,488 for a batch of 2)": (
        # [0, 3) [2, 6) [5, 8): 10; 16 * 100 = 1,600; 16 * 9 = 144; 1,600 + 144 = 1,744
        "adaptive_avg_pool", {"out": 3}, [(16, 8, 8)],
        (16, 3, 3), {}, {"add": 1_600, "div": 144},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "no spatial axis": (
        "adaptive_avg_pool", {"out": 2}, [(7,)],
        "an adaptive pool needs [C, L], [C, H, W] or [C, D, H, W], got [7]", "",
    ),
    "three sizes for two axes": (
        "adaptive_max_pool", {"out": (1, 2, 3)}, [(4, 7, 10)],
        "out [1, 2, 3] does not fit the input [4, 7, 10] (spatial axes: height, width)", "",
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


def test_elements_of_all_windows(work: Any) -> None:
    for pool in ("adaptive_avg_pool", "adaptive_max_pool"):
        assert work(pool, {"out": 3}, (4, 7, 10)).quantities == {"window_element": 432}


def test_lengths_add_up_as_the_windows_say(work: Any) -> None:
    """Size + out - gcd is what PyTorch's definition of the windows gives, for every pair up to 12."""
    for size in range(1, 13):
        for out in range(1, 13):
            windows = [range(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]
            assert work("adaptive_avg_pool", {"out": out}, (1, size)).tally["add"] == sum(map(len, windows))


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
adaptive_avg_pool:
  - why: 1 2, 2 3 4, 4 5
    arguments: {out: 3}
    inputs: [[[1, 2, 3, 4, 5]]]
    output: [[1.5, 3, 4.5]]
  - why: more windows than elements; 1, 1 2, 2
    arguments: {out: 3}
    inputs: [[[1, 2]]]
    output: [[1, 1.5, 2]]
  - why: both rows, columns 0 1 and 1 2
    arguments: {out: [1, 2]}
    inputs: [[[[1, 2, 3], [4, 5, 6]]]]
    output: [[[3, 4]]]
adaptive_max_pool:
  - why: 1 2, 2 3 4, 4 5
    arguments: {out: 3}
    inputs: [[[1, 2, 3, 4, 5]]]
    output: [[2, 4, 5]]
  - why: both rows, columns 0 1 and 1 2
    arguments: {out: [1, 2]}
    inputs: [[[[1, 2, 3], [4, 5, 6]]]]
    output: [[[5, 6]]]
"""
