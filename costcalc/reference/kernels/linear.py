"""Matrix product with the last axis: every output is the sum of products of a row with a row of weights, and a bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import add
from typing import Any

from costcalc.reference.numbers import dot
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def linear(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    matrix = weights.read("weight", arguments["out"], x.shape[-1]).lines()
    rows = [[dot(row, line) for row in matrix] for line in x.lines()]
    if arguments["bias"]:
        bias = weights.read("bias", arguments["out"]).numbers
        rows = [list(map(add, row, bias)) for row in rows]
    return Tensor((*x.shape[:-1], len(rows[0])), [number for row in rows for number in row])


KERNELS = {"linear": linear}
