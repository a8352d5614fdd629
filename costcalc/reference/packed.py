"""The parts that convolutions and matrix products on packed integers share: the lanes, and the end of the sums.

Lanes are as wide as the largest sum can be: max |x| * max over outputs of sum |w|.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.lanes import Lanes
from costcalc.reference.rational import Rational, over, rationals
from costcalc.reference.weights import Weights


def lanes_for(numbers: Sequence[int], rows: Sequence[Sequence[int]]) -> Lanes:
    """Lanes that hold the numbers, and the sum of their products with any of the rows."""
    largest = max(max(numbers), -min(numbers))
    return Lanes(largest * max(1, max(sum(map(abs, row)) for row in rows)))


def finish(
    sums: list[list[int]], denominator: int, weights: Weights, arguments: Mapping[str, Any]
) -> list[list[Rational]]:
    """The sums over their denominator, each row with its bias added if there is one."""
    rows = [over(row, denominator) for row in sums]
    if not arguments["bias"]:
        return rows
    bias = rationals(weights.read("bias", arguments["out"]).numbers)
    return [rationals([number + b for number in row]) for row, b in zip(rows, bias, strict=True)]
