"""Transposed convolution on packed integers: one sum of products for every phase of the output.

The elements of the output that lie `stride` apart are a phase, and every tap lands in one phase only. There it adds
the image, moved by some elements and multiplied by the tap, so packed images are summed as in a convolution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from costcalc.reference.image import from_planes, per_axis, sizes, volumes
from costcalc.reference.kernels.conv_transpose import trim
from costcalc.reference.numbers import dot
from costcalc.reference.packed import biased, lanes_for, steps
from costcalc.reference.rational import Rational, over, whole
from costcalc.reference.tensor import Shape, Tensor, cut, nest
from costcalc.reference.weights import Weights
from costcalc.reference.windows import pad, paddings


def conv_transpose(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """Transposed convolution."""
    x = inputs[0]
    image = sizes(x.shape, layout)
    rank = len(image)
    kernel, stride, dilation, extra = (
        per_axis(arguments[name], rank) for name in ("kernel", "stride", "dilation", "output_padding")
    )
    border = paddings(arguments["padding"], image, kernel, stride, dilation)
    numbers, unit = whole(x.numbers)
    channels = volumes(Tensor(x.shape, numbers), layout)
    out, groups = arguments["out"], arguments["groups"]
    taken, given = len(channels) // groups, out // groups
    factors, weight_unit = whole(weights.read("weight", len(channels), given, *kernel).numbers)
    taps = [cut(line, prod(kernel)) for line in cut(factors, given * prod(kernel))]

    spans = [distance * (k - 1) + 1 for k, distance in zip(kernel, dilation, strict=True)]
    # Room on every axis for the image, moved as far as the last tap moves it.
    sides = tuple(size + (span - 1) // step for size, span, step in zip(image, spans, stride, strict=True))
    full = [(size - 1) * step + span for size, step, span in zip(image, stride, spans, strict=True)]
    landings = phases(kernel, stride, dilation, steps(sides))

    def row(o: int, landing: Sequence[tuple[int, int]]) -> list[int]:
        group, column = divmod(o, given)
        return [taps[c][column][tap] for c in range(group * taken, (group + 1) * taken) for tap, _ in landing]

    lanes = lanes_for(numbers, [row(o, landing) for landing in landings.values() for o in range(out)])
    room: list[Any] = [(0, side - size) for side, size in zip(sides, image, strict=True)]
    packed = [lanes.pack(Tensor.of(pad(channel, room, 0), rank).numbers) for channel in channels]
    canvases = [[0] * prod(map(int.__mul__, sides, stride)) for _ in range(out)]
    for phase, landing in landings.items():
        for group in range(groups):
            seen = packed[group * taken : (group + 1) * taken]
            planes = [lanes.shift(channel, start) for channel in seen for _, start in landing]
            for o in range(group * given, (group + 1) * given):
                spread(canvases[o], lanes.unpack(dot(row(o, landing), planes), prod(sides)), sides, stride, phase)

    whole_canvas = tuple(map(int.__mul__, sides, stride))
    results: list[Sequence[Rational]] = []
    for canvas in canvases:
        volume = trim(nest(canvas, whole_canvas), [(0, side - size) for side, size in zip(whole_canvas, full, strict=True)])
        volume = trim(pad(volume, [(0, more) for more in extra], 0), border)
        result = Tensor.of(volume, rank)
        results.append(over(result.numbers, unit * weight_unit))
    return from_planes(biased(results, weights, arguments), result.shape, layout)


def phases(kernel: Shape, stride: Shape, dilation: Shape, pitches: Shape) -> dict[Shape, list[tuple[int, int]]]:
    """Phase of the output -> the taps that land there, each with how far it moves the image, in lanes."""
    found: dict[Shape, list[tuple[int, int]]] = {}
    for tap, place in enumerate(product(*map(range, kernel))):
        parts = [divmod(k * distance, step) for k, distance, step in zip(place, dilation, stride, strict=True)]
        start = sum(moved * pitch for (moved, _), pitch in zip(parts, pitches, strict=True))
        found.setdefault(tuple(phase for _, phase in parts), []).append((tap, start))
    return found


def spread(canvas: list[int], numbers: list[int], sides: Shape, stride: Shape, phase: Shape) -> None:
    """Put the numbers of a phase where they belong."""
    ...
