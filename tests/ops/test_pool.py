"""Pooling with a sliding window, by hand: k - 1 comparisons, or k additions and a division, an output element."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "max: a stride of 2 on an odd side rounds down": (
        # (7 - 3) // 2 + 1 = 3, (10 - 3) // 2 + 1 = 4; 4 * 12 = 48 windows of 9: 48 * 8 = 384
        "max_pool", {"kernel": 3, "stride": 2}, [(4, 7, 10)],
        (4, 3, 4), {}, {"compare": 384},
    ),
    "max: ceil lets a last window hang over the end": (
        # 4 / 2 + 1 = 3, ceil(7 / 2) + 1 = 5; 60 windows of 9, what hangs over counting as minus infinity: 480
        "max_pool", {"kernel": 3, "stride": 2, "ceil": True}, [(4, 7, 10)],
        (4, 3, 5), {}, {"compare": 480},
    ),
    "max: with ceil, a window that would begin beyond input and padding is left out": (
        # ceil((7 + 2 - 2) / 3) + 1 = 4 begins at 9 of 8, ceil((10 + 2 - 2) / 3) + 1 = 5 at 12 of 11: 3 and 4 are left;
        # 48 windows of 4: 144
        "max_pool", {"kernel": 2, "stride": 3, "padding": 1, "ceil": True}, [(4, 7, 10)],
        (4, 3, 4), {}, {"compare": 144},
    ),
    "max: also one that would begin just there": (
        # ceil((5 + 2 - 2) / 2) + 1 = 4 begins at 6 = 5 + 1: 3 are left; ceil((8 + 2 - 2) / 2) + 1 = 5 begins at 8 < 9;
        # 60 windows of 4: 180
        "max_pool", {"kernel": 2, "stride": 2, "padding": 1, "ceil": True}, [(4, 5, 8)],
        (4, 3, 5), {}, {"compare": 180},
    ),
    "max: the padding after is no place to begin": (
        # ceil((6 + 1 - 2) / 2) + 1 = 4 begins at 6: 3 are left; (7 + 1 - 2) / 2 + 1 = 4 begins at 6 < 7;
        # 48 windows of 4: 144
        "max_pool", {"kernel": 2, "stride": 2, "padding": ((0, 1), (0, 1)), "ceil": True}, [(4, 6, 7)],
        (4, 3, 4), {}, {"compare": 144},
    ),
    "max: with ceil, the only window may hang over as well": (
        # ceil((3 - 4) / 2) + 1 = 1, ceil((10 - 4) / 2) + 1 = 4; 16 windows of 16: 240
        "max_pool", {"kernel": 4, "stride": 2, "ceil": True}, [(4, 3, 10)],
        (4, 1, 4), {}, {"compare": 240},
    ),
    "max: padding counts as elements of the window": (
        # (7 + 2 - 3) // 2 + 1 = 4, (10 + 2 - 3) // 2 + 1 = 5; 80 windows of 9: 640
        "max_pool", {"kernel": 3, "stride": 2, "padding": 1}, [(4, 7, 10)],
        (4, 4, 5), {}, {"compare": 640},
    ),
    "max: padding before and after": (
        # (7 + 1 - 3) // 2 + 1 = 3, (10 + 1 - 3) // 2 + 1 = 5; 60 windows of 9: 480
        "max_pool", {"kernel": 3, "stride": 2, "padding": ((0, 1), (1, 0))}, [(4, 7, 10)],
        (4, 3, 5), {}, {"compare": 480},
    ),
    "max: padding same": (
        # ceil(7 / 2) = 4, ceil(10 / 2) = 5
        "max_pool", {"kernel": 3, "stride": 2, "padding": "same"}, [(4, 7, 10)],
        (4, 4, 5), {}, {"compare": 640},
    ),
    "max: dilation 2 lets a window of 3 reach over 5": (
        # 3 * 6 positions; 72 windows of 9: 576
        "max_pool", {"kernel": 3, "stride": 1, "dilation": 2}, [(4, 7, 10)],
        (4, 3, 6), {}, {"compare": 576},
    ),
    "max: the stride is the kernel when not given": (
        # (7 - 2) // 2 + 1 = 3, (10 - 3) // 3 + 1 = 3; 36 windows of 6: 180
        "max_pool", {"kernel": (2, 3)}, [(4, 7, 10)],
        (4, 3, 3), {}, {"compare": 180},
    ),
    "max: one axis, channels last": (
        # 11 // 2 = 5; 4 * 5 windows of 2
        "max_pool", {"kernel": 2, "layout": "channels_last"}, [(11, 4)],
        (5, 4), {}, {"compare": 20},
    ),
    "max: three axes": (
        # 5 // 2 = 2, 6 // 2 = 3, 7 // 2 = 3; 2 * 18 = 36 windows of 8: 252
        "max_pool", {"kernel": 2}, [(2, 5, 6, 7)],
        (2, 2, 3, 3), {}, {"compare": 252},
    ),
    "max: a window of one compares nothing": (
        "max_pool", {"kernel": 1, "stride": 2}, [(4, 7, 10)],
        (4, 4, 5), {}, {},
    ),
    "max: the stem of ResNet": (
        # 64 * 56 * 56 = 200,704 windows of 9: 1,605,632
        "max_pool", {"kernel": 3, "stride": 2, "padding": 1}, [(64, 112, 112)],
        (64, 56, 56), {}, {"compare": 1_605_632},
    ),
    "avg: a sum and a quotient": (
        # 4 * 9 = 36 windows of 6
        "avg_pool", {"kernel": (2, 3)}, [(4, 7, 10)],
        (4, 3, 3), {}, {"add": 216, "div": 36},
    ),
    "avg: padding is added, too": (
        # 80 windows of 9
        "avg_pool", {"kernel": 3, "stride": 2, "padding": 1}, [(4, 7, 10)],
        (4, 4, 5), {}, {"add": 720, "div": 80},
    ),
    "avg: count_include_pad changes the divisor, not the work": (
        "avg_pool", {"kernel": 3, "stride": 2, "padding": 1, "count_include_pad": False}, [(4, 7, 10)],
        (4, 4, 5), {}, {"add": 720, "div": 80},
    ),
    "avg: ceil, channels last": (
        # 3 and 5; 60 windows of 9
        "avg_pool", {"kernel": 3, "stride": 2, "ceil": True, "layout": "channels_last"}, [(7, 10, 4)],
        (3, 5, 4), {}, {"add": 540, "div": 60},
    ),
    "avg: 2x2 on 16 channels of 8x8 (ultralytics/thop: windows and outputs, 2,560 for a batch of 2)": (
        # 256 windows of 4: 1,024 + 256 = 1,280
        "avg_pool", {"kernel": 2}, [(16, 8, 8)],
        (16, 4, 4), {}, {"add": 1_024, "div": 256},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "no spatial axis": (
        "max_pool", {"kernel": 2}, [(7,)],
        "a pool needs [C, L], [C, H, W] or [C, D, H, W], got [7]", "",
    ),
    "padding beyond half of the kernel, on one side alone": (
        "max_pool", {"kernel": 3, "padding": ((0, 1), (0, 2))}, [(4, 7, 10)],
        "padding 2 is more than half of the kernel 3", "a window would see padding only",
    ),
    "padding beyond half of the kernel": (
        "avg_pool", {"kernel": (5, 3), "padding": 2}, [(4, 7, 10)],
        "padding 2 is more than half of the kernel 3", "a window would see padding only",
    ),
    "a kernel beyond the input": (
        "max_pool", {"kernel": 8}, [(4, 7, 10)],
        "the kernel is larger than the padded input: output height would be 0 = "
        "(7 + 0 + 0 - 1 * (8 - 1) - 1) // 8 + 1", "",
    ),
    "a kernel beyond the input, with ceil": (
        "max_pool", {"kernel": 9, "stride": (2, 3), "ceil": True}, [(4, 7, 10)],
        "the kernel is larger than the padded input: output height would be 0 = "
        "ceil((7 + 0 + 0 - 1 * (9 - 1) - 1) / 2) + 1 - 0", "",
    ),
    "two sizes for one axis": (
        "avg_pool", {"kernel": 2, "stride": (1, 2)}, [(4, 11)],
        "stride [1, 2] does not fit the input [4, 11] (spatial axes: width)", "",
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
    assert work("max_pool", {"kernel": 3, "stride": 2}, (4, 7, 10)).steps == [
        "height = (7 + 0 + 0 - 1 * (3 - 1) - 1) // 2 + 1 = 3",
        "width = (10 + 0 + 0 - 1 * (3 - 1) - 1) // 2 + 1 = 4",
    ]
    arguments = {"kernel": 2, "stride": 3, "padding": ((1, 1), (1, 0)), "ceil": True}
    assert work("max_pool", arguments, (4, 7, 10)).steps == [
        "height = ceil((7 + 1 + 1 - 1 * (2 - 1) - 1) / 3) + 1 - 1 = 3",
        "width = ceil((10 + 1 + 0 - 1 * (2 - 1) - 1) / 3) + 1 - 0 = 4",
    ]


def test_elements_of_all_windows(work: Any) -> None:
    """onnx-tool and TensorFlow count 9 for every one of ResNet's 200,704 windows: 1,806,336."""
    arguments = {"kernel": 3, "stride": 2, "padding": 1}
    for pool in ("max_pool", "avg_pool"):
        assert work(pool, arguments, (64, 112, 112)).quantities["window_element"] == 1_806_336


def test_elements_of_windows_without_what_hangs_over(work: Any) -> None:
    """Windows of 3 every 2 over 6 elements, padding 1, rounded up: at -1, 1, 3, 5.

    With the padding they hold 3, 3, 3 and 2 elements (5, 6); of the image itself 2, 3, 3, 1. Two channels of one row.
    """
    arguments = {"kernel": (1, 3), "stride": (1, 2), "padding": (0, 1), "ceil": True}
    assert work("avg_pool", arguments, (2, 1, 6)).quantities["pooled_element"] == 2 * (3 + 3 + 3 + 2)
    arguments["count_include_pad"] = False
    assert work("avg_pool", arguments, (2, 1, 6)).quantities["pooled_element"] == 2 * (2 + 3 + 3 + 1)


def test_a_stride_beyond_the_image_takes_no_more_work() -> None:
    """With `ceil` one window is left, at the start; nothing as long as the stride is made for it."""
    from costcalc.reference.kernels.pool import Slider

    arguments = {"kernel": 2, "stride": 10**12, "padding": 0, "ceil": True}
    assert Slider((5,), **arguments).pool([3, 9, 2, 4, 1], 0, max) == [9]


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
max_pool:
  - why: 1 3 and 2 5; the 4 is left over
    arguments: {kernel: 2}
    inputs: [[[1, 3, 2, 5, 4]]]
    output: [[3, 5]]
  - why: with ceil the 4 has a window of its own
    arguments: {kernel: 2, ceil: true}
    inputs: [[[1, 3, 2, 5, 4]]]
    output: [[3, 5, 4]]
  - why: a last window that would start beyond the input does not count
    arguments: {kernel: 1, stride: 2, ceil: true}
    inputs: [[[1, 2]]]
    output: [[1]]
  - why: padding is never the largest
    arguments: {kernel: 2, stride: 1, padding: 1}
    inputs: [[[-3, -1]]]
    output: [[-3, -1, -1]]
  - why: taps two apart; 1 2 and 5 4
    arguments: {kernel: 2, stride: 1, dilation: 2}
    inputs: [[[1, 5, 2, 4]]]
    output: [[2, 5]]
  - why: two rows, one column
    arguments: {kernel: [2, 1], stride: 1}
    inputs: [[[[1, 2, 3], [6, 5, 4]]]]
    output: [[[6, 5, 4]]]
  - why: one row, two columns, channels last
    layout: channels_last
    arguments: {kernel: [1, 2], stride: 1}
    inputs: [[[[1], [2], [3]], [[6], [5], [4]]]]
    output: [[[2], [3]], [[6], [5]]]
avg_pool:
  - why: (1 + 2) / 2 and (3 + 4) / 2
    arguments: {kernel: 2}
    inputs: [[[1, 2, 3, 4]]]
    output: [[1.5, 3.5]]
  - why: 0 1, 2 3, 4 0, and the zeros count
    arguments: {kernel: 2, padding: 1}
    inputs: [[[1, 2, 3, 4]]]
    output: [[0.5, 2.5, 2]]
  - why: 1, 2 3, 4, when they do not
    arguments: {kernel: 2, padding: 1, count_include_pad: false}
    inputs: [[[1, 2, 3, 4]]]
    output: [[1, 2.5, 4]]
  - why: 0 1 2, 2 3 4, and 4 0 with a place that lies beyond the padding and is not divided by
    arguments: {kernel: 3, stride: 2, padding: 1, ceil: true}
    inputs: [[[1, 2, 3, 4]]]
    output: [[1, 3, 2]]
  - why: 1 2, 2 3 4, and 4 alone
    arguments: {kernel: 3, stride: 2, padding: 1, ceil: true, count_include_pad: false}
    inputs: [[[1, 2, 3, 4]]]
    output: [[1.5, 3, 4]]
"""
