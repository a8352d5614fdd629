"""`between`: two accounts of one report -> every quantity with its count and the weight that each gives it.

A quantity has a line for each pair of weights. Where an op has several, the line says which blocks it is about: one
tool may not see the linear layers of an attention module, which another counts as it counts all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from costcalc.cost.account import Account, Entry, Ledger, Place, block_of, quantity_of
from costcalc.graph.model import Layer
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

ELEMENTS = ("input_element", "output_element", "scale_shift")
"""Quantities of one op that are told as one where they count the same elements."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """So often a quantity of an op occurs, and so much each of two conventions gives it.

    `blocks` are those that it is about, if it is not about the op everywhere.
    """

    op: str
    blocks: tuple[str, ...]
    quantity: str
    count: int
    weights: tuple[int | Fraction, int | Fraction]

    @property
    def amounts(self) -> tuple[int | Fraction, int | Fraction]:
        """What each makes of it."""
        return whole(self.count * self.weights[0]), whole(self.count * self.weights[1])

    @property
    def difference(self) -> int | Fraction:
        """The second minus the first."""
        return whole(self.amounts[1] - self.amounts[0])


def between(first: Account, second: Account) -> tuple[Comparison, ...]:
    """The lines of both, multiply-adds first; each column adds up to a total, and the differences to that of both."""
    ledger = _Both(first, second)
    found: dict[tuple[str, str, Any], dict[str, int]] = {}
    for entry, count in ledger.entries(first.report.graph.root, ledger.start).items():
        block, op, quantity, weights = entry
        places = found.setdefault((op, quantity, weights), {})
        places[block] = places.get(block, 0) + count * ledger.items(entry)
    kinds = [key[:2] for key in found]
    rows = [
        Comparison(op, _apart(places, kinds.count((op, quantity))), quantity, sum(places.values()), weights)
        for (op, quantity, weights), places in found.items()
    ]
    return tuple(sorted(_merged(rows), key=lambda row: row.quantity != "mac"))


def largest_first(rows: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """The lines that make a difference."""

    def size(row: Comparison) -> Any:
        return abs(row.difference)

    return tuple(sorted((row for row in rows if row.difference), key=size, reverse=True))


def _apart(places: dict[str, int], lines: int) -> tuple[str, ...]:
    """The blocks that a line is about. One that is alone, or about what is outside of blocks too, names none."""
    return () if lines == 1 or "" in places else tuple(places)


def _merged(rows: list[Comparison]) -> list[Comparison]:
    """The lines, where quantities of one op that count the same elements are one."""
    found: dict[object, Comparison] = {}
    for row in rows:
        key: object = (row.op, row.blocks, row.count) if row.quantity in ELEMENTS else row
        before = found.get(key)
        if before is None:
            found[key] = row
        elif before.quantity == row.quantity:
            found[row] = row
        else:
            weights = (before.weights[0] + row.weights[0], before.weights[1] + row.weights[1])
            found[key] = replace(before, weights=weights)
    return list(found.values())


class _Both(Ledger):
    """What every object of a graph counts under two conventions: a block, an op, a quantity, and a pair of weights."""

    def __init__(self, first: Account, second: Account) -> None:
        super().__init__(first.report, first.convention)
        self.ledgers = (self, Ledger(second.report, second.convention))
        self.blocks = first.convention.blocks | second.convention.blocks

    def of_layer(self, layer: Layer, place: Place) -> dict[Entry, int]:
        op = layer.op.name
        rules = [ledger.rule(op, place) for ledger in self.ledgers]
        first, second = ({} if rule is None else self.resolved(rule, layer, place) for rule in rules)
        block = next((block for rule in rules if rule and (block := block_of(rule, op))), "")
        return {
            (block, op, quantity, (first.get(quantity, 0), second.get(quantity, 0))): count
            for quantity in dict.fromkeys((*first, *second))
            if (count := quantity_of(layer, quantity))
        }
