"""The larger of 0 and the number, on integers and fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.rational import rationals
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    return Tensor(x.shape, [number if number > 0 else 0 for number in rationals(x.numbers)])
