"""Softmax: the exponentials of a row, divided by their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.numbers import Number, exp
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def softmax(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    along = axis(arguments["axis"], x.shape, layout)
    others = [other for other in range(len(x.shape)) if other != along]
    turned = x.permute([*others, along])
    rows = [shares(row) for row in turned.lines()]
    result = Tensor(turned.shape, [number for row in rows for number in row])
    back = [*range(along), len(others), *range(along, len(others))]
    return result.permute(back)


def shares(row: Sequence[Number]) -> list[Number]:
    """The softmax of one row. The largest element is taken off first, so that no exponential is too large."""
    largest = max(row)
    exponentials = [exp(x - largest) for x in row]
    total = sum(exponentials)
    return [e / total for e in exponentials]


KERNELS = {"softmax": softmax}
