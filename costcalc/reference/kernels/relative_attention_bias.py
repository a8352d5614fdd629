"""T5's relative positions: the row of a table for every pair of query and key, by the bucket of their distance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def bias(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    queries, buckets, furthest = arguments["queries"], arguments["buckets"], arguments["max_distance"]
    keys = arguments["keys"] or queries
    table = weights.read("weight", buckets, arguments["heads"])
    columns = list(zip(*table.lines(), strict=True))
    # The last query stands at the place of the last key.
    places = [[key - (query + keys - queries) for key in range(keys)] for query in range(queries)]
    found = [[bucket(place, buckets, furthest, arguments["bidirectional"]) for place in row] for row in places]
    return Tensor.of([[[column[number] for number in row] for row in found] for column in columns], 3)


def bucket(place: int, buckets: int, furthest: int, bidirectional: bool) -> int:
    """The bucket of a key `place` steps after the query (before it, if negative)."""
    if bidirectional:
        buckets //= 2
        return (buckets if place > 0 else 0) + spread(abs(place), buckets, furthest)
    return spread(-min(place, 0), buckets, furthest)


def spread(distance: int, buckets: int, furthest: int) -> int:
    """The first half of the buckets are for one distance each, the others for ever more of them, up to `furthest`."""
    near = buckets // 2
    if distance < near:
        return distance
    return min(near + int(log(distance / near) / log(furthest / near) * (buckets - near)), buckets - 1)


KERNELS = {"relative_attention_bias": bias}
