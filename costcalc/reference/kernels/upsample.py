"""A larger image: every output element takes the nearest input element, or something between its four neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import count, takewhile
from math import floor
from typing import Any

from costcalc.reference.image import from_volumes, per_axis, sizes, volumes
from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def upsample(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    image = sizes(x.shape, layout)
    rank = len(image)
    scales, targets = per_axis(arguments["scale"], rank), per_axis(arguments["size"], rank)
    edges = list(map(spread, image, scales, targets))
    if arguments["mode"] == "nearest":
        sources = [[floor(start) for start, _ in axis] for axis in edges]
        return from_volumes([nearest(volume, sources) for volume in volumes(x, layout)], rank, layout)
    aligned = arguments["align_corners"]
    rows, columns = (list(neighbours(size, axis, aligned)) for size, axis in zip(image, edges, strict=True))
    results = [[[between(plane, row, column) for column in columns] for row in rows] for plane in volumes(x, layout)]
    return from_volumes(results, rank, layout)


def spread(size: int, scale: Fraction | None, target: int | None) -> list[tuple[Fraction, Fraction]]:
    """The start and end of each output element along one axis, in input elements: as many as fit.

    An output element is 1 / scale wide; with a target size, all of them together are as wide as the input.
    """
    width = 1 / Fraction(scale) if scale is not None else Fraction(size, target or 1)
    return list(takewhile(lambda edge: edge[1] <= size, ((i * width, (i + 1) * width) for i in count())))


def nearest(volume: Sequence[Any], sources: Sequence[Sequence[int]]) -> list[Any]:
    """The input elements at the sources of every axis."""
    here, deeper = sources[0], sources[1:]
    return [nearest(volume[place], deeper) if deeper else volume[place] for place in here]


Between = tuple[int, int, float]
"""Two neighbours, and how far from the first to the second."""


def neighbours(size: int, edges: Sequence[tuple[Fraction, Fraction]], aligned: bool) -> Iterator[Between]:
    """For the middle of every output element of an axis, the two input elements whose middles lie around it.

    When aligned, the middles of the outermost elements of input and output are at the same place.
    """
    for i, (start, end) in enumerate(edges):
        place = max(Fraction(0), (start + end) / 2 - Fraction(1, 2))
        if aligned:
            place = Fraction(i * (size - 1), max(1, len(edges) - 1))
        first = min(floor(place), size - 1)
        yield first, min(first + 1, size - 1), float(place - first)


def between(plane: Sequence[Sequence[Number]], row: Between, column: Between) -> Number:
    """Bilinear interpolation: along two rows, then between them."""
    top, bottom, down = row
    left, right, across = column
    upper = (plane[top][right] - plane[top][left]) * across + plane[top][left]
    lower = (plane[bottom][right] - plane[bottom][left]) * across + plane[bottom][left]
    return (lower - upper) * down + upper


KERNELS = {"upsample": upsample}
