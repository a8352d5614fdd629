"""Group normalisation: mean 0 and variance 1 for every group of channels; every channel its own: instance norm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_planes, planes, sizes
from costcalc.reference.kernels.layer_norm import standardise
from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights


def group_norm(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    rows = planes(inputs[0], layout)
    group, remainder = divmod(len(rows), arguments["groups"])
    if remainder:
        raise ValueError(f"{len(rows)} channels do not make {arguments['groups']} equal groups")
    return normalised(inputs[0], group, weights, arguments, layout)


def instance_norm(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    return normalised(inputs[0], 1, weights, arguments, layout)


def normalised(x: Tensor, group: int, weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """Every `group` channels together brought to mean 0 and variance 1; then a weight and a bias per channel."""
    rows = planes(x, layout)
    eps, size = float(arguments["eps"]), len(rows[0])
    together = [_joined(rows[first : first + group]) for first in range(0, len(rows), group)]
    rows = [plane for numbers in together for plane in cut(standardise(numbers, eps), size)]
    if arguments["affine"]:
        factors = weights.read("weight", len(rows)).numbers
        biases = weights.read("bias", len(rows)).numbers
        rows = [[n * factor + bias for n in row] for row, factor, bias in zip(rows, factors, biases, strict=True)]
    return from_planes(rows, sizes(x.shape, layout), layout)


def _joined(rows: Sequence[Sequence[Number]]) -> list[Number]:
    return [number for row in rows for number in row]


KERNELS = {"group_norm": group_norm, "instance_norm": instance_norm}
