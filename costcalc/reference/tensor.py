"""A tensor: a shape, and its numbers in one flat row, the last axis running fastest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import prod

from costcalc.reference.numbers import Number, like

Shape = tuple[int, ...]
Rows = Sequence[Number]
"""Numbers nested in rows: a row of numbers, or a row of rows."""


class Tensor:
    """Numbers under a shape.

    >>> Tensor((2, 3), [1, 2, 3, 4, 5, 6]).rows()
    [[1, 2, 3], [4, 5, 6]]
    """

    __slots__ = ("numbers", "shape")

    def __init__(self, shape: Shape, numbers: list[Number]) -> None:
        if len(numbers) != prod(shape):
            raise ValueError(f"{len(numbers)} numbers do not fill the shape {list(shape)}")
        self.shape = tuple(shape)
        self.numbers = numbers

    @classmethod
    def of(cls, rows: Rows, rank: int) -> Tensor:
        """The tensor that these nested rows are, `rank` deep. Its shape is measured.

        Raises:
            ValueError: the rows are not equally long.
        """
        sizes = [len(rows)]
        for _ in range(rank - 1):
            lengths = {len(row) for row in rows}
            if len(lengths) > 1:
                raise ValueError(f"rows of unequal length: {sorted(lengths)}")
            sizes += lengths or {0}
            rows = list(chain.from_iterable(rows))
        return cls(tuple(sizes), list(rows))

    def rows(self) -> list[Number]:
        """The numbers nested in rows, axis by axis."""
        return nest(self.numbers, self.shape)

    def lines(self, axes: int = 1) -> list[list[Number]]:
        """The numbers cut into flat lines: each holds what the last `axes` axes hold together."""
        return cut(self.numbers, prod(self.shape[len(self.shape) - axes :]))

    def map(self, function: Callable[[Number], Number]) -> Tensor:
        """The function of every number."""
        return Tensor(self.shape, [function(number) for number in self.numbers])

    def constant(self, value: float) -> Number:
        """A number to calculate with beside those of this tensor: it counts where they count."""
        return like(self.numbers[0], value)

    def permute(self, order: Sequence[int]) -> Tensor:
        """The axes in another order: axis i of the result is axis order[i] of this tensor."""
        strides = [prod(self.shape[axis + 1 :]) for axis in range(len(self.shape))]
        places = [0]
        for axis in order:
            steps = [step * strides[axis] for step in range(self.shape[axis])]
            places = [place + step for place in places for step in steps]
        return Tensor(tuple(self.shape[axis] for axis in order), [self.numbers[place] for place in places])

    def select(self, axis: int, which: slice) -> Tensor:
        """The part of the tensor that a slice of one axis takes."""
        inner = prod(self.shape[axis + 1 :])
        blocks = [cut(line, inner)[which] for line in self.lines(len(self.shape) - axis)]
        shape = (*self.shape[:axis], len(blocks[0]), *self.shape[axis + 1 :])
        return Tensor(shape, [number for block in blocks for row in block for number in row])

    def __repr__(self) -> str:
        return f"Tensor({list(self.shape)})"


def cut(numbers: Sequence[Number], length: int) -> list[list[Number]]:
    """A flat row cut into pieces of equal length."""
    return [list(numbers[start : start + length]) for start in range(0, len(numbers), length)]


def nest(numbers: Sequence[Number], shape: Shape) -> list[Number]:
    """A flat row nested by a shape."""
    rows: list[Number] = list(numbers)
    for size in reversed(shape[1:]):
        rows = cut(rows, size)
    return rows
