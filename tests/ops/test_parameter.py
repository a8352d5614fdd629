"""Tensors that stand in a network as they are, by hand."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "the class token of ViT-B/16": ("parameter", {"shape": (1, 768)}, [], (1, 768), {"weight": (1, 768)}, {}),
    "any number of axes": ("parameter", {"shape": (3, 1, 1)}, [], (3, 1, 1), {"weight": (3, 1, 1)}, {}),
    "the layout changes nothing": (
        "parameter", {"shape": (3, 5), "layout": "channels_last"}, [], (3, 5), {"weight": (3, 5)}, {},
    ),
    "a buffer is no param": ("parameter", {"shape": (3, 5), "trainable": False}, [], (3, 5), {}, {}),
}
# fmt: on


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


def test_a_buffer_is_stored(work: Any) -> None:
    assert work("parameter", {"shape": (3, 5), "trainable": False}).buffers == {"buffer": (3, 5)}
    assert work("parameter", {"shape": (3, 5)}).buffers == {}


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
parameter:
  - why: as it is stored
    arguments: {shape: [2, 2]}
    inputs: []
    weights: {weight: [[1, 2], [3, 4]]}
    output: [[1, 2], [3, 4]]
  - why: a buffer has another name
    arguments: {shape: [2], trainable: false}
    inputs: []
    weights: {buffer: [1, 2]}
    output: [1, 2]
"""
