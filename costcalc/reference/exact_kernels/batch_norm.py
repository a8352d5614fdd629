"""A scale and a shift for every channel, from stored statistics whose deviation is a fraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_planes, planes, sizes
from costcalc.reference.rational import Rational, quotient, rational, rationals, root
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    rows = planes(Tensor(x.shape, rationals(x.numbers)), layout)

    def read(name: str) -> list[Rational]:
        return rationals(weights.read(name, len(rows)).numbers)

    means, variances = read("running_mean"), read("running_var")
    eps = rational(arguments["eps"])
    factors, biases = (read("weight"), read("bias")) if arguments["affine"] else ([1] * len(rows), [0] * len(rows))
    scales = [quotient(factor, root(rational(v + eps))) for factor, v in zip(factors, variances, strict=True)]
    shifts = [bias - mean * scale for bias, mean, scale in zip(biases, means, scales, strict=True)]
    found = [[n * scale + shift for n in row] for row, scale, shift in zip(rows, scales, shifts, strict=True)]
    return from_planes([rationals(row) for row in found], sizes(x.shape, layout), layout)
