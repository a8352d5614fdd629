"""Rotary positions: every pair of features of a head turned by an angle that grows with the position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, sin
from typing import Any

from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights


def rotary(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    size = x.shape[-1] // arguments["heads"]
    dims = arguments["dims"] or size
    speeds = [float(arguments["theta"]) ** (-2 * pair / dims) for pair in range(dims // 2)]
    numbers: list[Number] = []
    for number, line in enumerate(x.lines()):
        angles = [number % x.shape[-2] * speed for speed in speeds]
        for head in cut(line, size):
            numbers += turn(head[:dims], angles) + head[dims:]
    return Tensor(x.shape, numbers)


def turn(features: Sequence[Number], angles: Sequence[float]) -> list[Number]:
    """Feature j of the first half and feature j of the second, turned by the angle j.

    Both are differences: a product that is added from the right would count as a multiply-add.
    """
    half = len(angles)
    pairs = list(zip(features[:half], features[half:], angles, strict=True))
    first = [one * cos(angle) - other * sin(angle) for one, other, angle in pairs]
    second = [other * cos(angle) - -one * sin(angle) for one, other, angle in pairs]
    return first + second


KERNELS = {"rotary_embedding": rotary}
