"""Channel shuffle: the channels of several groups dealt out in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from costcalc.reference.image import from_planes, planes, sizes
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights


def channel_shuffle(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    rows = planes(x, layout)
    groups = cut(rows, len(rows) // arguments["groups"])
    dealt = chain.from_iterable(zip(*groups, strict=True))
    return from_planes(list(dealt), sizes(x.shape, layout), layout)


KERNELS = {"channel_shuffle": channel_shuffle}
INTEGRAL = frozenset(KERNELS)
