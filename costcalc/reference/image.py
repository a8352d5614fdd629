"""Images: channels apart from the spatial axes, whichever way round they are stored, and the axes by name."""

from __future__ import annotations

from itertools import chain
from math import prod
from typing import Any

from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Shape, Tensor, cut, nest

NAMES: dict[int, tuple[str, ...]] = {
    1: (),
    2: ("width",),
    3: ("height", "width"),
    4: ("depth", "height", "width"),
}
"""Rank -> names of the axes beside the channels."""


def channel_axis(shape: Shape, layout: str) -> int:
    """The axis that holds the channels."""
    return len(shape) - 1 if layout == "channels_last" else 0


def sizes(shape: Shape, layout: str) -> Shape:
    """A shape without its channels."""
    return shape[:-1] if layout == "channels_last" else shape[1:]


def axis(value: int | str, shape: Shape, layout: str) -> int:
    """An axis by its number, from the end where that is negative, or by its name."""
    if isinstance(value, int):
        return value % len(shape)
    if value == "features":
        return len(shape) - 1
    if value == "channels":
        return channel_axis(shape, layout)
    return NAMES[len(shape)].index(value) + (layout != "channels_last")


def per_axis(value: Any, rank: int) -> tuple[Any, ...]:
    """An argument given once for all axes, or once for each."""
    return tuple(value) if isinstance(value, tuple) else (value,) * rank


def planes(x: Tensor, layout: str) -> list[list[Number]]:
    """One flat row a channel."""
    channels = x.shape[channel_axis(x.shape, layout)]
    if layout == "channels_last":
        return [x.numbers[channel::channels] for channel in range(channels)]
    return cut(x.numbers, len(x.numbers) // channels)


def volumes(x: Tensor, layout: str) -> list[Any]:
    """One nest of rows a channel."""
    return [nest(plane, sizes(x.shape, layout)) for plane in planes(x, layout)]


def from_planes(planes: list[list[Number]], sizes: Shape, layout: str) -> Tensor:
    """The tensor of flat planes, one a channel, that lie over the same spatial sizes."""
    if any(len(plane) != prod(sizes) for plane in planes):
        raise ValueError(f"planes of unequal size: {sorted({len(plane) for plane in planes})}")
    if layout == "channels_last":
        return Tensor((*sizes, len(planes)), list(chain.from_iterable(zip(*planes, strict=True))))
    return Tensor((len(planes), *sizes), list(chain.from_iterable(planes)))


def from_volumes(volumes: list[Any], rank: int, layout: str) -> Tensor:
    """The tensor of nested channels, each `rank` deep. The spatial sizes are measured."""
    stacked = Tensor.of(volumes, rank + 1)
    return stacked if layout != "channels_last" else from_planes(stacked.lines(rank), stacked.shape[1:], layout)
