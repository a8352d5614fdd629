"""Activations, by hand: what one element takes, 3 * 5 * 4 = 60 times."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "relu: max(x, 0)": ("relu", {}, [(3, 5, 4)], (3, 5, 4), {}, {"compare": 60}),
    "relu6: a maximum and a minimum": ("relu6", {}, [(3, 5, 4)], (3, 5, 4), {}, {"compare": 120}),
    "leaky_relu: a product and a sum more": (
        "leaky_relu", {"slope": Fraction(1, 10)}, [(3, 5, 4)], (3, 5, 4), {}, {"compare": 120, "mul": 60, "add": 60},
    ),
    "prelu: one trained slope": (
        "prelu", {}, [(3, 5, 4)], (3, 5, 4), {"weight": (1,)}, {"compare": 120, "mul": 60, "add": 60},
    ),
    "prelu: a slope a channel": (
        "prelu", {"per_channel": True}, [(3, 5, 4)],
        (3, 5, 4), {"weight": (3,)}, {"compare": 120, "mul": 60, "add": 60},
    ),
    "prelu: a slope a channel, channels last": (
        "prelu", {"per_channel": True, "layout": "channels_last"}, [(3, 5, 4)],
        (3, 5, 4), {"weight": (4,)}, {"compare": 120, "mul": 60, "add": 60},
    ),
    "elu: max, min, exp, less 1, times alpha, and the sum": (
        "elu", {}, [(3, 5, 4)], (3, 5, 4), {}, {"compare": 120, "exp": 60, "add": 120, "mul": 60},
    ),
    "sigmoid: exp, plus 1, a quotient": (
        "sigmoid", {}, [(3, 5, 4)], (3, 5, 4), {}, {"exp": 60, "add": 60, "div": 60},
    ),
    "silu: as sigmoid, with x above the line": (
        "silu", {}, [(3, 5, 4)], (3, 5, 4), {}, {"exp": 60, "add": 60, "div": 60},
    ),
    "softplus: exp, plus 1, a logarithm": (
        "softplus", {}, [(3, 5, 4)], (3, 5, 4), {}, {"exp": 60, "add": 60, "log": 60},
    ),
    "tanh": ("tanh", {}, [(3, 5, 4)], (3, 5, 4), {}, {"tanh": 60}),
    "hardsigmoid: plus 3, two bounds, over 6": (
        "hardsigmoid", {}, [(3, 5, 4)], (3, 5, 4), {}, {"add": 60, "compare": 120, "div": 60},
    ),
    "hardswish: times x": (
        "hardswish", {}, [(3, 5, 4)], (3, 5, 4), {}, {"add": 60, "compare": 120, "mul": 60, "div": 60},
    ),
    "gelu: over sqrt(2), erf, plus 1, times x, over 2": (
        "gelu", {}, [(3, 5, 4)], (3, 5, 4), {}, {"erf": 60, "div": 120, "mul": 60, "add": 60},
    ),
    "gelu with tanh: c2 * x * x * x is 3 products, c1 and x two more; plus x, plus 1; over 2": (
        "gelu", {"approximate": "tanh"}, [(3, 5, 4)], (3, 5, 4), {}, {"tanh": 60, "mul": 300, "add": 120, "div": 60},
    ),
    "any shape will do": ("relu", {}, [(7,)], (7,), {}, {"compare": 7}),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "gelu has two forms": (
        "gelu", {"approximate": "erf"}, [(7,)],
        "expected none or tanh, got the word 'erf'", "choose from: none, tanh",
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
relu:
  - why: nothing below 0
    inputs: [[-1, 0, 2]]
    output: [0, 0, 2]
relu6:
  - why: nothing below 0 or above 6
    inputs: [[-1, 3, 7]]
    output: [0, 3, 6]
leaky_relu:
  - why: 0.1 * -2
    arguments: {slope: 0.1}
    inputs: [[-2, 3]]
    output: [-0.2, 3]
elu:
  - why: 2 * (exp(-ln 2) - 1) = 2 * (0.5 - 1)
    arguments: {alpha: 2}
    inputs: [[-0.6931471805599453, 3]]
    output: [-1, 3]
sigmoid:
  - why: 1 / (1 + 1); 1 / (1 + 1/3) at ln 3; no overflow far below
    inputs: [[0, 1.0986122886681098, -1000]]
    output: [0.5, 0.75, 0]
silu:
  - why: x times its sigmoid; 0.75 ln 3
    inputs: [[0, 1.0986122886681098, -1000]]
    output: [0, 0.8239592165010823, 0]
softplus:
  - why: ln 2 at 0; ln (1 + 2) at ln 2; no more than 0 far below
    inputs: [[0, 0.6931471805599453, -1000]]
    output: [0.6931471805599453, 1.0986122886681098, 0]
tanh:
  - why: (3 - 1) / (3 + 1) at half of ln 3
    inputs: [[0, 0.5493061443340549]]
    output: [0, 0.5]
hardsigmoid:
  - why: 0 up to -3, 1 from 3 on; (0 + 3) / 6 and (1.5 + 3) / 6 between
    inputs: [[-4, 0, 1.5, 4]]
    output: [0, 0.5, 0.75, 1]
hardswish:
  - why: x times that
    inputs: [[-4, 0, 1.5, 4]]
    output: [0, 0, 1.125, 4]
gelu:
  - why: x times the normal distribution's cumulative value, 0.841345 at 1 in any table
    inputs: [[-1, 0, 1]]
    output: [-0.1586552539, 0, 0.8413447461]
  - why: 0.5 * (1 + tanh(0.7978845608 * 1.044715)) = 0.5 * (1 + tanh(0.8335619688)) = 0.5 * (1 + 0.6823839812)
    arguments: {approximate: tanh}
    inputs: [[0, 1]]
    output: [0, 0.8411919906]
prelu:
  - why: 0.25 * -4
    inputs: [[-4, 2]]
    weights: {weight: [0.25]}
    output: [-1, 2]
  - why: a factor for each channel
    arguments: {per_channel: true}
    inputs: [[[-4, 2], [-4, 2]]]
    weights: {weight: [0.25, 0.5]}
    output: [[-1, 2], [-2, 2]]
  - why: a factor for each channel, channels last
    layout: channels_last
    arguments: {per_channel: true}
    inputs: [[[-4, -4], [2, 2]]]
    weights: {weight: [0.25, 0.5]}
    output: [[-1, -2], [2, 2]]
"""
