"""The mean along one or several axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.kernels.adaptive_pool import mean
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights


def means(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    taken = axes(arguments["axis"], x, layout)
    others = [other for other in range(len(x.shape)) if other not in taken]
    turned = x.permute([*others, *taken])
    numbers = [mean(row) for row in cut(turned.numbers, prod(x.shape[along] for along in taken))]
    sizes = list(turned.shape[: len(others)])
    if arguments["keep"]:
        for along in sorted(taken):
            sizes.insert(along, 1)
    return Tensor(tuple(sizes), numbers)


def axes(value: Any, x: Tensor, layout: str) -> list[int]:
    """One axis or several, as numbers from 0."""
    return [axis(one, x.shape, layout) for one in (value if isinstance(value, tuple) else (value,))]


KERNELS = {"mean": means}
