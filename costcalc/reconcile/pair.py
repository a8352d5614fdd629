"""`between`: two accounts of one report -> every quantity with its count and the weight that each gives it.

A quantity has a line for each pair of weights. Where an op has several, the line says which blocks it is about: one
tool may not see the linear layers of an attention module, which another counts as it counts all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costcalc.conventions.quantities import split
from costcalc.cost.account import Account, Entry, Ledger, amount_of, block_of, resolved
from costcalc.cost.census import ELEMENTS, Census, Kind
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

Where = tuple[str, bool]
"""A block that a table has a rule for, or none, and whether the reference code calls what is there as a function."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """So often a quantity of an op occurs, and so much each of two conventions gives it.

    Where it is not about the op everywhere, `blocks` are those that it is about, `outside` those that it is not about,
    and `called` says that it is about what the reference code calls as functions.
    """

    op: str
    blocks: tuple[str, ...]
    outside: tuple[str, ...]
    called: bool
    quantity: str
    count: int
    weights: tuple[int | Fraction, int | Fraction]

    @property
    def amounts(self) -> tuple[int | Fraction, int | Fraction]:
        """The number of each convention."""
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
    rows = []
    for (op, quantity, weights), places in found.items():
        others = [
            place for key, other in found.items() if key[:2] == (op, quantity) and key[2] != weights for place in other
        ]
        if any(weights):
            rows.append(Comparison(op, *_apart(places, others), quantity, sum(places.values()), weights))
    return tuple(sorted(rows, key=lambda row: row.quantity != "mac"))


def largest_first(rows: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """The lines that make a difference."""

    def size(row: Comparison) -> Any:
        return abs(row.difference)

    return tuple(sorted((row for row in rows if row.difference), key=size, reverse=True))


def _apart(places: Collection[Where], others: Collection[Where]) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The words that tell a line from others of its quantity: its blocks, or those it excludes, and functions."""
    own, theirs = (tuple(dict.fromkeys(block for block, _ in where)) for where in (places, others))
    if not theirs:
        return (), (), False
    called = all(called for _, called in places)
    if "" in own:
        return (), tuple(block for block in theirs if block not in own), called
    return own, (), called


class _Both(Ledger):
    """The counts of every object under two conventions: a block, an op, a quantity, and a pair of weights."""

    def __init__(self, first: Account, second: Account) -> None:
        blocks = first.convention.blocks | second.convention.blocks
        shared = first.ledger.census
        super().__init__(
            first.report, first.convention, shared if blocks <= shared.blocks else Census(first.report, blocks)
        )
        self.ledgers = (self, Ledger(second.report, second.convention, self.census))
        self.quantities: dict[str, frozenset[str]] = {}

    def mentioned(self, op: str) -> frozenset[str]:
        """The quantities that rules for an op mention, somewhere, in either table."""
        known = self.quantities.get(op)
        if known is None:
            rules = [rule for ledger in self.ledgers for rule in ledger.convention.rules.values()]
            own = [rule for rule in rules if rule.key.rpartition(".")[2] == op]
            split_up = [split(quantity) for rule in own for quantity, _ in rule.weights]
            known = frozenset(f"once_{base}" if "once_" in flags else base for flags, base in split_up)
            self.quantities[op] = known
        return known

    def of_class(self, kind: Kind, sums: Mapping[str, int]) -> dict[Entry, int]:
        op = kind.op
        rules = [ledger.rule(kind) for ledger in self.ledgers]
        first, second = ({} if rule is None else resolved(rule, kind) for rule in rules)
        block = next((block for rule in rules if rule and (block := block_of(rule, op))), "")
        found: dict[str, tuple[int, Any, Any]] = {}
        elements: dict[int, str] = {}
        for quantity in dict.fromkeys((*first, *second)):
            name = quantity
            if quantity in ELEMENTS:
                name = elements.setdefault(kind.alike[ELEMENTS.index(quantity)], quantity)
            _, before, after = found.get(name, (0, 0, 0))
            found[name] = amount_of(sums, quantity), before + first.get(quantity, 0), after + second.get(quantity, 0)
        for quantity in self.mentioned(op) - first.keys() - second.keys():
            found.setdefault(quantity, (amount_of(sums, quantity), 0, 0))  # both leave it out, here
        return {(block, op, name, (kind.called, *weights)): count for name, (count, *weights) in found.items() if count}
