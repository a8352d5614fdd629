"""Local response normalisation: every element divided by a power of the mean square of its neighbouring channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_planes, planes, sizes
from costcalc.reference.numbers import power
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def local_response_norm(
    inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str
) -> Tensor:
    x = inputs[0]
    size = arguments["size"]
    alpha, beta, k = (float(arguments[name]) for name in ("alpha", "beta", "k"))
    rows = planes(x, layout)
    zeros = [x.constant(0.0)] * len(rows[0])
    squares = [[n**2 for n in row] for row in rows]
    squares = [zeros] * (size // 2) + squares + [zeros] * ((size - 1) // 2)
    result = []
    for channel, row in enumerate(rows):
        neighbours = zip(*squares[channel : channel + size], strict=True)
        means = [sum(window) / size for window in neighbours]
        result.append([n / power(alpha * mean + k, beta) for n, mean in zip(row, means, strict=True)])
    return from_planes(result, sizes(x.shape, layout), layout)


KERNELS = {"local_response_norm": local_response_norm}
