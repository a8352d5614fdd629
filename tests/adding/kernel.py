"""Pooling with the root of the sum of squares of a sliding window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_volumes, sizes, volumes
from costcalc.reference.kernels.pool import Slider
from costcalc.reference.numbers import Number, sqrt
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def lp_pool(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    slider = Slider(sizes(x.shape, layout), **arguments)
    return from_volumes([slider.pool(volume, 0.0, length) for volume in volumes(x, layout)], slider.rank, layout)


def length(window: Sequence[Number]) -> Number:
    return sqrt(sum(number**2 for number in window))


KERNELS = {"lp_pool": lp_pool}
