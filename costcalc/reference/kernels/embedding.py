"""Embedding: every token, a whole number, picks its row of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def embedding(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    table = weights.read("weight", arguments["count"], arguments["out"]).lines()
    rows = [table[int(float(token))] for token in x.numbers]
    return Tensor((*x.shape, len(rows[0])), [number for row in rows for number in row])


KERNELS = {"embedding": embedding}
INTEGRAL = frozenset(KERNELS)
