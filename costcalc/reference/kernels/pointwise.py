"""Functions of every element that are no activations: exponential, bounds, a constant factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.numbers import exp
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def exponential(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    return inputs[0].map(exp)


def rescale(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    factor = float(arguments["factor"])
    return inputs[0].map(lambda x: x * factor)


def clamp(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    for name, bound in (("min", max), ("max", min)):
        if arguments[name] is not None:
            limit = x.constant(float(arguments[name]))
            x = Tensor(x.shape, [bound(number, limit) for number in x.numbers])
    return x


KERNELS = {"exp": exponential, "rescale": rescale, "clamp": clamp}
INTEGRAL = frozenset(("clamp",))
