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
