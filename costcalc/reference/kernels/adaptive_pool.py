"""Adaptive pooling: as many windows as wanted, spread evenly; neighbours overlap where the sizes do not divide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_volumes, per_axis, volumes
from costcalc.reference.kernels import Kernel
from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights


def adaptive(function: Callable[[list[Number]], Number]) -> Kernel:
    """The kernel that takes a function of every window."""

    def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        x = inputs[0]
        out = per_axis(arguments["out"], len(x.shape) - 1)
        return from_volumes([regions([volume], out, function) for volume in volumes(x, layout)], len(out), layout)

    return kernel


def regions(volumes: Sequence[Any], out: Shape, function: Callable[[list[Number]], Number]) -> list[Any]:
    """The function of every window over volumes that lie behind each other, nested by position."""
    size, results = len(volumes[0]), []
    for window in range(out[0]):
        start, end = window * size // out[0], -(-(window + 1) * size // out[0])
        seen = [row for volume in volumes for row in volume[start:end]]
        results.append(regions(seen, out[1:], function) if out[1:] else function(seen))
    return results


def mean(window: list[Number]) -> Number:
    return sum(window) / len(window)


KERNELS = {"adaptive_avg_pool": adaptive(mean), "adaptive_max_pool": adaptive(max)}
INTEGRAL = frozenset(("adaptive_max_pool",))
