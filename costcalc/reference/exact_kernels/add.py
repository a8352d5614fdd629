"""The sum of tensors; two of equal shapes number by number, others as the plain kernel does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import add
from typing import Any

from costcalc.reference.exact_plain import on_integers
from costcalc.reference.kernels.elementwise import elementwise
from costcalc.reference.rational import rationals
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights

PLAIN = on_integers(elementwise(add))


def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    if len(inputs) != 2 or inputs[0].shape != inputs[1].shape:
        return PLAIN(inputs, weights, arguments, layout)
    left, right = (rationals(x.numbers) for x in inputs)
    return Tensor(inputs[0].shape, rationals(list(map(add, left, right))))
