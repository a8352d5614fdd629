"""Convolution on packed integers: the sums of the plain kernel, a whole image at a time.

For every input channel and every tap, the part of the image that the tap sees is packed into one big `int`. An output
channel is then the same sum of products of weights and numbers as ever, where a number is a whole image. Fractions are
brought to one denominator first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

from costcalc.reference.box import Box, pitches
from costcalc.reference.image import from_planes, per_axis, planes, sizes
from costcalc.reference.lanes import Lanes
from costcalc.reference.numbers import dot
from costcalc.reference.packed import finish, lanes_for
from costcalc.reference.rational import whole
from costcalc.reference.tensor import Shape, Tensor, cut
from costcalc.reference.weights import Weights
from costcalc.reference.windows import Pair, paddings


def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    image = sizes(x.shape, layout)
    kernel, stride, dilation = (per_axis(arguments[name], len(image)) for name in ("kernel", "stride", "dilation"))
    grid = Grid.of(image, paddings(arguments["padding"], image, kernel, stride, dilation), kernel, stride, dilation)
    numbers, unit = whole(x.numbers)
    channels = planes(Tensor(x.shape, numbers), layout)
    out, groups = arguments["out"], arguments["groups"]
    taken, given = len(channels) // groups, out // groups
    factors, weight_unit = whole(weights.read("weight", out, taken, *kernel).numbers)
    rows = cut(factors, taken * prod(kernel))

    lanes = lanes_for(numbers, rows)
    results: list[list[int]] = []
    for group in range(groups):
        seen = channels[group * taken : (group + 1) * taken]
        views = [view for channel in seen for view in grid.views(channel, lanes)]
        sums = (dot(row, views) for row in rows[group * given : (group + 1) * given])
        results += (grid.windows.take(lanes.unpack(packed, grid.reach)) for packed in sums)
    return from_planes(finish(results, unit * weight_unit, weights, arguments), grid.windows.shape, layout)


class Grid(NamedTuple):
    """The positions of an image's elements in a row of lanes, and the part that a tap sees.

    With a stride there is one row of lanes for every phase: the elements 0, s, 2s, ... and the elements 1, s + 1, ...
    The zeros that stand before a row of the image also stand behind the one before it, and pad both.

    Attributes:
        image: the image among the zeros around it, an array of `room` elements.
        phases: the elements of that array that share a row of lanes.
        taps: the phase and the lane where the view of every tap begins.
        windows: where the first elements of the windows stand, in lanes; `reach` lanes hold them all.
    """

    image: Box
    room: int
    phases: dict[Shape, Box]
    taps: list[tuple[Shape, int]]
    windows: Box
    reach: int

    @classmethod
    def of(cls, image: Shape, border: Sequence[Pair], kernel: Shape, stride: Shape, dilation: Shape) -> Grid:
        """The grid of an image with a border under a sliding window."""
        axes = list(zip(image, border, kernel, stride, dilation, strict=True))
        lanes = [-(-(size + max(pair)) // step) for size, pair, _, step, _ in axes]
        sides = [side * step for side, step in zip(lanes, stride, strict=True)]
        taps = []
        for place in product(*(range(0, k * distance, distance) for _, _, k, _, distance in axes)):
            parts = [divmod(offset, step) for offset, step in zip(place, stride, strict=True)]
            start = sum(index * pitch for (index, _), pitch in zip(parts, pitches(lanes), strict=True))
            taps.append((tuple(phase for _, phase in parts), start))
        phases = {
            phase: Box([range(*part) for part in zip(phase, sides, stride, strict=True)], pitches(sides))
            for phase in {phase for phase, _ in taps}
        }
        inside = [range(before, before + size) for size, (before, _), *_ in axes]
        fits = [
            range(len(range(distance * (k - 1), before + size + after, step)))
            for size, (before, after), k, step, distance in axes
        ]
        windows = Box(fits, pitches(lanes))
        return cls(Box(inside, pitches(sides)), prod(sides), phases, taps, windows, windows.rows[-1].stop)

    def views(self, channel: list[int], lanes: Lanes) -> list[int]:
        """The part of a channel that every tap sees, packed."""
        padded = self.image.put(channel, self.room)
        count = self.reach + max(start for _, start in self.taps)
        phases = {phase: lanes.lift(box.take(padded)[:count], count) for phase, box in self.phases.items()}
        return [lanes.cut(phases[phase], start, self.reach) for phase, start in self.taps]
