"""A row of a table for every pair of positions in a window: the row of the distance between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import product
from math import prod
from typing import Any

from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Shape, Tensor, nest
from costcalc.reference.weights import Weights


def bias(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    window, heads = arguments["window"], arguments["heads"]
    given = [table for table in inputs if table is not None]
    table = given[0] if given else weights.read("weight", prod(2 * side - 1 for side in window), heads)
    distances = nest(table.lines(), tuple(2 * side - 1 for side in window))
    places = list(product(*map(range, window)))
    rows = [[row_of(distances, query, key, window) for key in places] for query in places]
    return Tensor.of([[[numbers[head] for numbers in row] for row in rows] for head in range(heads)], 3)


def row_of(distances: list[Number], query: Shape, key: Shape, window: Shape) -> list[Number]:
    """The row of the distance from `key` to `query`; no distance is in the middle of every side."""
    steps = [own - other + side - 1 for own, other, side in zip(query, key, window, strict=True)]
    row: list[Number] = reduce(lambda rows, step: rows[step], steps, distances)
    return row


KERNELS = {"relative_position_bias": bias}
