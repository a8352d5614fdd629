"""The mask of shifted windows: the parts of a rolled image get a label each, and unlike labels do not attend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from costcalc.reference.image import per_axis
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights


def mask(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    sizes, window = arguments["size"], arguments["window"]
    sides = [
        windows(parts(size, side, shift), side)
        for size, side, shift in zip(sizes, window, per_axis(arguments["shift"], len(sizes)), strict=True)
    ]
    labels: list[list[Shape]] = [list(product(*along)) for along in product(*sides)]
    rows = [[[[0.0 if key == query else -100.0 for key in one] for query in one]] for one in labels]
    return Tensor.of(rows, 4)


def parts(size: int, side: int, shift: int) -> list[int]:
    """The label of every place along an axis: whole windows, the rest of the last one, and what came round the end."""
    if shift == 0:
        return [0] * size
    return [0] * (size - side) + [1] * (side - shift) + [2] * shift


def windows(labels: Sequence[int], side: int) -> list[Sequence[int]]:
    """An axis cut into windows."""
    return [labels[start : start + side] for start in range(0, len(labels), side)]


KERNELS = {"shifted_window_mask": mask}
