"""Mixture of experts: a router picks a few experts for every token; what they say is added up, weighted by gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.kernels.softmax import shares
from costcalc.reference.numbers import Number, dot
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def mixture_of_experts(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """The inputs are the tokens, and what every expert says about all of them; or what one says, in place of all."""
    x, *experts = inputs
    if len(experts) == 1:
        experts = experts * arguments["experts"]
    said = [expert.lines() for expert in experts]
    router = weights.read("router", arguments["experts"], x.shape[-1]).lines()
    rows = []
    for place, token in enumerate(x.lines()):
        logits = [dot(row, token) for row in router]
        chosen = largest(logits, arguments["active"])
        gates = shares([logits[expert] for expert in chosen])
        rows.append(mixed([said[expert][place] for expert in chosen], gates))
    return Tensor((*x.shape[:-1], len(rows[0])), [number for row in rows for number in row])


def largest(numbers: Sequence[Number], count: int) -> list[int]:
    """Find the paths of the largest numbers, one after the other."""
    places, found = list(range(len(numbers))), []
    for _ in range(count):
        found.append(max(places, key=lambda place: numbers[place]))
        places.remove(found[-1])
    return found


def mixed(rows: Sequence[Sequence[Number]], gates: Sequence[Number]) -> list[Number]:
    """The sum of the rows, each multiplied by its gate."""
    total: list[Number] = [0] * len(rows[0])
    for row, gate in zip(rows, gates, strict=True):
        # The product stands first: added from the right it would count as a multiply-add.
        total = [gate * number + partial for number, partial in zip(row, total, strict=True)]
    return total


KERNELS = {"mixture_of_experts": mixture_of_experts}
