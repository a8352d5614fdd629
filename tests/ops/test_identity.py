"""Layers that hand their input on."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "identity": ("identity", {}, [(4, 5, 7)], (4, 5, 7), {}, {}),
    "dropout at inference": ("dropout", {}, [(4, 5, 7)], (4, 5, 7), {}, {}),
    "the share changes nothing": ("dropout", {"p": Fraction(1, 5)}, [(7,)], (7,), {}, {}),
    "nor do its ends": ("dropout", {"p": 1}, [(7,)], (7,), {}, {}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "more than all": ("dropout", {"p": Fraction(4, 3)}, [(7,)], "expected a number from 0 to 1, got 4 / 3", ""),
    "less than nothing": ("dropout", {"p": -1}, [(7,)], "expected a number from 0 to 1, got -1", ""),
    "no number": ("dropout", {"p": True}, [(7,)], "expected a number, got true", ""),
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
identity:
  - why: as it came
    inputs: [[[1, 2]]]
    output: [[1, 2]]
dropout:
  - why: nothing is dropped at inference
    inputs: [[1, 2]]
    output: [1, 2]
"""
