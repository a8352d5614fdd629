"""Channel shuffle: nothing but the order changes."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "two groups": ("channel_shuffle", {"groups": 2}, [(6, 5, 7)], (6, 5, 7), {}, {}),
    "channels last": ("channel_shuffle", {"groups": 2, "layout": "channels_last"}, [(5, 7, 6)], (5, 7, 6), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "groups that do not divide the channels": (
        "channel_shuffle", {"groups": 4}, [(6, 5, 7)], "groups=4 must divide the 6 channels", "",
    ),
    "groups that divide the height alone": (
        "channel_shuffle", {"groups": 5, "layout": "channels_last"}, [(5, 7, 6)],
        "groups=5 must divide the 6 channels", "",
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
channel_shuffle:
  - why: first of each group, second of each group, ...
    arguments: {groups: 2}
    inputs: [[[0], [1], [2], [3], [4], [5]]]
    output: [[0], [3], [1], [4], [2], [5]]
"""
