"""Concatenation: tensors side by side along one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import axis
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def concat(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    along = axis(arguments["axis"], inputs[0].shape, layout)
    return Tensor.of(side_by_side([x.rows() for x in inputs], along), len(inputs[0].shape))


def side_by_side(parts: Sequence[list[Any]], along: int) -> list[Any]:
    """Nests of rows put one after the other, `along` axes deep."""
    if along == 0:
        return [row for part in parts for row in part]
    return [side_by_side(rows, along - 1) for rows in zip(*parts, strict=True)]


KERNELS = {"concat": concat}
INTEGRAL = frozenset(KERNELS)
