"""LSTM and GRU, by hand, step by step for one layer and direction of h hidden features."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "an LSTM": (
        # 5 steps; 4 gates of 3: 12 rows of 2 + 3 products: 60 a step; two biases for each of the 12: 24
        # 12 sums of a gate, 9 sigmoids (exp, add, div), 6 tanh; f * c + i * g: 6 mul, 3 add; o * tanh: 3 mul
        "lstm", {"out": 3}, [(5, 2)],
        (5, 3), {"weight_ih": (1, 12, 2), "weight_hh": (1, 1, 12, 3), "bias": (1, 1, 2, 12)},
        {"mac": 300, "bias_add": 120, "add": 5 * (12 + 9 + 3), "mul": 45, "exp": 45, "div": 45, "tanh": 30},
    ),
    "without biases": (
        "lstm", {"out": 3, "bias": False}, [(5, 2)],
        (5, 3), {"weight_ih": (1, 12, 2), "weight_hh": (1, 1, 12, 3)},
        {"mac": 300, "add": 120, "mul": 45, "exp": 45, "div": 45, "tanh": 30},
    ),
    "both directions": (
        # everything twice, and the features side by side
        "lstm", {"out": 3, "bidirectional": True}, [(5, 2)],
        (5, 6), {"weight_ih": (2, 12, 2), "weight_hh": (1, 2, 12, 3), "bias": (1, 2, 2, 12)},
        {"mac": 600, "bias_add": 240, "add": 240, "mul": 90, "exp": 90, "div": 90, "tanh": 60},
    ),
    "a second layer sees the hidden features of both directions": (
        # the second layer: 12 rows of 6 + 3 products: 108 a step and direction, beside 60 of the first: 168 * 2 * 5
        # its columns, 6, stand beside the 2 of the first
        "lstm", {"out": 3, "layers": 2, "bidirectional": True}, [(5, 2)],
        (5, 6), {"weight_ih": (2, 12, 8), "weight_hh": (2, 2, 12, 3), "bias": (2, 2, 2, 12)},
        {"mac": 1680, "bias_add": 480, "add": 480, "mul": 180, "exp": 180, "div": 180, "tanh": 120},
    ),
    "a GRU": (
        # 5 steps; 3 gates of 3: 9 rows of 2 + 3 products: 45 a step; 18 biases
        # r, z: 6 sums, 6 sigmoids; n: r * (...) 3 mul, 3 add, 3 tanh; z * (h - n) + n: 3 mul, 6 add
        "gru", {"out": 3}, [(5, 2)],
        (5, 3), {"weight_ih": (1, 9, 2), "weight_hh": (1, 1, 9, 3), "bias": (1, 1, 2, 9)},
        {"mac": 225, "bias_add": 90, "add": 5 * (6 + 6 + 3 + 6), "mul": 30, "exp": 30, "div": 30, "tanh": 15},
    ),
    "three layers of a GRU": (
        # 9 rows of 3 + 3 products in the two upper ones: 45 + 54 + 54 = 153 a step
        "gru", {"out": 3, "layers": 3, "bias": False}, [(5, 2)],
        (5, 3), {"weight_ih": (1, 9, 8), "weight_hh": (3, 1, 9, 3)},
        {"mac": 765, "add": 315, "mul": 90, "exp": 90, "div": 90, "tanh": 45},
    ),
    "16 to 32 over 10 steps (true value for a batch of 2: 122,880 multiply-adds)": (
        # 4 * 32 rows of 48 products: 6,144 a step; torchinfo counts 6,400 params a step: 256 of them are biases
        "lstm", {"out": 32}, [(10, 16)],
        (10, 32), {"weight_ih": (1, 128, 16), "weight_hh": (1, 1, 128, 32), "bias": (1, 1, 2, 128)},
        {"mac": 61_440, "bias_add": 2_560, "add": 2_560, "mul": 960, "exp": 960, "div": 960, "tanh": 640},
    ),
    "the same as a GRU (true value for a batch of 2: 92,160)": (
        "gru", {"out": 32}, [(10, 16)],
        (10, 32), {"weight_ih": (1, 96, 16), "weight_hh": (1, 1, 96, 32), "bias": (1, 1, 2, 96)},
        {"mac": 46_080, "bias_add": 1_920, "add": 2_240, "mul": 640, "exp": 640, "div": 640, "tanh": 320},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "an image": (
        "lstm", {"out": 3}, [(4, 7, 10)], "a recurrent layer needs [steps, features], got [4, 7, 10]", "",
    ),
    "a vector": ("gru", {"out": 3}, [(4,)], "a recurrent layer needs [steps, features], got [4]", ""),
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


def test_other_tools_can_be_told_what_they_count(work: Any) -> None:
    """Two layers in both directions, 16 to 32, 10 steps, measured on other tools for a batch of 2.

    torchinfo, params times steps: 757,760 / 2; ptflops, macs + biases + 10 a hidden feature: 783,360 / 2.
    """
    done = work("lstm", {"out": 32, "layers": 2, "bidirectional": True}, (10, 16))
    assert done.tally["mac"] + done.tally["bias_add"] == 378_880
    assert done.tally["mac"] + done.tally["bias_add"] + 10 * done.quantities["hidden_element"] == 391_680
    assert done.steps == ["features = 32 * 2 = 64"]


def test_the_params_are_pytorchs(work: Any) -> None:
    """torch.nn.LSTM(16, 32, 2, bidirectional=True): 128 rows of 16 + 32 + 2, and of 64 + 32 + 2, in each direction."""
    done = work("lstm", {"out": 32, "layers": 2, "bidirectional": True}, (10, 16))
    assert sum(prod(shape) for shape in done.weights.values()) == 2 * 128 * (50 + 98) == 37_888


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
lstm:
  - why: >-
      i = sigmoid(ln 3) = 0.75, f = sigmoid(0) = 0.5, g = tanh(ln 2) = 0.6, o = sigmoid(-ln 3) = 0.25; the cell is
      0.75 * 0.6 = 0.45, then 0.5 * 0.45 + 0.45 = 0.675; 0.25 * tanh(0.45), 0.25 * tanh(0.675)
    arguments: {out: 1, bias: false}
    inputs: [[[1], [1]]]
    weights:
      weight_ih: [[[1.0986122886681098], [0], [0.6931471805599453], [-1.0986122886681098]]]
      weight_hh: [[[[0], [0], [0], [0]]]]
    output: [[0.10547475131250197], [0.14706481409952635]]
  - why: the same gates from both biases, half of each from either
    arguments: {out: 1}
    inputs: [[[7]]]
    weights:
      weight_ih: [[[0], [0], [0], [0]]]
      weight_hh: [[[[0], [0], [0], [0]]]]
      bias:
        - - - [0.5493061443340549, 0, 0.34657359027997264, -0.5493061443340549]
            - [0.5493061443340549, 0, 0.34657359027997264, -0.5493061443340549]
    output: [[0.10547475131250197]]
  - why: half of tanh 1/4, then of tanh 1/8; backwards the step with 0 comes first and leaves the cell at 0
    arguments: {out: 1, bias: false, bidirectional: true}
    inputs: [[[0.5493061443340549], [0]]]
    weights:
      weight_ih: [[[0], [0], [1], [0]], [[0], [0], [1], [0]]]
      weight_hh: [[[[0], [0], [0], [0]], [[0], [0], [0], [0]]]]
    output: [[0.12245933120185457, 0.12245933120185457], [0.0621765008857981, 0]]
gru:
  - why: >-
      r = 0.5, z = sigmoid(ln 3) = 0.75, n = tanh(0 + 0.5 * 2 ln 2) = 0.6: the reset gate takes the second bias, too;
      0.25 * 0.6 = 0.15, 0.25 * 0.6 + 0.75 * 0.15 = 0.2625
    arguments: {out: 1}
    inputs: [[[1], [1]]]
    weights:
      weight_ih: [[[0], [1.0986122886681098], [0]]]
      weight_hh: [[[[0], [0], [0]]]]
      bias: [[[[0, 0, 0], [0, 0, 1.3862943611198906]]]]
    output: [[0.15], [0.2625]]
  - why: >-
      forwards 0.15, then z = 0.5 and n = 0: half of it; backwards 0 at the second step, then -0.15, as the other
      direction has n = tanh(-ln 2)
    arguments: {out: 1, bidirectional: true, bias: false}
    inputs: [[[1], [0]]]
    weights:
      weight_ih: [[[0], [1.0986122886681098], [0.6931471805599453]], [[0], [1.0986122886681098], [-0.6931471805599453]]]
      weight_hh: [[[[0], [0], [0]], [[0], [0], [0]]]]
    output: [[0.15, -0.15], [0.075, 0]]
  - why: the second column is the second layer's; it has z = 0.5 and n = tanh(0.15 * ln 2 / 0.15) = 0.6
    arguments: {out: 1, layers: 2, bias: false}
    inputs: [[[1]]]
    weights:
      weight_ih: [[[0, 0], [1.0986122886681098, 0], [0.6931471805599453, 4.620981203732969]]]
      weight_hh: [[[[0], [0], [0]]], [[[0], [0], [0]]]]
    output: [[0.3]]
"""
