"""A trained tensor as it is, or a buffer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def parameter(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    return weights.read("weight" if arguments["trainable"] else "buffer", *arguments["shape"])


KERNELS = {"parameter": parameter}
INTEGRAL = frozenset(KERNELS)
