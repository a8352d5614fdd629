"""Sum, product and difference, element by element. Shapes meet at their last axes; what has size 1 is repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add, mul, sub
from typing import Any

from costcalc.reference.kernels import Kernel
from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def elementwise(function: Callable[[Number, Number], Number]) -> Kernel:
    """The kernel that joins the elements at the same place."""

    def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        rank = max(len(x.shape) for x in inputs)
        return Tensor.of(join([(x.rows(), len(x.shape)) for x in inputs], rank, function), rank)

    return kernel


def join(rows: Sequence[tuple[Any, int]], rank: int, function: Callable[[Number, Number], Number]) -> list[Any]:
    """Rows of up to `rank` axes, each with its own number of them, joined element by element."""
    length = max(len(row) for row, axes in rows if axes == rank)
    repeated = [stretch(row, length) if axes == rank else [row] * length for row, axes in rows]
    places = zip(*repeated, strict=True)
    if rank == 1:
        return [reduce(function, numbers) for numbers in places]
    axes = [min(axes, rank - 1) for _, axes in rows]
    return [join(list(zip(place, axes, strict=True)), rank - 1, function) for place in places]


def stretch(row: list[Any], length: int) -> list[Any]:
    """A row of one element repeated, any other as it is."""
    return row * length if len(row) == 1 else row


KERNELS = {"add": elementwise(add), "mul": elementwise(mul), "sub": elementwise(sub)}
INTEGRAL = frozenset(KERNELS)
