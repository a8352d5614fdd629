"""The axes in another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def transpose(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    return x.permute([axis(value, x.shape, layout) for value in arguments["order"]])


KERNELS = {"transpose": transpose}
INTEGRAL = frozenset(KERNELS)
