"""All axes from one on become a single axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def flatten(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    start = axis(arguments["start"], x.shape, layout)
    lines = x.lines(len(x.shape) - start)
    return Tensor((*x.shape[:start], len(lines[0])), [number for line in lines for number in line])


KERNELS = {"flatten": flatten}
INTEGRAL = frozenset(KERNELS)
