"""Matrix product: every element is the sum of products of a row with a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.numbers import Number, dot
from costcalc.reference.tensor import Shape, Tensor, nest
from costcalc.reference.weights import Weights

Matrix = list[list[Number]]


def matmul(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    left, right = inputs
    leading = together(left.shape[:-2], right.shape[:-2])
    pairs = zip(matrices(spread(left, leading)), matrices(spread(right, leading)), strict=True)
    products = [times(one, other) for one, other in pairs]
    sizes = Tensor.of(products, 3).shape[1:]
    return Tensor((*leading, *sizes), [number for matrix in products for row in matrix for number in row])


def times(left: Matrix, right: Matrix) -> Matrix:
    """The product of two matrices."""
    columns = list(zip(*right, strict=True))
    return [[dot(row, column) for column in columns] for row in left]


def together(left: Shape, right: Shape) -> Shape:
    """The sizes of both: they meet at their last axis, and what has size 1 is repeated."""
    rank = max(len(left), len(right))
    pairs = zip((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right, strict=True)
    return tuple(other if one == 1 else one for one, other in pairs)


def matrices(x: Tensor) -> list[Matrix]:
    """The matrices of the last two axes, one behind the other."""
    return [nest(numbers, x.shape[-2:]) for numbers in x.lines(2)]


def spread(x: Tensor, leading: Shape, inner: int = 2) -> Tensor:
    """The tensor with `leading` in place of its axes before the last `inner` ones: size 1, or no axis, is repeated."""
    own = x.shape[: len(x.shape) - inner]
    own = (1,) * (len(leading) - len(own)) + own
    items = x.lines(inner)
    places, reach = [0], len(items)
    for size, wanted in zip(own, leading, strict=True):
        reach //= size
        places = [place + (step if size > 1 else 0) * reach for place in places for step in range(wanted)]
    shape = (*leading, *x.shape[len(x.shape) - inner :])
    return Tensor(shape, [number for place in places for number in items[place]])


KERNELS = {"matmul": matmul}
INTEGRAL = frozenset(KERNELS)
