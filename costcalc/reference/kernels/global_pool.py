"""Global pooling: the mean of every channel, or its largest element."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_planes, planes
from costcalc.reference.kernels import Kernel
from costcalc.reference.kernels.adaptive_pool import mean
from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def whole(function: Callable[[list[Number]], Number]) -> Kernel:
    """The kernel that takes a function of every channel."""

    def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        x = inputs[0]
        return from_planes([[function(plane)] for plane in planes(x, layout)], (1,) * (len(x.shape) - 1), layout)

    return kernel


KERNELS = {"global_avg_pool": whole(mean), "global_max_pool": whole(max)}
INTEGRAL = frozenset(("global_max_pool",))
