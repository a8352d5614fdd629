"""Convolution, by hand: every output element is a sum of (c_in / groups) * kernel products."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "a stride of 2 on an odd side rounds down": (
        # (7 - 3) // 2 + 1 = 3, (10 - 3) // 2 + 1 = 4; 6 * 12 outputs of 4 * 9 products: 72 * 36 = 2,592
        "conv", {"out": 6, "kernel": 3, "stride": 2, "bias": False}, [(4, 7, 10)],
        (6, 3, 4), {"weight": (6, 4, 3, 3)}, {"mac": 2_592},
    ),
    "kernel and padding may differ by axis, and a bias is no mac": (
        # 7 + 2 - 3 + 1 = 7, 10 + 4 - 5 + 1 = 10; 6 * 70 = 420 outputs of 4 * 15 = 60 products: 25,200
        "conv", {"out": 6, "kernel": (3, 5), "padding": (1, 2)}, [(4, 7, 10)],
        (6, 7, 10), {"weight": (6, 4, 3, 5), "bias": (6,)}, {"mac": 25_200, "bias_add": 420},
    ),
    "with groups every output sees its own group's channels only": (
        # 5 x 8 = 40 positions; 6 * 40 = 240 outputs of 4 / 2 * 9 = 18 products: 4,320
        "conv", {"out": 6, "kernel": 3, "groups": 2}, [(4, 7, 10)],
        (6, 5, 8), {"weight": (6, 2, 3, 3), "bias": (6,)}, {"mac": 4_320, "bias_add": 240},
    ),
    "a depthwise convolution with two outputs a channel": (
        # 8 * 40 = 320 outputs of 9 products: 2,880
        "conv", {"out": 8, "kernel": 3, "groups": 4, "bias": False}, [(4, 7, 10)],
        (8, 5, 8), {"weight": (8, 1, 3, 3)}, {"mac": 2_880},
    ),
    "dilation 2 lets a 3x3 window reach over 5": (
        # 7 - 5 + 1 = 3, 10 - 5 + 1 = 6; 5 * 18 = 90 outputs of 36 products: 3,240
        "conv", {"out": 5, "kernel": 3, "dilation": 2, "bias": False}, [(4, 7, 10)],
        (5, 3, 6), {"weight": (5, 4, 3, 3)}, {"mac": 3_240},
    ),
    "padding may differ between before and after": (
        # (7 + 0 + 1 - 3) // 2 + 1 = 3, (10 + 1 + 2 - 3) // 2 + 1 = 6; 3 * 18 = 54 outputs of 36 products: 1,944
        "conv", {"out": 3, "kernel": 3, "stride": 2, "padding": ((0, 1), (1, 2)), "bias": False}, [(4, 7, 10)],
        (3, 3, 6), {"weight": (3, 4, 3, 3)}, {"mac": 1_944},
    ),
    "padding same keeps ceil(size / stride)": (
        # ceil(7 / 2) = 4, ceil(10 / 2) = 5; 3 * 20 = 60 outputs of 4 * 16 = 64 products: 3,840
        "conv", {"out": 3, "kernel": 4, "stride": 2, "padding": "same", "bias": False}, [(4, 7, 10)],
        (3, 4, 5), {"weight": (3, 4, 4, 4)}, {"mac": 3_840},
    ),
    "padding same under a stride beyond the kernel": (
        # 9 / 3 = 3, ceil(10 / 3) = 4; 3 * 12 = 36 outputs of 4 products: 144
        "conv", {"out": 3, "kernel": 1, "stride": 3, "padding": "same", "bias": False}, [(4, 9, 10)],
        (3, 3, 4), {"weight": (3, 4, 1, 1)}, {"mac": 144},
    ),
    "a window as large as the image": (
        # one position; 9 outputs of 4 * 70 = 280 products: 2,520
        "conv", {"out": 9, "kernel": (7, 10)}, [(4, 7, 10)],
        (9, 1, 1), {"weight": (9, 4, 7, 10), "bias": (9,)}, {"mac": 2_520, "bias_add": 9},
    ),
    "one axis": (
        # (11 - 4) // 3 + 1 = 3; 5 * 3 = 15 outputs of 4 * 4 = 16 products: 240
        "conv", {"out": 5, "kernel": 4, "stride": 3}, [(4, 11)],
        (5, 3), {"weight": (5, 4, 4), "bias": (5,)}, {"mac": 240, "bias_add": 15},
    ),
    "three axes": (
        # 5, (6 - 2) // 2 + 1 = 3, 7 - 3 + 1 = 5; 2 * 75 = 150 outputs of 3 * 6 = 18 products: 2,700
        "conv", {"out": 2, "kernel": (1, 2, 3), "stride": (1, 2, 1)}, [(3, 5, 6, 7)],
        (2, 5, 3, 5), {"weight": (2, 3, 1, 2, 3), "bias": (2,)}, {"mac": 2_700, "bias_add": 150},
    ),
    "channels last: same weights, same work": (
        "conv", {"out": 6, "kernel": 3, "stride": 2, "bias": False, "layout": "channels_last"}, [(7, 10, 4)],
        (3, 4, 6), {"weight": (6, 4, 3, 3)}, {"mac": 2_592},
    ),
    "one axis, channels last": (
        "conv", {"out": 5, "kernel": 4, "stride": 3, "layout": "channels_last"}, [(11, 4)],
        (3, 5), {"weight": (5, 4, 4), "bias": (5,)}, {"mac": 240, "bias_add": 15},
    ),
    "a 1x1 convolution is a linear combination of channels": (
        # 2 * 9 = 18 outputs of 3 products: 54
        "conv", {"out": 2, "kernel": 1}, [(3, 3, 3)],
        (2, 3, 3), {"weight": (2, 3, 1, 1), "bias": (2,)}, {"mac": 54, "bias_add": 18},
    ),
    "the stem of ResNet (torchvision, measured with hooks: 118,013,952)": (
        # (224 + 6 - 7) // 2 + 1 = 112; 64 * 12,544 outputs of 3 * 49 = 147 products
        "conv", {"out": 64, "kernel": 7, "stride": 2, "padding": 3, "bias": False}, [(3, 224, 224)],
        (64, 112, 112), {"weight": (64, 3, 7, 7)}, {"mac": 118_013_952},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "no spatial axis": (
        "conv", {"out": 3, "kernel": 1}, [(7,)],
        "conv needs [C, L], [C, H, W] or [C, D, H, W], got [7]", "",
    ),
    "four spatial axes, channels last": (
        "conv", {"out": 3, "kernel": 1, "layout": "channels_last"}, [(2, 3, 4, 5, 6)],
        "conv needs [L, C], [H, W, C] or [D, H, W, C], got [2, 3, 4, 5, 6]", "",
    ),
    "groups that do not divide the input": (
        "conv", {"out": 6, "kernel": 1, "groups": 3}, [(4, 7, 10)],
        "groups=3 must divide the 4 input channels", "",
    ),
    "groups that do not divide the output": (
        "conv", {"out": 5, "kernel": 1, "groups": 2}, [(4, 7, 10)],
        "groups=2 must divide the 5 output channels", "",
    ),
    "a kernel beyond the input": (
        "conv", {"out": 5, "kernel": (9, 3), "stride": (2, 1)}, [(4, 7, 10)],
        "the kernel is larger than the padded input: output height would be 0 = "
        "(7 + 0 + 0 - 1 * (9 - 1) - 1) // 2 + 1", "",
    ),
    "a dilated kernel beyond the padded input": (
        "conv", {"out": 5, "kernel": (3, 4), "padding": (0, 1), "dilation": 4}, [(4, 9, 10)],
        "the kernel is larger than the padded input: output width would be 0 = "
        "(10 + 1 + 1 - 4 * (4 - 1) - 1) // 1 + 1", "",
    ),
    "channels that look as if they came last": (
        "conv", {"out": 64, "kernel": 7}, [(224, 224, 3)],
        "the kernel is larger than the padded input: output width would be -3 = "
        "(3 + 0 + 0 - 1 * (7 - 1) - 1) // 1 + 1", "did you mean 'layout: channels_last'?",
    ),
    "four channels that look as if they came last": (
        "conv", {"out": 64, "kernel": 7}, [(5, 224, 4)],
        "the kernel is larger than the padded input: output width would be -2 = "
        "(4 + 0 + 0 - 1 * (7 - 1) - 1) // 1 + 1", "did you mean 'layout: channels_last'?",
    ),
    "few channels where they should be": (
        "conv", {"out": 64, "kernel": 7}, [(4, 224, 3)],
        "the kernel is larger than the padded input: output width would be -3 = "
        "(3 + 0 + 0 - 1 * (7 - 1) - 1) // 1 + 1", "",
    ),
    "a narrow image": (
        "conv", {"out": 64, "kernel": 7}, [(64, 56, 5)],
        "the kernel is larger than the padded input: output width would be -1 = "
        "(5 + 0 + 0 - 1 * (7 - 1) - 1) // 1 + 1", "",
    ),
    "three sizes for two axes": (
        "conv", {"out": 5, "kernel": (3, 3, 3)}, [(4, 7, 10)],
        "kernel [3, 3, 3] does not fit the input [4, 7, 10] (spatial axes: height, width)", "",
    ),
    "one pair for three axes": (
        "conv", {"out": 5, "kernel": 1, "padding": ((1, 2),)}, [(3, 5, 6, 7)],
        "padding [[1, 2]] does not fit the input [3, 5, 6, 7] (spatial axes: depth, height, width)", "",
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
    """`same` puts the odd element after: 3 * 2 + 4 - 7 = 3 rows are 1 and 2, 4 * 2 + 4 - 10 = 2 columns 1 and 1."""
    assert work("conv", {"out": 3, "kernel": 4, "stride": 2, "padding": "same"}, (4, 7, 10)).steps == [
        "height = (7 + 1 + 2 - 1 * (4 - 1) - 1) // 2 + 1 = 4",
        "width = (10 + 1 + 1 - 1 * (4 - 1) - 1) // 2 + 1 = 5",
    ]
    assert work("conv", {"out": 3, "kernel": 4, "dilation": 2, "layout": "channels_last"}, (11, 4)).steps == [
        "width = (11 + 0 + 0 - 2 * (4 - 1) - 1) // 1 + 1 = 5",
    ]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
conv:
  - why: 1 + 20 + 300, 2 + 30 + 400, 3 + 40 + 500
    arguments: {out: 1, kernel: 3, bias: false}
    inputs: [[[1, 2, 3, 4, 5]]]
    weights: {weight: [[[1, 10, 100]]]}
    output: [[321, 432, 543]]
  - why: a zero on both sides, every second place; 0 1 2 and 2 3 4
    arguments: {out: 1, kernel: 3, stride: 2, padding: 1, bias: false}
    inputs: [[[1, 2, 3, 4]]]
    weights: {weight: [[[1, 10, 100]]]}
    output: [[210, 432]]
  - why: taps two apart; 1 3 5 and 2 4 6
    arguments: {out: 1, kernel: 3, dilation: 2, bias: false}
    inputs: [[[1, 2, 3, 4, 5, 6]]]
    weights: {weight: [[[1, 10, 100]]]}
    output: [[531, 642]]
  - why: a single 1 in row 1, column 2, so that y[i, j] is the weight at row 1 - i, column 2 - j
    arguments: {out: 1, kernel: [2, 3], bias: false}
    inputs: [[[[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]]]
    weights: {weight: [[[[1, 2, 4], [8, 16, 32]]]]}
    output: [[[32, 16], [4, 2]]]
  - why: the first two outputs see the first channel only, the others the second
    arguments: {out: 4, kernel: 1, groups: 2, bias: false}
    inputs: [[[1, 2], [3, 4]]]
    weights: {weight: [[[1]], [[2]], [[3]], [[4]]]}
    output: [[1, 2], [2, 4], [9, 12], [12, 16]]
  - why: a 1x1 mixes channels; 0.3*1 + 0.5*3 + 0.2*5 and 0.3*2 + 0.5*4 + 0.2*6, and a bias of 1
    arguments: {out: 1, kernel: 1}
    inputs: [[[[1, 2]], [[3, 4]], [[5, 6]]]]
    weights: {weight: [[[[0.3]], [[0.5]], [[0.2]]]], bias: [1]}
    output: [[[3.8, 4.8]]]
  - why: same padding of an even window puts the odd zero after; 1 2, 2 3, 3 0
    arguments: {out: 1, kernel: 2, padding: same, bias: false}
    inputs: [[[1, 2, 3]]]
    weights: {weight: [[[1, 10]]]}
    output: [[21, 32, 3]]
  - why: same padding with stride 2 on 5 elements gives ceil(5 / 2) = 3; 0 1 2, 2 3 4, 4 5 0
    arguments: {out: 1, kernel: 3, stride: 2, padding: same, bias: false}
    inputs: [[[1, 2, 3, 4, 5]]]
    weights: {weight: [[[1, 10, 100]]]}
    output: [[210, 432, 54]]
  - why: two zeros before and none after; 0 0, 0 1, 1 2
    arguments: {out: 1, kernel: 2, padding: [[2, 0]], bias: false}
    inputs: [[[1, 2]]]
    weights: {weight: [[[1, 10]]]}
    output: [[0, 10, 21]]
  - why: channels last; 1 + 20 and 3 + 40
    layout: channels_last
    arguments: {out: 1, kernel: 1, bias: false}
    inputs: [[[[1, 2], [3, 4]]]]
    weights: {weight: [[[[1]], [[10]]]]}
    output: [[[21], [43]]]
  - why: three axes; 1*1 + 2*2 + 3*4 + 4*8 + 5*16 + 6*32 + 7*64 + 8*128
    arguments: {out: 1, kernel: 2, bias: false}
    inputs: [[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]]
    weights: {weight: [[[[[1, 2], [4, 8]], [[16, 32], [64, 128]]]]]}
    output: [[[[1793]]]]
"""
