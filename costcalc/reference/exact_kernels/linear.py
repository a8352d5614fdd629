"""Matrix product with the last axis on packed integers: the rows of the input stand side by side in the lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from costcalc.reference.numbers import dot
from costcalc.reference.packed import finish, lanes_for
from costcalc.reference.rational import whole
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights

FEW = 4
"""For fewer rows than this, a matrix product is faster number by number."""


def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    features, out = x.shape[-1], arguments["out"]
    numbers, unit = whole(x.numbers)
    factors, weight_unit = whole(weights.read("weight", out, features).numbers)
    rows, count = cut(factors, features), len(numbers) // features
    if count < FEW:
        lines = cut(numbers, features)
        columns = [[dot(row, line) for line in lines] for row in rows]
    else:
        lanes = lanes_for(numbers, rows)
        views = [lanes.pack(numbers[feature::features]) for feature in range(features)]
        columns = [lanes.unpack(dot(row, views), count) for row in rows]
    results = finish(columns, unit * weight_unit, weights, arguments)
    return Tensor((*x.shape[:-1], out), list(chain.from_iterable(zip(*results, strict=True))))
