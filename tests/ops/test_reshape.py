"""Reshape: as many elements as before; one size may be what remains."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "other sizes": ("reshape", {"shape": (10, 14)}, [(4, 5, 7)], (10, 14), {}, {}),
    "the rest": ("reshape", {"shape": (5, -1, 7)}, [(4, 5, 7)], (5, 4, 7), {}, {}),
    "the rest is everything": ("reshape", {"shape": (-1,)}, [(4, 5, 7)], (140,), {}, {}),
    "the rest is 1": ("reshape", {"shape": (140, -1)}, [(4, 5, 7)], (140, 1), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "two that are the rest": (
        "reshape", {"shape": (-1, 7, -1)}, [(4, 5, 7)],
        "the shape [-1, 7, -1] has more than one -1", "",
    ),
    "another number of elements": (
        "reshape", {"shape": (4, 36)}, [(4, 5, 7)],
        "[4, 5, 7] has 4*5*7 = 140 elements, [4, 36] needs 4*36 = 144", "",
    ),
    "a rest that is not whole": (
        "reshape", {"shape": (3, -1, 4)}, [(140,)],
        "[140] has 140 elements, [3, -1, 4] needs a multiple of 3*4 = 12", "",
    ),
    "a size of 0": (
        "reshape", {"shape": (0, 140)}, [(140,)],
        "expected a size of at least 1, or -1 for the rest, got 0", "",
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


def test_the_arithmetic_is_shown(work: Any) -> None:
    assert work("reshape", {"shape": (5, -1, 7)}, (4, 5, 7)).steps == ["axis 1 = 4*5*7 / (5*7) = 4"]
    assert work("reshape", {"shape": (10, 14)}, (4, 5, 7)).steps == []


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
reshape:
  - why: six elements in rows of three
    arguments: {shape: [-1, 3]}
    inputs: [[[1, 2], [3, 4], [5, 6]]]
    output: [[1, 2, 3], [4, 5, 6]]
"""
