"""`between`: two accounts of one report -> every quantity with its count and the weight that each gives it.

A quantity has a line for each pair of weights. Where an op has several, the line says which blocks it is about: one
tool may not see the linear layers of an attention module, which another counts as it counts all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costcalc.cost.account import Account, Entry, Ledger, Place, block_of, quantity_of
from costcalc.graph.model import Layer
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

Where = tuple[str, bool]
"""A block that a table has a rule for, or none, and whether the reference code calls what is there as a function."""

ELEMENTS = ("input_element", "output_element", "scale_shift")
"""Quantities of one op that are told as one where they count the same elements."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """So often a quantity of an op occurs, and so much each of two conventions gives it.

    Where it is not about the op everywhere, `blocks` are those that it is about, and `called` says that it is about
    what the reference code calls as functions.
    """

    op: str
    blocks: tuple[str, ...]
    called: bool
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
    found: dict[tuple[str, str, Any], dict[Where, int]] = {}
    for entry, count in ledger.entries(first.report.graph.root, ledger.start).items():
        block, op, quantity, (called, *weights) = entry
        places = found.setdefault((op, quantity, tuple(weights)), {})
        places[block, called] = places.get((block, called), 0) + count * ledger.items(entry)
    lines = [key[:2] for key in found]
    rows = []
    for (op, quantity, weights), places in found.items():
        blocks, called = _apart(places) if lines.count((op, quantity)) > 1 else ((), False)
        rows.append(Comparison(op, blocks, called, quantity, sum(places.values()), weights))
    return tuple(sorted(rows, key=lambda row: row.quantity != "mac"))


def largest_first(rows: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """The lines that make a difference."""

    def size(row: Comparison) -> Any:
        return abs(row.difference)

    return tuple(sorted((row for row in rows if row.difference), key=size, reverse=True))


def _apart(places: Iterable[Where]) -> tuple[tuple[str, ...], bool]:
    """The blocks that a line is about, none if it is about others too, and whether it is about functions alone."""
    blocks = tuple(dict.fromkeys(block for block, _ in places))
    return () if "" in blocks else blocks, all(called for _, called in places)


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
        found: dict[str, tuple[int, Any, Any]] = {}
        elements: dict[int, str] = {}
        for quantity in dict.fromkeys((*first, *second)):
            count = quantity_of(layer, quantity)
            name = elements.setdefault(count, quantity) if quantity in ELEMENTS else quantity
            _, before, after = found.get(name, (0, 0, 0))
            found[name] = count, before + first.get(quantity, 0), after + second.get(quantity, 0)
        called = self.called(layer, place)
        return {(block, op, name, (called, *weights)): count for name, (count, *weights) in found.items() if count}
