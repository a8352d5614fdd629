"""Part of an array that is stored as a flat row: some places on every axis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, product
from math import prod
from operator import mul

from costcalc.reference.tensor import Shape, cut


class Box:
    """The elements at the places that `ranges` name, axis by axis.

    Args:
        pitches: from one element to the next on every axis, in the flat row; 1 on the last.

    >>> corner = Box([range(2), range(1, 3)], pitches=(4, 1))
    >>> corner.take([0, 1, 2, 3, 10, 11, 12, 13])
    [1, 2, 11, 12]
    """

    def __init__(self, ranges: Sequence[range], pitches: Shape) -> None:
        *outer, last = ranges
        self.shape = tuple(map(len, ranges))
        starts = (sum(map(mul, place, pitches)) for place in product(*outer))
        self.rows = [slice(start + last.start, start + last.stop, last.step) for start in starts]

    def take(self, numbers: list[int]) -> list[int]:
        """The elements of the box, in a flat row."""
        return list(chain.from_iterable([numbers[row] for row in self.rows]))

    def put(self, numbers: list[int], room: int) -> list[int]:
        """The numbers in the box of a flat row of `room` elements, all others 0."""
        return self.fill([0] * room, numbers)

    def fill(self, canvas: list[int], numbers: list[int]) -> list[int]:
        """Put the numbers into the box of this flat row."""
        for row, line in zip(self.rows, cut(numbers, self.shape[-1]), strict=True):
            canvas[row] = line
        return canvas


def pitches(sides: Sequence[int]) -> Shape:
    """From one element to the next on every axis of an array with these sides."""
    return tuple(prod(sides[axis + 1 :]) for axis in range(len(sides)))
