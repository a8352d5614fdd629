"""Convolution: every output element is the sum of products of a window with a channel's weights, and a bias."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_planes, per_axis, sizes, volumes
from costcalc.reference.numbers import Number, dot
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights
from costcalc.reference.windows import pad, paddings, slide


def conv(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    image = sizes(x.shape, layout)
    kernel, stride, dilation = (per_axis(arguments[name], len(image)) for name in ("kernel", "stride", "dilation"))
    border = paddings(arguments["padding"], image, kernel, stride, dilation)
    channels = [pad(volume, border, x.constant(0.0)) for volume in volumes(x, layout)]

    out, groups = arguments["out"], arguments["groups"]
    taken, given = len(channels) // groups, out // groups
    rows = weights.read("weight", out, taken, *kernel).lines(1 + len(kernel))
    results: list[Any] = []
    for group in range(groups):
        windows = slide(channels[group * taken : (group + 1) * taken], kernel, stride, dilation)
        results += convolve(windows, rows[group * given : (group + 1) * given], len(kernel))

    result = Tensor.of(results, 1 + len(kernel))
    planes = result.lines(len(kernel))
    if arguments["bias"]:
        bias = weights.read("bias", out).numbers
        planes = [[number + b for number in plane] for plane, b in zip(planes, bias, strict=True)]
    return from_planes(planes, result.shape[1:], layout)


def convolve(windows: Iterable[Any], rows: list[list[Number]], rank: int) -> list[Any]:
    """Every row of weights against every window: one volume a row, nested as the windows are."""
    if rank == 1:
        here = list(windows)
        return [[dot(row, window) for window in here] for row in rows]
    slices = [convolve(inner, rows, rank - 1) for inner in windows]
    return [list(volume) for volume in zip(*slices, strict=True)]


KERNELS = {"conv": conv}
