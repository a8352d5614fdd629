"""The elements shifted along axes; what leaves at one end comes back at the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import per_axis
from costcalc.reference.kernels.mean import axes
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights


def roll(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    along = axes(arguments["axis"], x, layout)
    for axis, shift in zip(along, shifts(arguments["shift"], len(along)), strict=True):
        x = rolled(x, axis, shift)
    return x


def shifts(value: Any, count: int) -> tuple[int, ...]:
    """The shift along every axis: one each, or one for all."""
    found = per_axis(value, count)
    return found * count if len(found) == 1 else found


def rolled(x: Tensor, axis: int, shift: int) -> Tensor:
    """The element at place i goes to place i + shift, round the end."""
    size = x.shape[axis]
    rows = [cut(line, len(line) // size) for line in x.lines(len(x.shape) - axis)]
    moved = [row[(place - shift) % size] for row in rows for place in range(size)]
    return Tensor(x.shape, [number for piece in moved for number in piece])


KERNELS = {"roll": roll}
INTEGRAL = frozenset(KERNELS)
