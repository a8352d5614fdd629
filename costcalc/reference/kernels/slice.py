"""A part of a tensor along one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def part(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    along = axis(arguments["axis"], x.shape, layout)
    return x.select(along, slice(arguments["start"], arguments["end"], arguments["step"]))


KERNELS = {"slice": part}
INTEGRAL = frozenset(KERNELS)
