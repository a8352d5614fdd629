"""A window cut out of the spatial axes: in the middle, or where an offset says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import channel_axis, per_axis, sizes
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def crop(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x, *others = [tensor for tensor in inputs if tensor is not None]
    rank = len(x.shape) - 1
    wanted = sizes(others[0].shape, layout) if others else per_axis(arguments["size"], rank)
    offsets = per_axis(arguments["offset"], rank)
    axes = [axis for axis in range(rank + 1) if axis != channel_axis(x.shape, layout)]
    for axis, size, offset in zip(axes, wanted, offsets, strict=True):
        start = (x.shape[axis] - size) // 2 if offset is None else offset
        x = x.select(axis, slice(start, start + size))
    return x


KERNELS = {"crop": crop}
INTEGRAL = frozenset(KERNELS)
