"""Pooling with a sliding window: the largest of every window, or its mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf, prod
from typing import Any

from costcalc.reference.image import from_volumes, per_axis, sizes, volumes
from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights
from costcalc.reference.windows import Pair, each, pad, paddings, slide


class Slider:
    """The windows of a pool over one channel of an image: its sizes, and the window as a layer's arguments say it.

    With `ceil` a last window may hang over the end: `stride - 1` more elements let it fit, and it counts if it starts
    inside the input and the padding before it (PyTorch's rule). So it never reaches further than its own length.
    """

    def __init__(
        self, image: Shape, *, kernel: Any, stride: Any = None, dilation: Any = 1, padding: Any = 0, ceil: bool = False
    ) -> None:
        self.image = image
        self.rank = len(image)
        self.kernel = per_axis(kernel, self.rank)
        self.stride = per_axis(stride or kernel, self.rank)
        self.dilation = per_axis(dilation, self.rank)
        self.border = paddings(padding, image, self.kernel, self.stride, self.dilation)
        self.ceil = ceil

    def windows(self, volume: Any, fill: Number, beyond: Number) -> Iterator[Any]:
        """All windows over a volume; the padding holds `fill`, what a last window hangs over holds `beyond`."""
        padded = pad(volume, self.border, fill)
        if not self.ceil:
            return slide([padded], self.kernel, self.stride, self.dilation)
        reach = [distance * (taps - 1) for distance, taps in zip(self.dilation, self.kernel, strict=True)]
        overhang: list[Pair] = [(0, min(step - 1, most)) for step, most in zip(self.stride, reach, strict=True)]
        starts = tuple(before + size for (before, _), size in zip(self.border, self.image, strict=True))
        return slide([pad(padded, overhang, beyond)], self.kernel, self.stride, self.dilation, starts)

    def pool(self, volume: Any, fill: Number, function: Callable[[Any], Number], beyond: Number = None) -> list[Any]:
        """The function of every window."""
        return each(self.windows(volume, fill, fill if beyond is None else beyond), self.rank, function)


def max_pool(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    slider = Slider(sizes(x.shape, layout), **arguments)
    lowest = x.constant(-inf)
    return from_volumes([slider.pool(volume, lowest, max) for volume in volumes(x, layout)], slider.rank, layout)


def avg_pool(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    window = {name: value for name, value in arguments.items() if name != "count_include_pad"}
    slider = Slider(sizes(x.shape, layout), **window)
    # What a window is divided by: the elements it holds, those beyond the padding never among them.
    ones = Tensor(slider.image, [1] * prod(slider.image)).rows()
    counts = slider.pool(ones, int(arguments["count_include_pad"]), sum, 0)
    sums = [slider.pool(volume, x.constant(0.0), sum) for volume in volumes(x, layout)]
    return from_volumes([divide(channel, counts, slider.rank) for channel in sums], slider.rank, layout)


def divide(volume: list[Any], counts: list[Any], rank: int) -> list[Any]:
    """Two nests of rows, element by element."""
    if rank == 1:
        return [number / count for number, count in zip(volume, counts, strict=True)]
    return [divide(row, here, rank - 1) for row, here in zip(volume, counts, strict=True)]


KERNELS = {"max_pool": max_pool, "avg_pool": avg_pool}
INTEGRAL = frozenset(("max_pool",))
