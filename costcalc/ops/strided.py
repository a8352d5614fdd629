"""A tensor that lies in the memory of another: where it begins there, and how far apart its elements are.

element [i, j, ...] lies at offset + i * stride_i + j * stride_j + ...
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from costcalc.text.values import product

Shape = tuple[int, ...]


class Cut(NamedTuple):
    """A part of a tensor along one axis: every `step`-th element from `start` on, `size` of them."""

    axis: int
    start: int
    step: int
    size: int


class Order(NamedTuple):
    """The axes of a tensor in another order."""

    axes: Shape


Change = Cut | Order


class Strided(NamedTuple):
    """The region of another tensor's memory that a tensor's elements lie in."""

    offset: int
    sizes: Shape
    strides: Shape

    @classmethod
    def whole(cls, shape: Sequence[int]) -> Strided:
        """A tensor in memory of its own.

        >>> Strided.whole([2, 3, 5]).strides
        (15, 5, 1)
        """
        strides, stride = [], 1
        for size in reversed(shape):
            strides.append(stride)
            stride *= size
        return cls(0, tuple(shape), tuple(reversed(strides)))

    def changed(self, change: Change) -> Strided:
        """The view that a change makes.

        >>> Strided.whole([4, 6]).changed(Cut(axis=1, start=1, step=2, size=3)).changed(Order((1, 0)))
        Strided(offset=1, sizes=(3, 4), strides=(2, 6))
        """
        if isinstance(change, Order):
            return Strided(
                self.offset,
                tuple(self.sizes[axis] for axis in change.axes),
                tuple(self.strides[axis] for axis in change.axes),
            )
        axis, start, step, size = change
        return Strided(
            self.offset + start * self.strides[axis],
            (*self.sizes[:axis], size, *self.sizes[axis + 1 :]),
            (*self.strides[:axis], step * self.strides[axis], *self.strides[axis + 1 :]),
        )

    def reshaped(self, shape: Sequence[int]) -> Strided | None:
        """The same elements under another shape; None where they would have to be copied for it.

        >>> Strided.whole([4, 6]).changed(Cut(1, 0, 1, 4)).reshaped([4, 2, 2])
        Strided(offset=0, sizes=(4, 2, 2), strides=(6, 2, 1))
        >>> Strided.whole([4, 6]).changed(Cut(1, 0, 1, 4)).reshaped([16]) is None
        True
        """
        if product(tuple(shape)) != product(self.sizes):
            return None
        old = [(size, stride) for size, stride in zip(self.sizes, self.strides, strict=True) if size != 1]
        strides = [0] * len(shape)
        new = [place for place, size in enumerate(shape) if size != 1]
        first = begin = 0
        while first < len(old):
            last, end = first + 1, begin + 1
            have, want = old[first][0], shape[new[begin]]
            while have != want:
                if have < want:
                    have *= old[last][0]
                    last += 1
                else:
                    want *= shape[new[end]]
                    end += 1
            if any(old[k][1] != old[k + 1][0] * old[k + 1][1] for k in range(first, last - 1)):
                return None
            stride = old[last - 1][1]
            for place in reversed(new[begin:end]):
                strides[place] = stride
                stride *= shape[place]
            first, begin = last, end
        return Strided(self.offset, tuple(shape), tuple(strides))


MOST_RUNS = 1 << 16
"""Regions in more stretches of neighbours than this are taken as if they had nothing in common."""


def distinct(regions: Iterable[Strided]) -> int:
    """The number of elements of several regions of one memory together, one that lies in two of them once.

    >>> key, value = Strided.whole([24]), Strided.whole([24]).changed(Cut(0, 0, 1, 16))
    >>> distinct([key]), distinct([key, value]), distinct([value, value])
    (24, 24, 16)
    """
    return heaviest((region, 1) for region in regions)


def heaviest(regions: Iterable[tuple[Strided, int]]) -> int:
    """The sum over all elements of the largest weight among the regions that an element lies in.

    >>> key, value = Strided.whole([24]), Strided.whole([24]).changed(Cut(0, 0, 1, 16))
    >>> heaviest([(key, 10), (value, 100)])
    1680
    """
    weights: dict[Strided, int] = {}
    for region, weight in regions:
        packed = _packed(region)
        weights[packed] = max(weight, weights.get(packed, 0))
    if len(weights) == 1 or sum(map(_runs, weights)) > MOST_RUNS:
        return sum(product(region.sizes) * weight for region, weight in weights.items())  # as if they were apart
    intervals = sorted(
        (start, stop, weight) for region, weight in weights.items() for start, stop in _intervals(region)
    )
    places = sorted({place for start, stop, _ in intervals for place in (start, stop)})
    total = position = 0
    open_now: list[tuple[int, int]] = []  # weight, negative so that the largest comes first, and where it ends
    for place, following in pairwise(places):
        while position < len(intervals) and intervals[position][0] == place:
            _, stop, weight = intervals[position]
            heappush(open_now, (-weight, stop))
            position += 1
        while open_now and open_now[0][1] <= place:
            heappop(open_now)
        if open_now:
            total -= open_now[0][0] * (following - place)
    return total


def _packed(region: Strided) -> Strided:
    """The same elements with as few axes as possible, the nearest ones last."""
    pairs = sorted(
        ((stride, size) for size, stride in zip(region.sizes, region.strides, strict=True) if size != 1), reverse=True
    )
    packed: list[tuple[int, int]] = []
    for stride, size in pairs:
        if packed and packed[-1][0] == stride * size:
            packed[-1] = (stride, packed[-1][1] * size)
        else:
            packed.append((stride, size))
    return Strided(region.offset, tuple(size for _, size in packed), tuple(stride for stride, _ in packed))


def _runs(packed: Strided) -> int:
    """The number of stretches of neighbours in a packed region."""
    return product(packed.sizes[:-1]) if packed.strides and packed.strides[-1] == 1 else product(packed.sizes)


def _intervals(packed: Strided) -> list[tuple[int, int]]:
    """The stretches of neighbours."""
    near = bool(packed.strides) and packed.strides[-1] == 1
    outer = len(packed.sizes) - near
    starts = [packed.offset]
    for size, stride in zip(packed.sizes[:outer], packed.strides[:outer], strict=True):
        starts = [start + k * stride for start in starts for k in range(size)]
    length = packed.sizes[-1] if near else 1
    return [(start, start + length) for start in starts]
