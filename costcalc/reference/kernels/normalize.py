"""Rows of length 1: every row divided by the root of the sum of its squares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.numbers import Number, sqrt
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def normalize(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    along = axis(arguments["axis"], x.shape, layout)
    others = [other for other in range(len(x.shape)) if other != along]
    turned = x.permute([*others, along])
    least = x.constant(float(arguments["eps"]))
    rows = [unit(row, least) for row in turned.lines()]
    result = Tensor(turned.shape, [number for row in rows for number in row])
    return result.permute([*range(along), len(others), *range(along, len(others))])


def unit(row: Sequence[Number], least: Number) -> list[Number]:
    """The row divided by its length, which is at least `least`."""
    length = max(sqrt(sum(x**2 for x in row)), least)
    return [x / length for x in row]


KERNELS = {"normalize": normalize}
