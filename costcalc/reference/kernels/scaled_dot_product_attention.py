"""Attention: the scores of every query with all keys, the shares that a softmax makes of them, the mean of the values.

All scores are computed; those of keys that a query may not see then become minus infinity, and their shares 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, sqrt
from typing import Any

from costcalc.reference.kernels.matmul import Matrix, matrices, spread, times
from costcalc.reference.kernels.softmax import shares
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights


def attention(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    query, key, value, *biases = [tensor for tensor in inputs if tensor is not None]
    heads = arguments["heads"]
    kv_heads = arguments["kv_heads"] or heads
    together = heads // kv_heads  # so many heads of the query take the same keys and values
    queries = split(query, heads)
    keys, values = ([head for head in split(x, kv_heads) for _ in range(together)] for x in (key, value))

    scores = [times(rows, columns) for rows, columns in zip(queries, map(turned, keys), strict=True)]
    if arguments["scale"] != 1:
        factor = 1 / sqrt(len(queries[0][0])) if arguments["scale"] is None else float(arguments["scale"])
        scores = [[[score * factor for score in row] for row in matrix] for matrix in scores]
    for bias in biases:
        wide = spread(bias, (*query.shape[:-2], heads, query.shape[-2], key.shape[-2]), 0)
        scores = [plus(matrix, other) for matrix, other in zip(scores, matrices(wide), strict=True)]

    # The last query stands at the place of the last key.
    places = range(key.shape[-2] - query.shape[-2], key.shape[-2])
    seen = [[sees(own, place, arguments) for place in range(key.shape[-2])] for own in places]
    never = query.constant(-inf)
    masked = [
        [
            [score if see else never for score, see in zip(row, line, strict=True)]
            for row, line in zip(matrix, seen, strict=True)
        ]
        for matrix in scores
    ]
    means = [times([shares(row) for row in rows], matrix) for rows, matrix in zip(masked, values, strict=True)]
    joined = [row for sequence in cut(means, heads) for token in zip(*sequence, strict=True) for row in token]
    return Tensor((*query.shape[:-1], heads * len(joined[0])), [number for row in joined for number in row])


def split(x: Tensor, heads: int) -> list[Matrix]:
    """The rows of tokens of every head, sequence by sequence."""
    found = []
    for rows in matrices(x):
        tokens = [cut(row, len(row) // heads) for row in rows]
        found += [list(head) for head in zip(*tokens, strict=True)]
    return found


def turned(matrix: Matrix) -> Matrix:
    """The columns of a matrix as its rows."""
    return list(map(list, zip(*matrix, strict=True)))


def plus(scores: Matrix, bias: Matrix) -> Matrix:
    """The sum of two matrices; the score, perhaps a product, stands first."""
    return [[a + b for a, b in zip(row, more, strict=True)] for row, more in zip(scores, bias, strict=True)]


def sees(own: int, place: int, arguments: Mapping[str, Any]) -> bool:
    """True if the query at the place `own` may see the key at `place`."""
    window = arguments["window"]
    if arguments["causal"]:
        return place <= own and (window is None or own - place < window)
    return window is None or abs(own - place) <= window // 2


KERNELS = {"scaled_dot_product_attention": attention}
