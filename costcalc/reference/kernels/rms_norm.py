"""Root mean square normalisation: every row of elements divided by the root of its mean square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import mul
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.numbers import Number, sqrt
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def rms_norm(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    first = axis(arguments["axis"], x.shape, layout)
    rows = [scaled(row, float(arguments["eps"])) for row in x.lines(len(x.shape) - first)]
    if arguments["affine"]:
        factors = weights.read("weight", *x.shape[first:]).numbers
        rows = [list(map(mul, row, factors)) for row in rows]
    return Tensor(x.shape, [number for row in rows for number in row])


def scaled(row: Sequence[Number], eps: float) -> list[Number]:
    """The row divided by its root mean square."""
    mean_square = sum(x**2 for x in row) / len(row)
    root = sqrt(mean_square + eps)
    return [x / root for x in row]


KERNELS = {"rms_norm": rms_norm}
