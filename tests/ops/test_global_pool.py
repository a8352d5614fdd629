"""Global pooling, by hand: one window a channel."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "avg: 70 additions and a division a channel": (
        "global_avg_pool", {}, [(4, 7, 10)],
        (4, 1, 1), {}, {"add": 280, "div": 4},
    ),
    "max: 69 comparisons a channel": (
        "global_max_pool", {}, [(4, 7, 10)],
        (4, 1, 1), {}, {"compare": 276},
    ),
    "avg: one axis": ("global_avg_pool", {}, [(4, 11)], (4, 1), {}, {"add": 44, "div": 4}),
    "max: three axes, channels last": (
        # 2 channels of 60
        "global_max_pool", {"layout": "channels_last"}, [(3, 4, 5, 2)],
        (1, 1, 1, 2), {}, {"compare": 118},
    ),
    "avg: channels last": (
        "global_avg_pool", {"layout": "channels_last"}, [(7, 10, 4)], (1, 1, 4), {}, {"add": 280, "div": 4},
    ),
    "max: one element a channel": ("global_max_pool", {}, [(4, 1, 1)], (4, 1, 1), {}, {}),
    "avg: ResNet-50, 7x7": ("global_avg_pool", {}, [(2048, 7, 7)], (2048, 1, 1), {}, {"add": 100_352, "div": 2_048}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a vector": (
        "global_avg_pool", {}, [(7,)],
        "a global pool needs [C, L], [C, H, W] or [C, D, H, W], got [7]", "",
    ),
    "a batch axis that is not part of a shape, channels last": (
        "global_max_pool", {"layout": "channels_last"}, [(1, 2, 7, 10, 4)],
        "a global pool needs [L, C], [H, W, C] or [D, H, W, C], got [1, 2, 7, 10, 4]", "",
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
    for pool in ("global_avg_pool", "global_max_pool"):
        assert work(pool, {}, (4, 7, 10)).quantities == {"window_element": 280}


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
global_avg_pool:
  - why: (1 + 2 + 3 + 6) / 4 and 5
    inputs: [[[[1, 2], [3, 6]], [[5, 5], [5, 5]]]]
    output: [[[3]], [[5]]]
global_max_pool:
  - why: the largest of every channel, channels last
    layout: channels_last
    inputs: [[[[1, -2], [3, -1]]]]
    output: [[[3, -1]]]
"""
