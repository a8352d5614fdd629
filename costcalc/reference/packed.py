"""Convolutions and matrix products on packed integers: the sums of the plain kernels, all positions of an image at once.

For every input channel and every tap, the part of the image that the tap sees is packed into one big `int`. An output
channel is then the same sum of products of weights and numbers as ever, where a number is a whole image. Fractions are
brought to one denominator first. Lanes are as wide as the largest sum can be: max |x| * max over outputs of sum |w|.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, product
from math import prod
from typing import Any, NamedTuple

from costcalc.reference.image import from_planes, per_axis, sizes, volumes
from costcalc.reference.kernels import kernels
from costcalc.reference.lanes import Lanes
from costcalc.reference.numbers import dot
from costcalc.reference.rational import Rational, over, rationals, whole
from costcalc.reference.tensor import Shape, Tensor, cut, nest
from costcalc.reference.weights import Weights
from costcalc.reference.windows import Pair, pad, paddings

FEW = 4
"""For fewer rows than this, a matrix product is faster number by number."""


def conv(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """Convolution."""
    x = inputs[0]
    image = sizes(x.shape, layout)
    kernel, stride, dilation = (per_axis(arguments[name], len(image)) for name in ("kernel", "stride", "dilation"))
    border = paddings(arguments["padding"], image, kernel, stride, dilation)
    grid = Grid.of(image, border, kernel, stride, dilation)
    numbers, unit = whole(x.numbers)
    channels = volumes(Tensor(x.shape, numbers), layout)
    out, groups = arguments["out"], arguments["groups"]
    taken, given = len(channels) // groups, out // groups
    factors, weight_unit = whole(weights.read("weight", out, taken, *kernel).numbers)
    rows = cut(factors, taken * prod(kernel))

    lanes = lanes_for(numbers, rows)
    results: list[Sequence[Rational]] = []
    for group in range(groups):
        seen = channels[group * taken : (group + 1) * taken]
        planes = [plane for channel in seen for plane in grid.planes(channel, lanes)]
        for row in rows[group * given : (group + 1) * given]:
            found = lanes.unpack(dot(row, planes), grid.reach)
            results.append(over(grid.outputs(found), unit * weight_unit))
    return from_planes(biased(results, weights, arguments), grid.found, layout)


class Grid(NamedTuple):
    """Where the elements of an image stand in a row of lanes, and what a tap sees of it.

    With a stride there is one row of lanes for every phase: the elements 0, s, 2s, ... and the elements 1, s + 1, ...
    A row of the image is followed by the zeros that stand before the next one, which pad it as well.

    Attributes:
        border: elements before and after, axis by axis; what the next row has before it is left out after.
        pitches: from one element of a phase to the next on an axis, in lanes.
        taps: the phase and the lane where the view of every tap begins.
        found: how many windows fit, axis by axis.
        reach: the lanes from the first window to the last.
    """

    border: list[Pair]
    stride: Shape
    pitches: Shape
    taps: list[tuple[Shape, int]]
    found: Shape
    reach: int

    @classmethod
    def of(cls, image: Shape, border: Sequence[Pair], kernel: Shape, stride: Shape, dilation: Shape) -> Grid:
        """The grid of an image with a border under a sliding window."""
        found, sides, shared = [], [], []
        for size, (before, after), taps, step, distance in zip(image, border, kernel, stride, dilation, strict=True):
            found.append(len(range(distance * (taps - 1), before + size + after, step)))
            sides.append(-(-(size + max(before, after)) // step))
            shared.append((before, sides[-1] * step - before - size))
        pitches = steps(sides)
        places = product(*(range(0, taps * distance, distance) for taps, distance in zip(kernel, dilation, strict=True)))
        views = []
        for place in places:
            parts = [divmod(offset, step) for offset, step in zip(place, stride, strict=True)]
            start = sum(whole * pitch for (whole, _), pitch in zip(parts, pitches, strict=True))
            views.append((tuple(phase for _, phase in parts), start))
        reach = 1 + sum((size - 1) * pitch for size, pitch in zip(found, pitches, strict=True))
        return cls(shared, stride, pitches, views, tuple(found), reach)

    def planes(self, volume: list[Any], lanes: Lanes) -> list[int]:
        """What every tap sees of a volume, packed."""
        padded = pad(volume, self.border, 0)
        count = self.reach + max(start for _, start in self.taps)
        phases = {phase: lanes.lift(sample(padded, phase, self.stride)[:count], count) for phase, _ in self.taps}
        return [lanes.cut(phases[phase], start, self.reach) for phase, start in self.taps]

    def outputs(self, numbers: list[int]) -> list[int]:
        """The numbers at the windows, without those in the lanes between two rows."""
        return pick(numbers, self.found, self.pitches)


def steps(sides: Sequence[int]) -> Shape:
    """From one element to the next on every axis, in a flat row."""
    return tuple(prod(sides[axis + 1 :]) for axis in range(len(sides)))


def sample(volume: list[Any], phase: Shape, stride: Shape) -> list[int]:
    """Every so many elements of a volume on every axis, in a flat row."""
    rows = volume[phase[0] :: stride[0]]
    if len(phase) == 1:
        return rows
    return list(chain.from_iterable(sample(row, phase[1:], stride[1:]) for row in rows))


def pick(numbers: list[int], sizes: Shape, pitches: Shape) -> list[int]:
    """The elements of a flat row that stand `pitches` apart, `sizes` of them."""
    if prod(sizes) == len(numbers):
        return numbers
    size, pitch = sizes[0], pitches[0]
    if len(sizes) == 1:
        return numbers[:size]
    parts = [pick(numbers[place * pitch : (place + 1) * pitch], sizes[1:], pitches[1:]) for place in range(size)]
    return list(chain.from_iterable(parts))


def lanes_for(numbers: Sequence[int], rows: Sequence[Sequence[int]]) -> Lanes:
    """Lanes that hold the numbers, and the sum of their products with any of the rows."""
    largest = max(max(numbers), -min(numbers))
    return Lanes(largest * max(1, max(sum(map(abs, row)) for row in rows)))


def biased(
    planes: list[Sequence[Rational]], weights: Weights, arguments: Mapping[str, Any]
) -> list[list[Rational]]:
    """The planes, each with its bias added if there is one."""
    if not arguments["bias"]:
        return [list(plane) for plane in planes]
    bias = rationals(weights.read("bias", arguments["out"]).numbers)
    return [[number + b for number in plane] for plane, b in zip(planes, bias, strict=True)]


def linear(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """Matrix product with the last axis: the rows of the input stand side by side in the lanes."""
    x = inputs[0]
    features, out = x.shape[-1], arguments["out"]
    numbers, unit = whole(x.numbers)
    factors, weight_unit = whole(weights.read("weight", out, features).numbers)
    rows, count = cut(factors, features), len(numbers) // features
    columns: list[Sequence[int]]
    if count < FEW:
        lines = cut(numbers, features)
        columns = [[dot(row, line) for line in lines] for row in rows]
    else:
        lanes = lanes_for(numbers, rows)
        planes = [lanes.pack(numbers[feature::features]) for feature in range(features)]
        columns = [lanes.unpack(dot(row, planes), count) for row in rows]
    results = biased([over(column, unit * weight_unit) for column in columns], weights, arguments)
    return Tensor((*x.shape[:-1], out), list(chain.from_iterable(zip(*results, strict=True))))


KERNELS = {"conv": conv, "linear": linear}
