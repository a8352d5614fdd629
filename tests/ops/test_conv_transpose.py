"""Transposed convolution, by hand: every input element meets (c_out / groups) * kernel weights."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "kernel 4, stride 2 doubles the sides": (
        # (5 - 1) * 2 + 4 - 2 = 10, (7 - 1) * 2 + 4 - 2 = 14; 4 * 35 inputs meet 6 * 16 weights: 140 * 96 = 13,440
        "conv_transpose", {"out": 6, "kernel": 4, "stride": 2, "padding": 1}, [(4, 5, 7)],
        (6, 10, 14), {"weight": (4, 6, 4, 4), "bias": (6,)}, {"mac": 13_440, "bias_add": 840},
    ),
    "kernel 3, stride 2 falls one short": (
        # 4 * 2 - 2 + 3 = 9, 6 * 2 - 2 + 3 = 13; 140 inputs meet 6 * 9 = 54 weights: 7,560
        "conv_transpose", {"out": 6, "kernel": 3, "stride": 2, "padding": 1, "bias": False}, [(4, 5, 7)],
        (6, 9, 13), {"weight": (4, 6, 3, 3)}, {"mac": 7_560},
    ),
    "output_padding adds at the end, and adds no mac": (
        # 9 + 1 = 10, 13 + 0 = 13; 6 * 130 = 780 biases
        "conv_transpose", {"out": 6, "kernel": 3, "stride": 2, "padding": 1, "output_padding": (1, 0)}, [(4, 5, 7)],
        (6, 10, 13), {"weight": (4, 6, 3, 3), "bias": (6,)}, {"mac": 7_560, "bias_add": 780},
    ),
    "output_padding may be as large as the dilation allows": (
        # 4 + 3 * 2 + 2 + 1 = 13, 6 + 3 * 2 + 2 + 1 = 15; 140 inputs meet 6 * 9 weights
        "conv_transpose", {"out": 6, "kernel": 3, "dilation": 3, "output_padding": 2, "bias": False}, [(4, 5, 7)],
        (6, 13, 15), {"weight": (4, 6, 3, 3)}, {"mac": 7_560},
    ),
    "groups split the outputs of a channel": (
        # 5 + 2 = 7, 7 + 2 = 9; 140 inputs meet 6 / 2 * 9 = 27 weights: 3,780; 6 * 63 = 378 biases
        "conv_transpose", {"out": 6, "kernel": 3, "groups": 2}, [(4, 5, 7)],
        (6, 7, 9), {"weight": (4, 3, 3, 3), "bias": (6,)}, {"mac": 3_780, "bias_add": 378},
    ),
    "padding may differ between before and after": (
        # 4 * 2 - 1 + 3 = 10, 6 * 2 - 1 + 2 = 13; 140 inputs meet 6 * 6 = 36 weights: 5,040
        "conv_transpose",
        {"out": 6, "kernel": (3, 2), "stride": 2, "padding": ((0, 1), (1, 0)), "bias": False}, [(4, 5, 7)],
        (6, 10, 13), {"weight": (4, 6, 3, 2)}, {"mac": 5_040},
    ),
    "padding may leave a single row": (
        # 4 - 4 + 0 + 1 = 1, 6 - 2 - 2 + 1 = 3; 140 inputs meet 6 weights: 840
        "conv_transpose", {"out": 6, "kernel": 1, "padding": ((3, 1), (2, 2)), "bias": False}, [(4, 5, 7)],
        (6, 1, 3), {"weight": (4, 6, 1, 1)}, {"mac": 840},
    ),
    "one axis": (
        # 5 * 3 + 4 = 19; 4 * 6 = 24 inputs meet 5 * 4 = 20 weights: 480; 5 * 19 = 95 biases
        "conv_transpose", {"out": 5, "kernel": 4, "stride": 3}, [(4, 6)],
        (5, 19), {"weight": (4, 5, 4), "bias": (5,)}, {"mac": 480, "bias_add": 95},
    ),
    "three axes": (
        # 3, 3 * 2 + 2 = 8, 4 + 3 = 7; 2 * 60 = 120 inputs meet 3 * 6 = 18 weights: 2,160; 3 * 168 = 504 biases
        "conv_transpose", {"out": 3, "kernel": (1, 2, 3), "stride": (1, 2, 1)}, [(2, 3, 4, 5)],
        (3, 3, 8, 7), {"weight": (2, 3, 1, 2, 3), "bias": (3,)}, {"mac": 2_160, "bias_add": 504},
    ),
    "from a 5x18 score map to 10x36, channels last (FCN-8s, Long et al. 2014, on KITTI)": (
        # 4 * 2 - 2 + 4 = 10, 17 * 2 - 2 + 4 = 36; 2 * 90 = 180 inputs meet 2 * 16 = 32 weights: 5,760
        "conv_transpose", {"out": 2, "kernel": 4, "stride": 2, "padding": 1, "layout": "channels_last"}, [(5, 18, 2)],
        (10, 36, 2), {"weight": (2, 2, 4, 4), "bias": (2,)}, {"mac": 5_760, "bias_add": 720},
    ),
    "the true count of a layer that six tools get wrong in some case (1,048,576 for a batch of 2)": (
        # 7 * 2 - 2 + 4 = 16; 16 * 64 = 1,024 inputs meet 32 * 16 = 512 weights: 524,288; 32 * 256 = 8,192 biases
        "conv_transpose", {"out": 32, "kernel": 4, "stride": 2, "padding": 1}, [(16, 8, 8)],
        (32, 16, 16), {"weight": (16, 32, 4, 4), "bias": (32,)}, {"mac": 524_288, "bias_add": 8_192},
    ),
    "the same layer in four groups (262,144 for a batch of 2)": (
        # 1,024 inputs meet 32 / 4 * 16 = 128 weights: 131,072
        "conv_transpose", {"out": 32, "kernel": 4, "stride": 2, "padding": 1, "groups": 4}, [(16, 8, 8)],
        (32, 16, 16), {"weight": (16, 8, 4, 4), "bias": (32,)}, {"mac": 131_072, "bias_add": 8_192},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "no spatial axis": (
        "conv_transpose", {"out": 3, "kernel": 1}, [(7,)],
        "conv_transpose needs [C, L], [C, H, W] or [C, D, H, W], got [7]", "",
    ),
    "groups that do not divide the input": (
        "conv_transpose", {"out": 6, "kernel": 1, "groups": 3}, [(4, 5, 7)],
        "groups=3 must divide the 4 input channels", "",
    ),
    "groups that do not divide the output": (
        "conv_transpose", {"out": 5, "kernel": 1, "groups": 2}, [(4, 5, 7)],
        "groups=2 must divide the 5 output channels", "",
    ),
    "output_padding that a larger input would have explained": (
        "conv_transpose", {"out": 6, "kernel": 3, "stride": (3, 2), "output_padding": 2}, [(4, 5, 7)],
        "output_padding 2 must be below the stride 2 or the dilation 1", "",
    ),
    "padding that leaves nothing": (
        "conv_transpose", {"out": 6, "kernel": 3, "padding": ((3, 4), (0, 0))}, [(4, 5, 7)],
        "the padding cuts the whole output off: output height would be 0 = "
        "(5 - 1) * 1 - 3 - 4 + 1 * (3 - 1) + 0 + 1", "",
    ),
    "padding same, which has more than one meaning here": (
        "conv_transpose", {"out": 6, "kernel": 1, "padding": "same"}, [(4, 5, 7)],
        "expected a padding, got the word 'same'",
        "pairs that add up to kernel - stride make the output stride times the input",  # see the test below
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


def test_pairs_that_stand_for_same(work: Any) -> None:
    """Keras Conv2DTranspose(1, 9, strides=4, padding="same"): 10 and 11 become 40 and 44. kernel - stride = 5 = 2 + 3."""
    arguments = {"out": 1, "kernel": 9, "stride": 4, "padding": ((2, 3), (2, 3))}
    assert work("conv_transpose", arguments, (56, 10, 11)).shape == (1, 40, 44)


def test_the_arithmetic_is_shown(work: Any) -> None:
    arguments = {"out": 6, "kernel": 3, "stride": (2, 3), "padding": 1, "output_padding": (1, 0)}
    assert work("conv_transpose", arguments, (4, 5, 7)).steps == [
        "height = (5 - 1) * 2 - 1 - 1 + 1 * (3 - 1) + 1 + 1 = 10",
        "width = (7 - 1) * 3 - 1 - 1 + 1 * (3 - 1) + 0 + 1 = 19",
    ]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
conv_transpose:
  - why: 1 10 100 from place 0 and 2 20 200 from place 2; they meet at 100 + 2
    arguments: {out: 1, kernel: 3, stride: 2, bias: false}
    inputs: [[[1, 2]]]
    weights: {weight: [[[1, 10, 100]]]}
    output: [[1, 10, 102, 20, 200]]
  - why: the same, with one element cut off on both sides
    arguments: {out: 1, kernel: 3, stride: 2, padding: 1, bias: false}
    inputs: [[[1, 2]]]
    weights: {weight: [[[1, 10, 100]]]}
    output: [[10, 102, 20]]
  - why: one element more at the end takes back what was cut off there
    arguments: {out: 1, kernel: 3, stride: 2, padding: 1, output_padding: 1, bias: false}
    inputs: [[[1, 2]]]
    weights: {weight: [[[1, 10, 100]]]}
    output: [[10, 102, 20, 200]]
  - why: one element more where nothing was cut off holds the bias alone
    arguments: {out: 1, kernel: 2, stride: 2, output_padding: 1}
    inputs: [[[1, 2]]]
    weights: {weight: [[[1, 10]]], bias: [5]}
    output: [[6, 15, 7, 25, 5]]
  - why: every group has one channel in and one out
    arguments: {out: 2, kernel: 2, groups: 2, bias: false}
    inputs: [[[1], [2]]]
    weights: {weight: [[[1, 10]], [[100, 1000]]]}
    output: [[1, 10], [200, 2000]]
  - why: 2 * 3 + 1 and 2 * 5 - 1
    arguments: {out: 2, kernel: 1}
    inputs: [[[2]]]
    weights: {weight: [[[3], [5]]], bias: [1, -1]}
    output: [[7], [9]]
  - why: two channels into one; 1*1 + 2*100 and 1*10 + 2*1000
    arguments: {out: 1, kernel: 2, bias: false}
    inputs: [[[1], [2]]]
    weights: {weight: [[[1, 10]], [[100, 1000]]]}
    output: [[201, 2010]]
  - why: taps two apart land at 0 2 and 1 3
    arguments: {out: 1, kernel: 2, dilation: 2, bias: false}
    inputs: [[[1, 2]]]
    weights: {weight: [[[1, 10]]]}
    output: [[1, 2, 10, 20]]
  - why: a single 1 in row 0, column 1; columns are two apart, rows one
    arguments: {out: 1, kernel: 2, stride: [1, 2], bias: false}
    inputs: [[[[0, 1], [0, 0]]]]
    weights: {weight: [[[[1, 2], [4, 8]]]]}
    output: [[[0, 0, 1, 2], [0, 0, 4, 8], [0, 0, 0, 0]]]
"""
