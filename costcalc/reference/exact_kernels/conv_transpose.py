"""Transposed convolution on packed integers: one sum of products for every phase of the output.

The elements of the output that lie `stride` apart are a phase, and every tap lands in one phase only. There it adds
the image, moved by some elements and multiplied by the tap, so packed images are summed as in a convolution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from costcalc.reference.box import Box, pitches
from costcalc.reference.image import from_planes, per_axis, planes, sizes
from costcalc.reference.numbers import dot
from costcalc.reference.packed import finish, lanes_for
from costcalc.reference.rational import whole
from costcalc.reference.tensor import Shape, Tensor, cut
from costcalc.reference.weights import Weights
from costcalc.reference.windows import paddings

Landing = list[tuple[int, int]]
"""The taps that land in one phase, each with how far it moves the image, in lanes."""


def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    image = sizes(x.shape, layout)
    kernel, stride, dilation, extra = (
        per_axis(arguments[name], len(image)) for name in ("kernel", "stride", "dilation", "output_padding")
    )
    border = paddings(arguments["padding"], image, kernel, stride, dilation)
    numbers, unit = whole(x.numbers)
    channels = planes(Tensor(x.shape, numbers), layout)
    out, groups = arguments["out"], arguments["groups"]
    taken, given = len(channels) // groups, out // groups
    factors, weight_unit = whole(weights.read("weight", len(channels), given, *kernel).numbers)
    taps = [cut(line, prod(kernel)) for line in cut(factors, given * prod(kernel))]

    axes = zip(image, kernel, stride, dilation, extra, strict=True)
    reach = [(size - 1) * step + distance * (k - 1) + 1 + more for size, k, step, distance, more in axes]
    # Lanes on every axis for one phase, and the elements of all phases together.
    sides = [-(-places // step) for places, step in zip(reach, stride, strict=True)]
    canvas = [side * step for side, step in zip(sides, stride, strict=True)]
    landings = land(kernel, stride, dilation, pitches(sides))

    def row(o: int, landing: Landing) -> list[int]:
        group, column = divmod(o, given)
        return [taps[c][column][tap] for c in range(group * taken, (group + 1) * taken) for tap, _ in landing]

    lanes = lanes_for(numbers, [row(o, landing) for landing in landings.values() for o in range(out)])
    inside = Box(list(map(range, image)), pitches(sides))
    packed = [lanes.pack(inside.put(channel, prod(sides))) for channel in channels]
    results = [[0] * prod(canvas) for _ in range(out)]
    for phase, landing in landings.items():
        places = Box([range(*part) for part in zip(phase, canvas, stride, strict=True)], pitches(canvas))
        for group in range(groups):
            seen = packed[group * taken : (group + 1) * taken]
            views = [lanes.shift(channel, start) for channel in seen for _, start in landing]
            for o in range(group * given, (group + 1) * given):
                places.fill(results[o], lanes.unpack(dot(row(o, landing), views), prod(sides)))

    kept = [range(before, size - after) for (before, after), size in zip(border, reach, strict=True)]
    rest = Box(kept, pitches(canvas))
    sums = [rest.take(result) for result in results]
    return from_planes(finish(sums, unit * weight_unit, weights, arguments), rest.shape, layout)


def land(kernel: Shape, stride: Shape, dilation: Shape, pitches: Shape) -> dict[Shape, Landing]:
    """Phase of the output -> the taps that land there."""
    found: dict[Shape, Landing] = {}
    for tap, place in enumerate(product(*map(range, kernel))):
        parts = [divmod(k * distance, step) for k, distance, step in zip(place, dilation, stride, strict=True)]
        start = sum(moved * pitch for (moved, _), pitch in zip(parts, pitches, strict=True))
        found.setdefault(tuple(phase for _, phase in parts), []).append((tap, start))
    return found
