"""Activations: one function of every element. All of them calculate the same whatever the sign of the element."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import pi
from math import sqrt as root
from typing import Any

from costcalc.reference.image import channel_axis, from_planes, planes, sizes
from costcalc.reference.kernels import Kernel
from costcalc.reference.numbers import Number, erf, exp, log, tanh
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights

Constant = Callable[[float], Number]
Function = Callable[[Number], Number]


def relu(constant: Constant) -> Function:
    zero = constant(0.0)
    return lambda x: max(x, zero)


def relu6(constant: Constant) -> Function:
    zero, six = constant(0.0), constant(6.0)
    return lambda x: min(max(x, zero), six)


def leaky_relu(constant: Constant, slope: float) -> Function:
    zero = constant(0.0)
    return lambda x: slope * min(x, zero) + max(x, zero)


def elu(constant: Constant, alpha: float) -> Function:
    zero = constant(0.0)
    return lambda x: alpha * (exp(min(x, zero)) - 1) + max(x, zero)


def sigmoid(constant: Constant) -> Function:
    return lambda x: 1 / (1 + exp(-x))


def silu(constant: Constant) -> Function:
    return lambda x: x / (1 + exp(-x))


def softplus(constant: Constant) -> Function:
    return lambda x: log(1 + exp(x))


def hyperbolic_tangent(constant: Constant) -> Function:
    return tanh


def hardsigmoid(constant: Constant) -> Function:
    zero, six = constant(0.0), constant(6.0)
    return lambda x: min(max(x + 3, zero), six) / 6


def hardswish(constant: Constant) -> Function:
    zero, six = constant(0.0), constant(6.0)
    return lambda x: x * min(max(x + 3, zero), six) / 6


def gelu(constant: Constant, approximate: str) -> Function:
    if approximate == "tanh":
        # The cube stands first: a product added from the right would count as a multiply-add.
        outer, inner = root(2 / pi), 0.044715
        return lambda x: x * (1 + tanh(outer * (inner * x * x * x + x))) / 2
    scale = root(2)
    return lambda x: x * (1 + erf(x / scale)) / 2


def pointwise(define: Callable[..., Function]) -> Kernel:
    """The kernel of a function of one element; `define` takes a maker of constants, and the arguments."""

    def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        x = inputs[0]
        numbers = {name: value if isinstance(value, str) else float(value) for name, value in arguments.items()}
        return x.map(define(x.constant, **numbers))

    return kernel


def prelu(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    count = x.shape[channel_axis(x.shape, layout)] if arguments["per_channel"] else 1
    slopes = weights.read("weight", count).numbers
    functions = [leaky_relu(x.constant, slope) for slope in slopes]
    if count == 1:
        return x.map(functions[0])
    rows = [[function(n) for n in plane] for function, plane in zip(functions, planes(x, layout), strict=True)]
    return from_planes(rows, sizes(x.shape, layout), layout)


KERNELS = {
    "relu": pointwise(relu),
    "relu6": pointwise(relu6),
    "leaky_relu": pointwise(leaky_relu),
    "elu": pointwise(elu),
    "sigmoid": pointwise(sigmoid),
    "silu": pointwise(silu),
    "softplus": pointwise(softplus),
    "tanh": pointwise(hyperbolic_tangent),
    "hardsigmoid": pointwise(hardsigmoid),
    "hardswish": pointwise(hardswish),
    "gelu": pointwise(gelu),
    "prelu": prelu,
}
