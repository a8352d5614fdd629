"""Transposed convolution: every input element is multiplied by all taps, and each product added where it lands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import add, mul
from typing import Any

from costcalc.reference.image import from_planes, per_axis, sizes, volumes
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights
from costcalc.reference.windows import Pair, pad, paddings


def conv_transpose(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    image = sizes(x.shape, layout)
    rank = len(image)
    kernel, stride, dilation, extra = (
        per_axis(arguments[name], rank) for name in ("kernel", "stride", "dilation", "output_padding")
    )
    border = paddings(arguments["padding"], image, kernel, stride, dilation)
    # On every axis, for every tap, the places where the elements of the input land.
    places = [
        [range(tap * distance, tap * distance + size * step, step) for tap in range(taps)]
        for size, taps, step, distance in zip(image, kernel, stride, dilation, strict=True)
    ]
    channels = volumes(x, layout)
    out, groups = arguments["out"], arguments["groups"]
    taken, given = len(channels) // groups, out // groups
    taps = weights.read("weight", len(channels), given, *kernel).rows()

    results = []
    for o in range(out):
        group, column = divmod(o, given)
        canvas = blank([axis[-1][-1] + 1 for axis in places])
        for c in range(group * taken, (group + 1) * taken):
            scatter(canvas, channels[c], taps[c][column], places)
        results.append(trim(pad(canvas, [(0, more) for more in extra], 0.0), border))

    result = Tensor.of(results, 1 + rank)
    planes = result.lines(rank)
    if arguments["bias"]:
        bias = weights.read("bias", out).numbers
        planes = [[number + b for number in plane] for plane, b in zip(planes, bias, strict=True)]
    return from_planes(planes, result.shape[1:], layout)


def blank(sizes: Sequence[int]) -> Any:
    """A canvas of zeros."""
    return [blank(sizes[1:]) if sizes[1:] else 0.0 for _ in range(sizes[0])]


def scatter(canvas: list[Any], volume: Sequence[Any], taps: Sequence[Any], places: Sequence[Sequence[range]]) -> None:
    """Add the products of a volume with all taps to the canvas, where they land."""
    here, deeper = places[0], places[1:]
    for tap, targets in zip(taps, here, strict=True):
        if deeper:
            for row, target in zip(volume, targets, strict=True):
                scatter(canvas[target], row, tap, deeper)
        else:
            landing = slice(targets.start, targets.stop, targets.step)
            canvas[landing] = list(map(add, canvas[landing], map(mul, volume, repeat(tap))))


def trim(volume: list[Any], border: Sequence[Pair]) -> list[Any]:
    """A volume without the elements of its border."""
    (before, after), deeper = border[0], border[1:]
    rows = volume[before : len(volume) - after]
    return [trim(row, deeper) for row in rows] if deeper else rows


KERNELS = {"conv_transpose": conv_transpose}
