"""Pixel shuffle: factor * factor channels become one, a square of pixels for every pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from costcalc.reference.image import from_volumes, volumes
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights


def pixel_shuffle(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    factor = arguments["factor"]
    squares = cut(volumes(inputs[0], layout), factor * factor)
    return from_volumes([tile(square, factor) for square in squares], 2, layout)


def tile(planes: Sequence[Any], factor: int) -> list[Any]:
    """One plane from factor * factor: each gives one pixel of every square."""
    rows = []
    for height in range(len(planes[0])):
        for beside in cut(planes, factor):
            columns = zip(*(plane[height] for plane in beside), strict=True)
            rows.append(list(chain.from_iterable(columns)))
    return rows


KERNELS = {"pixel_shuffle": pixel_shuffle}
INTEGRAL = frozenset(KERNELS)
