"""Layer normalisation: mean 0 and variance 1 for every row of elements, from an axis to the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import add, mul
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.numbers import Number, sqrt
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def layer_norm(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    first = axis(arguments["axis"], x.shape, layout)
    rows = [standardise(row, float(arguments["eps"])) for row in x.lines(len(x.shape) - first)]
    if arguments["affine"]:
        factors = weights.read("weight", *x.shape[first:]).numbers
        rows = [list(map(mul, row, factors)) for row in rows]
        if arguments["bias"]:
            bias = weights.read("bias", *x.shape[first:]).numbers
            rows = [list(map(add, row, bias)) for row in rows]
    return Tensor(x.shape, [number for row in rows for number in row])


def standardise(row: Sequence[Number], eps: float) -> list[Number]:
    """The row with its mean taken off, divided by its standard deviation."""
    mean = sum(row) / len(row)
    centred = [x - mean for x in row]
    variance = sum(c**2 for c in centred) / len(row)
    deviation = sqrt(variance + eps)
    return [c / deviation for c in centred]


KERNELS = {"layer_norm": layer_norm}
