"""The selective state space of Mamba: a state that fades, takes in the input, and is read out, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.numbers import Number, dot, exp
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def scan(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x, delta, taking, reading = inputs
    features, size = x.shape[1], taking.shape[1]
    rates = [[-exp(number) for number in row] for row in weights.read("A_log", features, size).lines()]
    direct = weights.read("D", features).numbers
    states: list[list[Number]] = [[x.constant(0.0)] * size for _ in range(features)]
    rows = []
    for values, steps, b, c in zip(*(part.lines() for part in (x, delta, taking, reading)), strict=True):
        states = [passed(*one, b) for one in zip(states, rates, steps, values, strict=True)]
        read = [dot(state, c) for state in states]
        rows.append([value * d + y for value, d, y in zip(values, direct, read, strict=True)])
    return Tensor.of(rows, 2)


def passed(state: list[Number], rates: list[Number], step: Number, value: Number, b: list[Number]) -> list[Number]:
    """The state of a feature one step later.

    What comes in is taken off with the sign turned: a product that is added would count as a multiply-add.
    """
    intake = step * value
    return [exp(step * rate) * s - -intake * taken for s, rate, taken in zip(state, rates, b, strict=True)]


KERNELS = {"selective_scan": scan}
