"""Elements of one value around a tensor: around its spatial axes, or around every axis where each has a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import channel_axis, per_axis
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights
from costcalc.reference.windows import pad as surround


def pad(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    rank = len(x.shape)
    given = per_axis(arguments["padding"], rank - 1)
    pairs = [pair if isinstance(pair, tuple) else (pair, pair) for pair in given]
    if len(pairs) < rank:
        pairs.insert(channel_axis(x.shape, layout), (0, 0))
    return Tensor.of(surround(x.rows(), pairs, x.constant(float(arguments["value"]))), rank)


KERNELS = {"pad": pad}
INTEGRAL = frozenset(KERNELS)
